using Emulator.Cache;
using Emulator.Core;
using Emulator.Flash;
using Emulator.Migration;
using Emulator.Wire;

namespace Emulator.Device;

/// <summary>
/// What the cache does for a VM while it is the source of a migration: what it writes is retained until a manager has read
/// it, its lines outlast those of others, and what the manager reads next is prefetched. Each can be turned off with
/// feature D0h. The cache knows owners, hints and pages; what they are for is known here.
/// </summary>
internal sealed class VmCaching(PageCache pages, VmMonitor vm)
{
    private const byte Nobody = 0;

    private readonly MigrationReadAhead _readAhead = new(pages, vm);
    private byte _owner;
    private OwnerCounters _last;
    private ulong _readsFromPrefetched;

    /// <summary>The VM is a source, and the cache has an owner for it.</summary>
    public bool IsActive => _owner != Nobody;

    public VmMonitor Vm => vm;

    /// <summary>For what the VM itself writes; nothing unless it is active.</summary>
    public CacheHints WriteHints { get; private set; }

    /// <summary>For what the VM itself reads; nothing unless it is active.</summary>
    public CacheHints ReadHints { get; private set; }

    /// <summary>For what a manager reads of the VM's namespaces.</summary>
    public CacheHints ManagerHints => new(_owner, CacheHint.Release);

    /// <summary>For what is prefetched for the migration; nobody's where that is turned off.</summary>
    public CacheHints PrefetchHints => Prefetches ? new CacheHints(_owner, CacheHint.None) : default;

    private bool Prefetches => IsActive && (vm.Settings & VmMigrationFlags.NoPrefetch) == 0;

    private OwnerCounters Counters => IsActive ? pages.CountersOf(_owner) : _last;

    /// <summary>The VM's settings changed.</summary>
    /// <param name="namespaces">Those that the VM has.</param>
    /// <param name="mostNamespaces">The largest NSID there can be.</param>
    public void Follow(SimTime now, IEnumerable<Namespace> namespaces, int mostNamespaces, bool wasHalted)
    {
        if (vm.IsSource && !IsActive)
            Start(mostNamespaces);
        else if (!vm.IsSource && IsActive)
            Stop();
        if (!IsActive)
            return;

        CacheHint retain = (vm.Settings & VmMigrationFlags.NoRetention) == 0 ? CacheHint.Retain : CacheHint.None;
        CacheHint favour = (vm.Settings & VmMigrationFlags.NoPriority) == 0 ? CacheHint.Favour : CacheHint.None;
        WriteHints = new CacheHints(_owner, retain | favour);
        ReadHints = new CacheHints(_owner, favour);
        if (retain == CacheHint.None)
            pages.ReleaseAll(_owner);
        if (Prefetches && vm.IsHalted && !wasHalted)
            _readAhead.BeginCopyOfDirty(now, namespaces, PrefetchHints);
    }

    /// <summary>A manager read blocks of the VM.</summary>
    /// <param name="isFromPrefetched">Some of them had been prefetched.</param>
    public void HasRead(SimTime now, Namespace ns, BlockRange range, bool isFromPrefetched)
    {
        if (!Prefetches)
            return;
        if (isFromPrefetched)
            _readsFromPrefetched++;
        _readAhead.HasRead(now, ns, range, PrefetchHints);
    }

    /// <summary>The part of log page D0h that is about the cache; after the migration that of the last one.</summary>
    public void Describe(ref VmMigrationStatus status)
    {
        OwnerCounters counters = Counters;
        status.GranulesPrefetched = (ulong)(counters.PagesPrefetched * FlashGeometry.PageBytes) >> vm.GranuleShift;
        status.ReadsPrefetched = _readsFromPrefetched;
        status.BytesRetained = Bytes(counters.RetainedLines);
        status.BytesRetainable = Bytes(pages.MostRetainedLines);
        status.BytesCached = Bytes(counters.Lines);
        status.BytesDirty = Bytes(counters.DirtyLines);
        status.PagesHit = (ulong)counters.ReadHits;
        status.PagesMissed = (ulong)counters.ReadMisses;
        status.RetainedPagesRead = (ulong)counters.RetainedRead;
        status.RetainedPagesDropped = (ulong)counters.RetainedDropped;
        status.CacheBytes = Bytes(pages.Options.Lines);
    }

    private static ulong Bytes(long lines) => (ulong)lines * FlashGeometry.PageBytes;

    private void Start(int mostNamespaces)
    {
        _owner = pages.AddOwner();
        _readsFromPrefetched = 0;
        _readAhead.Start(mostNamespaces);
    }

    private void Stop()
    {
        _last = pages.CountersOf(_owner);
        pages.RemoveOwner(_owner);
        _last.Lines = _last.DirtyLines = _last.RetainedLines = 0;
        _owner = Nobody;
        WriteHints = ReadHints = default;
    }
}
