using Emulator.Core;

namespace Emulator.Migration;

/// <summary>
/// Low redundancy: every write goes to the destination. What the VM wrote in the region to be copied need not be copied
/// any more, so the bitmap of such writes and the region are one set: a block is read at the source exactly as long as it
/// is to be copied.
/// </summary>
internal sealed class LowRedundancy(TwoLevelBitmap toCopy) : SchemePolicy(toCopy)
{
    public override bool DefersReads => true;

    public override bool LogsUpdates => true;

    public override Sides Read(ulong lba) => ToCopy[(long)lba] ? Sides.Source : Sides.Destination;

    public override Sides Write(ulong lba) => Sides.Destination;

    public override long Writing(ulong startLba, uint blocks, Sides sides) => ToCopy.Clear((long)startLba, blocks);
}
