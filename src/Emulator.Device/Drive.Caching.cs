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
    internal void FollowMigration(SimTime now, ControllerSlot target, bool wasHalted)
    {
        target.Caching.Follow(now, NamespacesOf(target.Vm), Namespaces.Limit, wasHalted);
        _migrating = [.. _controllers.Slots.Select(slot => slot.Caching).Where(caching => caching.IsActive).Distinct()];
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
}
