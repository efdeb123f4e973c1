namespace Emulator.Ftl.Persistence;

/// <summary>What recovery does about a superblock.</summary>
public enum SuperblockDecision : byte
{
    /// <summary>Nothing in it counts; it is erased before it is used.</summary>
    Erased,

    /// <summary>It is as the checkpoint knows it.</summary>
    Unchanged,

    /// <summary>Something in it may be newer than the checkpoint: every spare area is read.</summary>
    Scanned,
}

/// <summary>What recovery does about a programmed page of a superblock that it scans.</summary>
public enum PageDecision : byte
{
    /// <summary>The slice of the map that its logical page is in was written later.</summary>
    Covered,

    /// <summary>It was not programmed to its end, or is damaged.</summary>
    Torn,

    /// <summary>It was durable and is damaged: what the logical page held is lost.</summary>
    Damaged,

    /// <summary>It only fills up a program operation.</summary>
    Padding,

    /// <summary>It was moved for a snapshot, which has it from a checkpoint or the journal.</summary>
    KeptCopy,

    /// <summary>A later page for the same logical page was found.</summary>
    Superseded,

    /// <summary>The logical page is here, as far as is known.</summary>
    Current,
}

/// <summary>The decisions of recovery, as tables (specs/media-format.md, "Decisions").</summary>
internal static class RecoveryTables
{
    /// <summary>Which checkpoint to start from, by what is in the slots.</summary>
    /// <param name="newer">The slot whose header has the higher generation.</param>
    public static RecoveryBase Base(SlotState newer, SlotState older) => (newer, older) switch
    {
        (SlotState.Complete, _) => RecoveryBase.Newest,
        (SlotState.Overwritten, SlotState.Complete) => RecoveryBase.Older,
        (SlotState.Overwritten, _) => RecoveryBase.None,
        (SlotState.Incomplete, _) => RecoveryBase.None,
        _ => RecoveryBase.None,
    };

    /// <summary>What to do about a superblock.</summary>
    /// <param name="record">As the checkpoint knows it.</param>
    /// <param name="firstSequence">Sequence of its first page now; 0 if that is not programmed.</param>
    /// <param name="hasGrown">Whether something is programmed behind the pages that the checkpoint knows.</param>
    /// <param name="beginSequence">When the checkpoint was begun.</param>
    public static SuperblockDecision Superblock(
        in SuperblockRecord record, ulong firstSequence, bool hasGrown, ulong beginSequence)
    {
        bool isProgrammed = firstSequence != 0;
        bool isSame = firstSequence == record.FirstSequence && !hasGrown;
        bool wasClosedBefore = record.LastSequence != 0 && record.LastSequence <= beginSequence;
        return (isProgrammed, isSame, wasClosedBefore) switch
        {
            (false, _, _) => SuperblockDecision.Erased,
            (true, true, true) => SuperblockDecision.Unchanged,
            (true, true, false) => SuperblockDecision.Scanned,
            (true, false, _) => SuperblockDecision.Scanned,
        };
    }

    /// <summary>What to do about a page that is later than its slice of the map.</summary>
    /// <param name="isWhole">Its checksum is right.</param>
    /// <param name="wasDurable">It was flushed.</param>
    /// <param name="isNewer">Its sequence is higher than that of the page which the map has.</param>
    public static PageDecision Page(bool isWhole, bool wasDurable, bool isPadding, bool isNewer) =>
        (isWhole, wasDurable, isPadding, isNewer) switch
        {
            (false, true, false, true) => PageDecision.Damaged,
            (false, _, _, _) => PageDecision.Torn,
            (true, _, true, _) => PageDecision.Padding,
            (true, _, false, false) => PageDecision.Superseded,
            (true, _, false, true) => PageDecision.Current,
        };
}
