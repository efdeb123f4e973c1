using Emulator.Core;
using Emulator.Wire;

namespace Emulator.Device;

/// <summary>The timestamp of the drive (Base 2.1, 5.1.25.1.7): what a host set, and counting on through every reset.</summary>
public sealed class DriveClock
{
    private const ulong Modulus = 1UL << 48;
    private const byte SetByHost = 1 << 1;

    private ulong _base;
    private SimTime _setAt;
    private byte _attributes;

    /// <summary>A host has set it.</summary>
    public bool IsSet => _attributes != 0;

    public void Set(SimTime now, ulong milliseconds)
    {
        _base = milliseconds;
        _setAt = now;
        _attributes = SetByHost;
    }

    /// <summary>Before a host has set it the milliseconds since power-on.</summary>
    public Timestamp At(SimTime now) => new()
    {
        Milliseconds = (_base + (ulong)(now - _setAt).Milliseconds) % Modulus,
        Tstmps = _attributes,
    };
}
