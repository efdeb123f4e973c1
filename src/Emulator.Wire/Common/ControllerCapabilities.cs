namespace Emulator.Wire;

/// <summary>Controller Capabilities, CAP (Base 2.1, 3.1.4.1).</summary>
public readonly record struct ControllerCapabilities(ulong Value)
{
    /// <summary>Maximum queue entries supported, zero-based.</summary>
    public ushort Mqes { get => (ushort)Get(0, 16); init => Value = Set(0, 16, value); }

    /// <summary>I/O queues must be physically contiguous; always 1 over Fabrics.</summary>
    public bool Cqr { get => Get(16, 1) != 0; init => Value = Set(16, 1, value); }

    /// <summary>Arbitration mechanisms beside round robin.</summary>
    public byte Ams { get => (byte)Get(17, 2); init => Value = Set(17, 2, value); }

    /// <summary>Longest time to become ready, in units of 500 ms.</summary>
    public byte To { get => (byte)Get(24, 8); init => Value = Set(24, 8, value); }

    public byte Dstrd { get => (byte)Get(32, 4); init => Value = Set(32, 4, value); }

    /// <summary>NVM Subsystem Reset is supported.</summary>
    public bool Nssrs { get => Get(36, 1) != 0; init => Value = Set(36, 1, value); }

    /// <summary>Command sets: bit 0 NVM, bit 6 one or more selected by CC.CSS 110b, bit 7 admin only.</summary>
    public byte Css { get => (byte)Get(37, 8); init => Value = Set(37, 8, value); }

    public bool Bps { get => Get(45, 1) != 0; init => Value = Set(45, 1, value); }

    /// <summary>Controller power scope.</summary>
    public byte Cps { get => (byte)Get(46, 2); init => Value = Set(46, 2, value); }

    /// <summary>Smallest memory page is 2^(12 + Mpsmin) bytes.</summary>
    public byte Mpsmin { get => (byte)Get(48, 4); init => Value = Set(48, 4, value); }

    /// <summary>Largest memory page is 2^(12 + Mpsmax) bytes.</summary>
    public byte Mpsmax { get => (byte)Get(52, 4); init => Value = Set(52, 4, value); }

    public bool Pmrs { get => Get(56, 1) != 0; init => Value = Set(56, 1, value); }

    public bool Cmbs { get => Get(57, 1) != 0; init => Value = Set(57, 1, value); }

    /// <summary>NVM Subsystem Shutdown is supported.</summary>
    public bool Nsss { get => Get(58, 1) != 0; init => Value = Set(58, 1, value); }

    /// <summary>Controller Ready Modes: bit 0 with media, bit 1 independent of media.</summary>
    public byte Crms { get => (byte)Get(59, 2); init => Value = Set(59, 2, value); }

    public bool Nsses { get => Get(61, 1) != 0; init => Value = Set(61, 1, value); }

    private ulong Get(int shift, int width) => (Value >> shift) & ((1UL << width) - 1);

    private ulong Set(int shift, int width, bool value) => Set(shift, width, value ? 1UL : 0);

    private ulong Set(int shift, int width, ulong value)
    {
        ulong mask = ((1UL << width) - 1) << shift;
        return (Value & ~mask) | ((value << shift) & mask);
    }
}
