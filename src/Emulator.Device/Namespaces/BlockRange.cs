namespace Emulator.Device;

/// <summary>A run of logical blocks that is known to lie within its namespace.</summary>
/// <param name="Start">First logical block.</param>
/// <param name="Count">Logical blocks, 1-based.</param>
public readonly record struct BlockRange(ulong Start, ulong Count)
{
    public ulong End => Start + Count;

    public bool Overlaps(BlockRange other) => Start < other.End && other.Start < End;
}
