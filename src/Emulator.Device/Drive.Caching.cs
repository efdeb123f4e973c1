using Emulator.Cache;
using Emulator.Core;

namespace Emulator.Device;

/// <summary>What the drive asks of its cache beyond reading and writing.</summary>
public sealed partial class Drive
{
    /// <summary>One part in so many of the lines may be ahead of a reader.</summary>
    private const int ReadAheadPart = 16;

    private const int LongestReadAheadPages = 128;

    private readonly SequentialDetector _sequential;
    private VmCaching[] _migrating = [];

    /// <summary>What the cache did.</summary>
    public ref readonly CacheCounters CacheCounters => ref _pages.Counters;

    internal PageCache Pages => _pages;

    /// <summary>The cache does for a VM what its settings say now.</summary>
    internal void FollowMigration(SimTime now, VmTarget target, bool wasHalted)
    {
        target.Caching.Follow(now, NamespacesOf(target.Vm), Namespaces.Limit, wasHalted);
        _migrating = [.. _controllers.Cachings.Where(caching => caching.IsActive)];
    }

    /// <summary>The VM that a host's reads of a namespace copy: one that it manages and that is a source. Null if there is none.</summary>
    internal VmCaching? FindCopied(Namespace ns, Controller reader)
    {
        foreach (VmCaching caching in _migrating)
        {
            if (ns.IsOf(caching.Vm) && reader.Manages(caching.Vm))
                return caching;
        }

        return null;
    }

    /// <summary>A host read what took time, or what was read ahead: more is read ahead of it if it reads in sequence.</summary>
    internal void ReadAheadOf(SimTime now, Controller reader, Namespace ns, BlockRange range, CacheHints hints)
    {
        (ulong first, int count) = ns.PagesOf(range);
        PagesAhead ahead = _sequential.Observe(((ulong)reader.Id << 32) | ns.Nsid, first, count);
        if (ahead.Count > 0)
            ns.Prefetch(now, ahead.First, ahead.Count, hints);
    }

    /// <summary>Namespaces of which a VM has at least one controller.</summary>
    internal IEnumerable<Namespace> NamespacesOf(Migration.VmMonitor vm) =>
        Namespaces.All.Where(ns => _controllers.SlotsOf(vm).Any(slot => ns.IsAttachedTo(slot.Id)));

    /// <summary>Reads into the cache what it held where a VM came from.</summary>
    internal CacheWarmUp WarmUp { get; } = new();

    /// <summary>A VM is not on its way here, or no longer: what prepared for its data goes.</summary>
    /// <param name="cacheToWarm">The state that tells what is to be in the cache now that it is here; null for nothing.</param>
    internal void EndArrival(SimTime now, Migration.VmMonitor vm, Migration.StateImage? cacheToWarm)
    {
        foreach (Namespace ns in NamespacesOf(vm))
            ns.Placement = null;
        if (cacheToWarm != null)
            WarmUp.Begin(now, NamespacesOf(vm), cacheToWarm);
    }

    /// <summary>The pages of namespaces that are in the cache, by their numbers in the namespace.</summary>
    internal IEnumerable<(Namespace Ns, SortedSet<ulong> Pages)> CachedPages(IReadOnlyList<Namespace> namespaces)
    {
        var places = new Dictionary<uint, (int Namespace, ulong FirstPage)>();
        var pages = new SortedSet<ulong>[namespaces.Count];
        for (int i = 0; i < pages.Length; i++)
        {
            pages[i] = [];
            ReadOnlySpan<uint> segments = namespaces[i].Map.Segments;
            for (int segment = 0; segment < segments.Length; segment++)
                places[segments[segment]] = (i, (ulong)segment << NamespaceMap.SegmentShift);
        }

        var cached = new List<Ftl.LogicalPage>();
        _pages.ListPages(cached);
        foreach (Ftl.LogicalPage page in cached)
        {
            if (places.TryGetValue(page.Value >> NamespaceMap.SegmentShift, out (int Namespace, ulong FirstPage) place))
                pages[place.Namespace].Add(place.FirstPage + (page.Value & ((1u << NamespaceMap.SegmentShift) - 1)));
        }

        return namespaces.Zip(pages);
    }
}
