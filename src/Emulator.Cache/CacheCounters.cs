namespace Emulator.Cache;

/// <summary>What the cache did, in pages of 4 KiB unless the name says otherwise.</summary>
public struct CacheCounters
{
    /// <summary>Reads of a page, whole or in part, that a line served.</summary>
    public long ReadHits;

    /// <summary>Reads of a page, whole or in part, that the store served.</summary>
    public long ReadMisses;

    /// <summary>Writes of a page, whole or in part, that went to DRAM.</summary>
    public long WritesBuffered;

    /// <summary>Of <see cref="WritesBuffered"/>, those over data that was not programmed yet and never will be.</summary>
    public long WritesCoalesced;

    /// <summary>Of <see cref="WritesBuffered"/>, those that had to wait until a line was programmed.</summary>
    public long WritesDelayed;

    /// <summary>Writes that went to the store before they were acknowledged.</summary>
    public long WritesThrough;

    public long PagesDestaged;

    /// <summary>Attempts to program lines that the store refused; the lines are still there.</summary>
    public long DestagesFailed;

    /// <summary>Clean lines that made room.</summary>
    public long Evictions;

    public long PagesPrefetched;

    /// <summary>Prefetched pages that were read, each counted once.</summary>
    public long PrefetchesUsed;

    public readonly double ReadHitRatio =>
        ReadHits + ReadMisses == 0 ? 0 : (double)ReadHits / (ReadHits + ReadMisses);
}

/// <summary>What the cache holds for one owner and did for it, in pages of 4 KiB.</summary>
public struct OwnerCounters
{
    /// <summary>Lines that are the owner's.</summary>
    public long Lines;

    /// <summary>Of <see cref="Lines"/>, those not yet in the store.</summary>
    public long DirtyLines;

    /// <summary>Of <see cref="Lines"/>, those to be kept until they are read, in the store or not.</summary>
    public long RetainedLines;

    /// <summary>Retained lines that were read by the one for whom they were retained.</summary>
    public long RetainedRead;

    /// <summary>Retained lines that were given up unread, for the bound on retention.</summary>
    public long RetainedDropped;

    public long PagesPrefetched;

    /// <summary>Prefetched pages that were read, each counted once.</summary>
    public long PrefetchesUsed;

    /// <summary>Reads of the owner's pages that a line served.</summary>
    public long ReadHits;

    /// <summary>Reads of the owner's pages that the store served.</summary>
    public long ReadMisses;
}
