using Emulator.Cache;

namespace Emulator.Host.Serving;

/// <summary>What the cache of a drive did, in pages of 4 KiB.</summary>
internal sealed record CacheSummary
{
    public required long ReadHits { get; init; }

    public required long ReadMisses { get; init; }

    public required long WritesBuffered { get; init; }

    public required long WritesCoalesced { get; init; }

    public required long WritesDelayed { get; init; }

    public required long WritesThrough { get; init; }

    public required long Destaged { get; init; }

    public required long Prefetched { get; init; }

    public required long PrefetchesUsed { get; init; }

    public static CacheSummary Of(in CacheCounters counters) => new()
    {
        ReadHits = counters.ReadHits,
        ReadMisses = counters.ReadMisses,
        WritesBuffered = counters.WritesBuffered,
        WritesCoalesced = counters.WritesCoalesced,
        WritesDelayed = counters.WritesDelayed,
        WritesThrough = counters.WritesThrough,
        Destaged = counters.PagesDestaged,
        Prefetched = counters.PagesPrefetched,
        PrefetchesUsed = counters.PrefetchesUsed,
    };
}
