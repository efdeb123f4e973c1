using Emulator.Wire;

namespace Emulator.Device;

/// <summary>The Fault command, opcode CCh, as its dwords say; no data is transferred.</summary>
/// <param name="Action">CDW10 7:0.</param>
/// <param name="Kind">CDW10 15:8.</param>
/// <param name="Count">CDW10 31:16: operations that fail, 0 for all until it is cleared.</param>
/// <param name="Place">CDW12:CDW11: the first logical block, or the die, all ones for any.</param>
/// <param name="Value">CDW13: logical blocks; a percentage for a slow die; microseconds until a power cut.</param>
public readonly record struct FaultCommand(FaultAction Action, FaultKind Kind, ushort Count, ulong Place, uint Value)
{
    /// <summary><see cref="Place"/> for whichever die comes next.</summary>
    public const uint AnyDie = uint.MaxValue;

    public static FaultCommand From(in SubmissionEntry entry) => new(
        (FaultAction)(byte)entry.Cdw10,
        (FaultKind)(byte)(entry.Cdw10 >> 8),
        (ushort)(entry.Cdw10 >> 16),
        entry.Cdw11 | ((ulong)entry.Cdw12 << 32),
        entry.Cdw13);
}
