using Emulator.Wire;

namespace Emulator.Tcp;

/// <summary>Which way the data of a command goes: bits 1:0 of the opcode, or of FCTYPE (Base 2.1, 3.1.3.4 and 6).</summary>
public enum DataDirection : byte
{
    None = 0,
    ToController = 1,
    FromController = 2,
}

public static class DataDirections
{
    /// <summary>The direction that the opcode of a command encodes.</summary>
    public static DataDirection Of(in SubmissionEntry entry)
    {
        uint code = entry.Opcode == (byte)AdminOpcode.Fabrics ? (byte)entry.Nsid : (uint)entry.Opcode;
        return (DataDirection)(code & 3);
    }
}
