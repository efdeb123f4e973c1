namespace Emulator.Wire;

// Path related statuses (Base 2.1, 4.2.3.4).
public readonly partial record struct Status
{
    public static readonly Status InternalPathError = Path(0x00, "Internal Path Error");
    public static readonly Status AsymmetricAccessPersistentLoss = Path(0x01, "Asymmetric Access Persistent Loss");
    public static readonly Status AsymmetricAccessInaccessible = Path(0x02, "Asymmetric Access Inaccessible");
    public static readonly Status AsymmetricAccessTransition = Path(0x03, "Asymmetric Access Transition");
    public static readonly Status ControllerPathingError = Path(0x60, "Controller Pathing Error");
    public static readonly Status HostPathingError = Path(0x70, "Host Pathing Error");
    public static readonly Status CommandAbortedByHost = Path(0x71, "Command Aborted By Host");

    private static Status Path(byte code, string name) => Define(StatusCodeType.Path, code, name);
}
