using System.Runtime.CompilerServices;
using Emulator.Core;
using Emulator.Flash;

namespace Emulator.Ftl;

/// <summary>
/// Logical to physical: a page-mapped translation layer with out-of-place writes.
/// <para>
/// Invariants: a logical page maps to at most one physical page; the spare area of that page names the logical page;
/// a superblock's valid count is the number of its pages that are mapped. A superblock is free, open (for host writes or
/// for moves), closed, or the victim that is being collected.
/// </para>
/// </summary>
public sealed unsafe partial class FlashTranslationLayer : IStoredPageStore
{
    private readonly FlashArray _flash;
    private readonly NativeMemoryBlock _map;
    private ulong _sequence;
    private FtlCounters _counters;

    /// <param name="flash">The flash, erased.</param>
    /// <param name="logicalPages">Pages offered upwards; what the medium has beyond them is over-provisioning.</param>
    public FlashTranslationLayer(FlashArray flash, long logicalPages)
    {
        Check.That(logicalPages > 0 && logicalPages <= MostLogicalPages(flash.Geometry));
        _flash = flash;
        LogicalPageCount = logicalPages;
        _map = new NativeMemoryBlock(logicalPages * sizeof(uint));
        new Span<uint>(_map.Pointer, (int)logicalPages).Fill(PhysicalPage.None.Value);
        _superblocks = new Superblock[flash.Geometry.BlocksPerPlane];
        _free = new Queue<int>(Enumerable.Range(0, _superblocks.Length));
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
        if (physical == PhysicalPage.None.Value)
        {
            destination.Clear();
            return MediumResult.Success(now);
        }

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
        CollectBeforeWrite(now);
        PhysicalPage target = NextPage(ref FrontierOf(stream));
        MediumResult result = _flash.Program(now, target, data, NextSpare(page, form));
        if (!parity.IsEmpty)
            _flash.ProgramParity(target, parity);
        Remap(page, target);
        _counters.HostPagesWritten++;
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
    public MediumResult Flush(SimTime now) => Commit(now);

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

    private SpareArea NextSpare(LogicalPage page, StoredForm form) => new(page.Value, ++_sequence, form);

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
        ref Superblock superblock = ref _superblocks[_flash.Geometry.SuperblockOf(page)];
        Check.That(superblock.ValidPages > 0);
        superblock.ValidPages--;
    }
}
