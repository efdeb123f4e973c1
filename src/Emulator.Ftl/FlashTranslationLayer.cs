using Emulator.Core;
using Emulator.Flash;
using Emulator.Ftl.Persistence;
using Emulator.Ftl.Snapshots;
using Emulator.Ftl.Superblocks;

namespace Emulator.Ftl;

/// <summary>
/// Logical to physical: a page-mapped translation layer with out-of-place writes.
/// <para>
/// Invariants: a logical page maps to at most one physical page; the spare area of that page names the logical page; a
/// physical page is marked valid when a logical page maps to it or a snapshot keeps it, never both, and the valid count of
/// a superblock is the number of its valid pages. A superblock is free, open, closed, being emptied, with a medium
/// that persists emptied until it may be erased, or retired.
/// </para>
/// <para>
/// Split by what is done: the map, frontiers (where is written next), room (how much work a write has to do for the
/// room that it takes), evacuation (emptying a superblock), errands (what is emptied for another reason than room),
/// failures, idle time, maintenance, snapshots; and what is kept for a later translation layer: persistence and recovery.
/// </para>
/// </summary>
public sealed unsafe partial class FlashTranslationLayer : IStoredPageStore, ISnapshotStore
{
    private readonly FlashArray _flash;
    private readonly FtlOptions _options;
    private readonly int _pagesPerSuperblock;
    private readonly int _programPages;
    private ulong _sequence;
    private FtlCounters _counters;

    /// <param name="flash">The flash: erased, or with what a medium that persists has kept.</param>
    /// <param name="logicalPages">Pages offered upwards; what the medium has beyond them is over-provisioning.</param>
    /// <param name="persistence">How to use a medium that persists, which is formatted.</param>
    /// <param name="options">How it works; null for the defaults.</param>
    /// <exception cref="MediumException">The medium is damaged, or is that of another drive.</exception>
    public FlashTranslationLayer(
        FlashArray flash, long logicalPages, PersistenceOptions? persistence = null, FtlOptions? options = null)
    {
        Check.That(logicalPages > 0 && logicalPages <= MostLogicalPages(flash.Geometry));
        _flash = flash;
        _options = options ?? new FtlOptions();
        Check.That(_options.Problem() == null);
        FlashGeometry geometry = flash.Geometry;
        _pagesPerSuperblock = geometry.PagesPerSuperblock;
        _programPages = geometry.ProgramPages;
        _bySuperblock = new Divisor((uint)_pagesPerSuperblock);
        LogicalPageCount = logicalPages;
        _map = new NativeMemoryBlock(logicalPages * sizeof(uint));
        _entries = (uint*)_map.Pointer;
        new Span<uint>(_entries, (int)logicalPages).Fill(PhysicalPage.None.Value);
        _mapped = new TwoLevelBitmap(logicalPages);
        _validMap = new NativeMemoryBlock((geometry.PageCount / BitsPerWord * sizeof(ulong)) + sizeof(ulong));
        _valid = (ulong*)_validMap.Pointer;
        _superblocks = new SuperblockTable(geometry.BlocksPerPlane, _pagesPerSuperblock);
        _frontiers = new Frontier[_options.HostFrontiers + _options.CollectorFrontiers + 1];
        _errandKinds = new Errand[geometry.BlocksPerPlane];
        _errands = new int[geometry.BlocksPerPlane];
        _snapshots = new SnapshotTable(logicalPages, MostSnapshotBlocks(persistence));
        _heat = _options.SeparatesHotAndCold ? new HeatMap(logicalPages) : null;
        if (_options.MappingCacheBytes > 0)
        {
            _mappingCache = new MappingCache(
                logicalPages,
                _options.MappingCacheBytes,
                _options.MappingCacheUnit,
                geometry.DieCount,
                flash.Physics?.Timing);
        }

        if (flash.Medium.Persists)
        {
            _durable = Mount(persistence ?? new PersistenceOptions());
            RestoreRoom();
        }
        else
        {
            RebuildSuperblocks();
        }
    }

    public long LogicalPageCount { get; }

    /// <inheritdoc/>
    public int ProgramPages => _programPages;

    public ref readonly FtlCounters Counters => ref _counters;

