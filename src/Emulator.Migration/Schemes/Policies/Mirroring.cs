using Emulator.Core;

namespace Emulator.Migration;

/// <summary>
/// I/O mirroring: writes to the copied region go to both sides, others to the source, reads to the source. A write that
/// needs both is complete when both have it or, asynchronously, when one has it.
/// </summary>
internal sealed class Mirroring(TwoLevelBitmap toCopy, bool isAsynchronous) : SchemePolicy(toCopy)
{
    public override bool CompletesOnFirst => isAsynchronous;

    public override Sides Read(ulong lba) => Sides.Source;

    public override Sides Write(ulong lba) => ToCopy[(long)lba] ? Sides.Source : Sides.Both;
}
