using Emulator.Core;

namespace Emulator.Migration;

/// <summary>
/// Source-based low redundancy: as many requests as possible go to the source. Writes to the copied region go to the
/// destination and are noted in a bitmap, and reads of what it notes follow them.
/// </summary>
internal sealed class SourceLowRedundancy(TwoLevelBitmap toCopy) : SchemePolicy(toCopy)
{
    private readonly TwoLevelBitmap _updated = new(toCopy.Length);

    public override bool DefersReads => true;

    public override bool LogsUpdates => true;

    public override Sides Read(ulong lba) => _updated[(long)lba] ? Sides.Destination : Sides.Source;

    public override Sides Write(ulong lba) => ToCopy[(long)lba] ? Sides.Source : Sides.Destination;

    public override long Writing(ulong startLba, uint blocks, Sides sides)
    {
        if (sides == Sides.Destination)
            _updated.Set((long)startLba, blocks);
        return 0;
    }

    public override void Dispose()
    {
        _updated.Dispose();
        base.Dispose();
    }
}
