using Emulator.Core;

namespace Emulator.Migration;

/// <summary>Where a command goes.</summary>
[Flags]
internal enum Sides : byte
{
    Source = 1,
    Destination = 2,
    Both = Source | Destination,
}

/// <summary>
/// What makes a scheme: where requests go, block by block, what is remembered of them, and when the copy is through. It
/// issues nothing itself.
/// </summary>
/// <param name="toCopy">
/// A bit for each block that is to be copied. The copy takes blocks out of it when it begins with them, so what is not in
/// it was copied, is being copied, or need not be.
/// </param>
internal abstract class SchemePolicy(TwoLevelBitmap toCopy) : IDisposable
{
    protected TwoLevelBitmap ToCopy { get; } = toCopy;

    /// <summary>
    /// Writes wait for blocks that are being copied, and no two requests for one block are under way of which one writes:
    /// otherwise two devices could see them in different orders, or one of them miss what went to the other.
    /// </summary>
    public virtual bool IsOrdered => true;

    /// <summary>Reads wait for blocks that are being copied, too.</summary>
    public virtual bool DefersReads => false;

    /// <summary>A write to both sides is complete when one of them has it.</summary>
    public virtual bool CompletesOnFirst => false;

    /// <summary>The destination has newest data that the source has not.</summary>
    public virtual bool LogsUpdates => false;

    /// <summary>Blocks that were written since they were copied, and are to be copied again.</summary>
    public virtual long BlocksDirty => 0;

    /// <summary>This pass, which is not the first, will leave about as much as it began with.</summary>
    public virtual bool FallsBehind => false;

    /// <summary>The VM is or was paused for little, not because it would never be for less.</summary>
    public virtual bool HasConverged => true;

    /// <summary>Where flushes go.</summary>
    public virtual Sides Flush => Sides.Both;

    public abstract Sides Read(ulong lba);

    public abstract Sides Write(ulong lba);

    /// <summary>Whether <see cref="Written"/> wants to know of the writes that are issued now.</summary>
    public virtual bool NotesWritten => false;

    /// <summary>Blocks are about to be written, to where <see cref="Write"/> said.</summary>
    /// <returns>How many of them need not be copied any more.</returns>
    public virtual long Writing(ulong startLba, uint blocks, Sides sides) => 0;

    /// <summary>The source has a write.</summary>
    public virtual void Written(ulong startLba, uint blocks)
    {
    }

    /// <summary>Everything that was to be copied has been.</summary>
    /// <param name="isPaused">The VM issues nothing any more, and nothing is outstanding.</param>
    public virtual PassResult EndPass(bool isPaused) => PassResult.Converged;

    public virtual void Dispose()
    {
    }
}

internal enum PassResult : byte
{
    /// <summary>There is more to copy now.</summary>
    GoOn,

    /// <summary>It is time to pause the VM or, if it is, everything is done.</summary>
    Converged,

    GiveUp,
}
