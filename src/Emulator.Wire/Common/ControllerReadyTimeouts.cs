namespace Emulator.Wire;

/// <summary>Controller Ready Timeouts, CRTO (Base 2.1, 3.1.4.23), both in units of 500 ms.</summary>
public readonly record struct ControllerReadyTimeouts(ushort Crwmt, ushort Crimt)
{
    public uint Value => ((uint)Crimt << 16) | Crwmt;
}
