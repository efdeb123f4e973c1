namespace Emulator.Migration;

/// <summary>A namespace that a copy loop copies, and what of it.</summary>
internal sealed class CopySet(ICopySource source, int granuleShift) : CopyMap(source.BlockShift, source.BlockCount, granuleShift)
{
    public ICopySource Source { get; } = source;
}