    /// <summary>How worn the superblocks are; looks at each.</summary>
    public EraseDistribution Wear(int parts = 16)
    {
        int[] counts = new int[_superblocks.Count];
        for (int i = 0; i < counts.Length; i++)
            counts[i] = _flash.EraseCount(i);
        return EraseDistribution.Of(counts, parts);
    }

    public int FreeSuperblocks => _superblocks.Free.Count;

    /// <inheritdoc/>
    public MediumResult Read(SimTime now, LogicalPage page, int offset, Span<byte> destination)
    {
        uint physical = MapEntry(page);
        now = LookUp(now, page, changes: false);
        if (physical >= PhysicalPage.Lost.Value)
        {
            destination.Clear();
            return physical == PhysicalPage.None.Value
                ? MediumResult.Success(now)
                : new MediumResult(now, MediumStatus.Uncorrectable);
        }

        if (_durable != null && !IsReadableAsItIs(new PhysicalPage(physical)))
            return new MediumResult(now, MediumStatus.Uncorrectable);
        MediumResult result = _flash.Read(now, new PhysicalPage(physical), offset, destination);
        HostWasHere(result.Done);
        if (_flash.Physics is { } physics)
            RefreshWeak(physics);
        return result;
    }

    /// <inheritdoc/>
    public MediumResult Write(SimTime now, LogicalPage page, WriteStream stream, ReadOnlySpan<byte> data) =>
        Program(now, page, stream, data, StoredForm.Plain, parity: []);

    /// <inheritdoc/>
    public SimTime Trim(SimTime now, LogicalPage page)
    {
        ref uint entry = ref MapEntry(page);
        now = LookUp(now, page, changes: entry != PhysicalPage.None.Value);
        if (entry == PhysicalPage.None.Value)
            return now;
        uint before = entry;
        entry = PhysicalPage.None.Value;
        _mapped.Clear(page.Value, 1);
        if (_hasSnapshots)
            Replaced(now, page, before);
        else
            Invalidate(before);
        _counters.PagesTrimmed++;
        if (_durable != null)
            RecordTrim(now, page);
        return now;
    }

    /// <inheritdoc/>
    public MediumResult Commit(SimTime now)
    {
        MediumResult result = MediumResult.Success(now);
        if (_programPages == 1)
            return result;
        for (int i = 0; i < _frontiers.Length; i++)
            result = result.And(PadProgram(now, i));
        return result;
    }

    /// <inheritdoc/>
    public MediumResult Flush(SimTime now) => _durable == null ? Commit(now) : MakeDurable(now);

    public void Dispose()
    {
        _snapshots.Dispose();
        _map.Dispose();
        _mapped.Dispose();
        _validMap.Dispose();
    }

    private MediumResult Program(
        SimTime now,
        LogicalPage page,
        WriteStream stream,
        ReadOnlySpan<byte> data,
        StoredForm form,
        ReadOnlySpan<byte> parity)
    {
        Check.That(data.Length == FlashGeometry.PageBytes && page.Value < LogicalPageCount);
        if (IsReadOnly || (_durable != null && !EraseEmptied(now)))
            return new MediumResult(now, MediumStatus.WriteFault);
        if (_hasSnapshots && !TryAdmit(page, ref form))
            return new MediumResult(now, MediumStatus.NoRoom);
        now = LookUp(now, page, changes: true);
        WorkForWrite(now);
        int owner = OwnerOf(stream, page);
        PhysicalPage target = NextPage(now, owner);
        if (target == PhysicalPage.None)
            return new MediumResult(now, MediumStatus.WriteFault);
        MediumResult result = _flash.Program(now, target, data, NextSpare(page, form, data, parity));
        if (!result.IsSuccess)
            result = ProgramElsewhere(result.Done, page, owner, ref target, data, form, parity);
        if (!result.IsSuccess)
            return result;
        if (!parity.IsEmpty)
            _flash.ProgramParity(target, parity);
        Remap(now, page, target);
        _counters.HostPagesWritten++;
        HostWasHere(result.Done);
        _durable?.Programmed(now, SimTime.Max(result.Done, _movesDone));
        return result;
    }
}
