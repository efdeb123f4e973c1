using Emulator.Core;

namespace Emulator.Migration;

/// <summary>All requests go to one side: the reference runs, and what is left when a migration has failed.</summary>
/// <param name="isOrdered">Writes of an earlier policy may still be under way.</param>
internal sealed class OneSide(TwoLevelBitmap toCopy, Sides side, bool isOrdered) : SchemePolicy(toCopy)
{
    public override bool IsOrdered => isOrdered;

    public override Sides Flush => side;

    public override Sides Read(ulong lba) => side;

    public override Sides Write(ulong lba) => side;
}
