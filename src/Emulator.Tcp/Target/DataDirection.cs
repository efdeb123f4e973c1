using Emulator.Wire;

namespace Emulator.Tcp;

/// <summary>Bits 1:0 of an opcode, or of the type of a Fabrics command (Base 2.1, 3.3.3.1).</summary>
internal enum DataDirection
{
    None = 0,
    HostToController = 1,
    ControllerToHost = 2,
    Bidirectional = 3,
}

internal static class DataDirections
{
    /// <summary>A Fabrics command has its type where others have the lowest byte of the NSID.</summary>
    public static DataDirection Of(in SubmissionEntry entry) =>
        (DataDirection)((entry.Opcode == (byte)AdminOpcode.Fabrics ? entry.Nsid : entry.Opcode) & 3);
}
