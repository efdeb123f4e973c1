namespace Emulator.Wire;

/// <summary>Controller Configuration, CC (Base 2.1, 3.1.4.5).</summary>
public readonly record struct ControllerConfiguration(uint Value)
{
    /// <summary>Bits 3:1 and 31:25.</summary>
    public const uint ReservedMask = 0xFE00_000E;

    public bool En { get => Get(0, 1) != 0; init => Value = Set(0, 1, value ? 1u : 0); }

    /// <summary>Command set selected: 000b NVM, 110b all that Identify CNS 1Ch names, 111b admin only.</summary>
    public byte Css { get => (byte)Get(4, 3); init => Value = Set(4, 3, value); }

    /// <summary>Memory page size is 2^(12 + Mps) bytes.</summary>
    public byte Mps { get => (byte)Get(7, 4); init => Value = Set(7, 4, value); }

    public byte Ams { get => (byte)Get(11, 3); init => Value = Set(11, 3, value); }

    public ShutdownNotification Shn
    {
        get => (ShutdownNotification)Get(14, 2);
        init => Value = Set(14, 2, (uint)value);
    }

    /// <summary>Base-two logarithm of the submission queue entry size.</summary>
    public byte Iosqes { get => (byte)Get(16, 4); init => Value = Set(16, 4, value); }

    /// <summary>Base-two logarithm of the completion queue entry size.</summary>
    public byte Iocqes { get => (byte)Get(20, 4); init => Value = Set(20, 4, value); }

    /// <summary>Become ready independent of media.</summary>
    public bool Crime { get => Get(24, 1) != 0; init => Value = Set(24, 1, value ? 1u : 0); }

    private uint Get(int shift, int width) => (Value >> shift) & ((1u << width) - 1);

    private uint Set(int shift, int width, uint value)
    {
        uint mask = ((1u << width) - 1) << shift;
        return (Value & ~mask) | ((value << shift) & mask);
    }
}

/// <summary>CC.SHN (Base 2.1, 3.1.4.5).</summary>
public enum ShutdownNotification : byte
{
    None = 0,
    Normal = 1,
    Abrupt = 2,
}
