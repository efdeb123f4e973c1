namespace Emulator.Ftl;

/// <summary>What the translation layer did, in pages of 4 KiB unless the name says otherwise.</summary>
public struct FtlCounters
{
    public long HostPagesWritten;

    /// <summary>Of those, what hot and cold separation took for cold.</summary>
    public long ColdPagesWritten;

    /// <summary>Pages moved to make room.</summary>
    public long PagesCollected;

    /// <summary>Pages moved by static wear levelling.</summary>
    public long PagesLevelled;

    /// <summary>Pages moved because they, or others of their superblock, were read with many errors.</summary>
    public long PagesRefreshed;

    /// <summary>Pages moved out of superblocks in which a program failed.</summary>
    public long PagesRescued;

    /// <summary>Pages that were copied because a snapshot was restored.</summary>
    public long PagesRestored;

    /// <summary>Of the moved pages, those that idle time was used for.</summary>
    public long PagesMovedIdle;

    /// <summary>Pages that only filled up a program operation.</summary>
    public long PagesPadded;

    public long PagesTrimmed;

    /// <summary>Pages that could not be read when they were to be moved.</summary>
    public long PagesLost;

    public long SuperblocksErased;

    public long SuperblocksRetired;

    /// <summary>Program operations and erases that failed.</summary>
    public long ProgramFailures;

    public long EraseFailures;

    /// <summary>Look-ups in the map that found its page in DRAM, and that had to read it first.</summary>
    public long MappingHits;

    public long MappingMisses;

    /// <summary>Pages of the map that gave way to others, and that were programmed because they had been changed.</summary>
    public long MappingEvictions;

    public long MappingPrograms;

    /// <summary>Times that a stream had to take part in the superblock of another.</summary>
    public long FrontiersShared;

    /// <summary>Host writes that had to wait until a superblock was emptied, because the room for them was not there.</summary>
    public long Stalls;

    /// <summary>The most pages that were moved in the course of one host write.</summary>
    public int MostMovesInWrite;

    public readonly long PagesMoved => PagesCollected + PagesLevelled + PagesRefreshed + PagesRescued;

    /// <summary>Pages programmed for each page that the host wrote; 0 before the first write.</summary>
    public readonly double WriteAmplification =>
        HostPagesWritten == 0 ? 0 : (double)(HostPagesWritten + PagesMoved + PagesRestored + PagesPadded) / HostPagesWritten;

    internal void CountMove(MoveCause cause)
    {
        switch (cause)
        {
            case MoveCause.Collection:
                PagesCollected++;
                break;
            case MoveCause.WearLevelling:
                PagesLevelled++;
                break;
            case MoveCause.Refresh:
                PagesRefreshed++;
                break;
            default:
                PagesRescued++;
                break;
        }
    }
}
