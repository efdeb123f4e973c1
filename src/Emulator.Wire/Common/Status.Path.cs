namespace Emulator.Wire;

// Path status (Base 2.1, 4.2.3.4).
public readonly partial record struct Status
{
    public static readonly Status InternalPathError = Define(StatusCodeType.Path, 0x00, "Internal Path Error");
    public static readonly Status AsymmetricAccessPersistentLoss = Define(StatusCodeType.Path, 0x01, "Asymmetric Access Persistent Loss");
    public static readonly Status AsymmetricAccessInaccessible = Define(StatusCodeType.Path, 0x02, "Asymmetric Access Inaccessible");
    public static readonly Status AsymmetricAccessTransition = Define(StatusCodeType.Path, 0x03, "Asymmetric Access Transition");
    public static readonly Status ControllerPathingError = Define(StatusCodeType.Path, 0x60, "Controller Pathing Error");
    public static readonly Status HostPathingError = Define(StatusCodeType.Path, 0x70, "Host Pathing Error");
    public static readonly Status CommandAbortedByHost = Define(StatusCodeType.Path, 0x71, "Command Aborted By Host");
}
