using System.Runtime.CompilerServices;
using Emulator.Core;
using Emulator.Flash;
using Emulator.Ftl.Persistence;

namespace Emulator.Ftl;

/// <summary>
/// Logical to physical: a page-mapped translation layer with out-of-place writes.
/// <para>
/// Invariants: a logical page maps to at most one physical page; the spare area of that page names the logical page;
/// a superblock's valid count is the number of its pages that are mapped. A superblock is free, open (for host writes or
/// for moves), closed, or the victim that is being collected; with a medium that persists, emptied until it may be erased.
/// </para>
/// </summary>
public sealed unsafe partial class FlashTranslationLayer : IStoredPageStore
{
    private readonly FlashArray _flash;
    private readonly NativeMemoryBlock _map;
    private ulong _sequence;
    private FtlCounters _counters;

    /// <param name="flash">The flash: erased, or with what a medium that persists has kept.</param>
    /// <param name="logicalPages">Pages offered upwards; what the medium has beyond them is over-provisioning.</param>
    /// <param name="persistence">How to use a medium that persists, which is formatted.</param>
    /// <exception cref="MediumException">The medium is damaged, or is that of another drive.</exception>
    public FlashTranslationLayer(FlashArray flash, long logicalPages, PersistenceOptions? persistence = null)
    {
        Check.That(logicalPages > 0 && logicalPages <= MostLogicalPages(flash.Geometry));
        _flash = flash;
        LogicalPageCount = logicalPages;
        _map = new NativeMemoryBlock(logicalPages * sizeof(uint));
        new Span<uint>(_map.Pointer, (int)logicalPages).Fill(PhysicalPage.None.Value);
        _superblocks = new Superblock[flash.Geometry.BlocksPerPlane];
        _free = new Queue<int>(_superblocks.Length);
        if (flash.Medium.Persists)
        {
            _durable = Mount(persistence ?? new PersistenceOptions());
            RestoreRoom();
            return;
        }

        for (int i = 0; i < _superblocks.Length; i++)
            _free.Enqueue(i);
    }

    public long LogicalPageCount { get; }

    /// <inheritdoc/>
    public int ProgramPages => _flash.Geometry.ProgramPages;

    /// <inheritdoc/>
    public SimTime NextEvent => SimTime.Never;

    public ref readonly FtlCounters Counters => ref _counters;

    public int FreeSuperblocks => _free.Count;

    /// <summary>
    /// The most logical pages a medium can carry: two superblocks are always open and the collector needs room to move
    /// a victim's pages and to finish with at least one page gained for each that is written.
    /// </summary>
    public static long MostLogicalPages(FlashGeometry geometry) =>
        Math.Max(0, (long)(geometry.BlocksPerPlane - LeastSpareSuperblocks) * geometry.PagesPerSuperblock);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool IsMapped(LogicalPage page) => MapEntry(page) != PhysicalPage.None.Value;

    /// <inheritdoc/>
    public int FirstPage(LogicalPage start, int count, bool mapped)
    {
        Check.That(count > 0 && start.Value + (long)count <= LogicalPageCount);
        var entries = new ReadOnlySpan<uint>((uint*)_map.Pointer + start.Value, count);
        int found = mapped
            ? entries.IndexOfAnyExcept(PhysicalPage.None.Value)
            : entries.IndexOf(PhysicalPage.None.Value);
        return found < 0 ? count : found;
    }

    /// <inheritdoc/>
    public MediumResult Read(SimTime now, LogicalPage page, int offset, Span<byte> destination)
    {
        uint physical = MapEntry(page);
        if (physical >= PhysicalPage.Lost.Value)
        {
            destination.Clear();
            return physical == PhysicalPage.None.Value
                ? MediumResult.Success(now)
                : new MediumResult(now, MediumStatus.Uncorrectable);
        }

        if (_durable != null && !IsReadableAsItIs(new PhysicalPage(physical)))
            return new MediumResult(now, MediumStatus.Uncorrectable);
        return _flash.Read(now, new PhysicalPage(physical), offset, destination);
    }

    /// <inheritdoc/>
    public MediumResult Write(SimTime now, LogicalPage page, WriteStream stream, ReadOnlySpan<byte> data) =>
        Program(now, page, stream, data, StoredForm.Plain, parity: []);

    private MediumResult Program(
        SimTime now,
        LogicalPage page,
        WriteStream stream,
        ReadOnlySpan<byte> data,
        StoredForm form,
        ReadOnlySpan<byte> parity)
    {
        Check.That(data.Length == FlashGeometry.PageBytes && stream != WriteStream.Collector);
        if (_durable != null && !EraseEmptied(now))
            return new MediumResult(now, MediumStatus.WriteFault);
        CollectBeforeWrite(now);
        ref Frontier frontier = ref FrontierOf(stream);
        PhysicalPage target = NextPage(ref frontier);
        MediumResult result = _flash.Program(now, target, data, NextSpare(page, form, data, parity));
        if (!result.IsSuccess)
        {
            frontier.NextPage--;
            return result;
        }

        if (!parity.IsEmpty)
            _flash.ProgramParity(target, parity);
        Remap(page, target);
        _counters.HostPagesWritten++;
        _durable?.Programmed(now, SimTime.Max(result.Done, _movesDone));
        return result;
    }

    /// <inheritdoc/>
    public SimTime Trim(SimTime now, LogicalPage page)
    {
        ref uint entry = ref MapEntry(page);
        if (entry == PhysicalPage.None.Value)
            return now;
        Invalidate(new PhysicalPage(entry));
        entry = PhysicalPage.None.Value;
        _counters.PagesTrimmed++;
        if (_durable != null)
            RecordTrim(now, page);
        return now;
    }

    /// <inheritdoc/>
    public MediumResult Commit(SimTime now)
    {
        MediumResult result = MediumResult.Success(now);
        for (int i = 0; i < _frontiers.Length; i++)
            result = result.And(PadProgram(now, ref _frontiers[i]));
        return result;
    }

    /// <inheritdoc/>
    public MediumResult Flush(SimTime now) => _durable == null ? Commit(now) : MakeDurable(now);

    /// <inheritdoc/>
    public void Advance(SimTime now)
    {
    }

    public void Dispose() => _map.Dispose();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ref uint MapEntry(LogicalPage page)
    {
        Check.That(page.Value < LogicalPageCount);
        return ref ((uint*)_map.Pointer)[page.Value];
    }

    private void Remap(LogicalPage page, PhysicalPage target)
    {
        ref uint entry = ref MapEntry(page);
        if (entry != PhysicalPage.None.Value)
            Invalidate(new PhysicalPage(entry));
        entry = target.Value;
        _superblocks[_flash.Geometry.SuperblockOf(target)].ValidPages++;
    }

    private void Invalidate(PhysicalPage page)
    {
        if (page == PhysicalPage.Lost)
            return;
        ref Superblock superblock = ref _superblocks[_flash.Geometry.SuperblockOf(page)];
        Check.That(superblock.ValidPages > 0);
        superblock.ValidPages--;
    }
}
