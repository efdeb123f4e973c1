namespace Emulator.Wire;

/// <summary>Controller Status, CSTS (Base 2.1, 3.1.4.6).</summary>
public readonly record struct ControllerStatus(uint Value)
{
    public bool Rdy { get => Get(0, 1) != 0; init => Value = Set(0, 1, value ? 1u : 0); }

    /// <summary>Fatal: the controller may be unable to complete commands.</summary>
    public bool Cfs { get => Get(1, 1) != 0; init => Value = Set(1, 1, value ? 1u : 0); }

    public ShutdownStatus Shst { get => (ShutdownStatus)Get(2, 2); init => Value = Set(2, 2, (uint)value); }

    /// <summary>An NVM Subsystem Reset occurred; writing 1 clears it.</summary>
    public bool Nssro { get => Get(4, 1) != 0; init => Value = Set(4, 1, value ? 1u : 0); }

    /// <summary>Processing is paused.</summary>
    public bool Pp { get => Get(5, 1) != 0; init => Value = Set(5, 1, value ? 1u : 0); }

    /// <summary>Shutdown type: 0 controller, 1 subsystem.</summary>
    public bool St { get => Get(6, 1) != 0; init => Value = Set(6, 1, value ? 1u : 0); }

    private uint Get(int shift, int width) => (Value >> shift) & ((1u << width) - 1);

    private uint Set(int shift, int width, uint value)
    {
        uint mask = ((1u << width) - 1) << shift;
        return (Value & ~mask) | ((value << shift) & mask);
    }
}

/// <summary>CSTS.SHST (Base 2.1, 3.1.4.6).</summary>
public enum ShutdownStatus : byte
{
    Normal = 0,
    Occurring = 1,
    Complete = 2,
}
