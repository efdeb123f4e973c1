using System.Numerics;
using System.Runtime.CompilerServices;
using Emulator.Core;
using Emulator.Flash;
using Emulator.Ftl.Persistence;
using Emulator.Ftl.Superblocks;

namespace Emulator.Ftl;

/// <summary>
/// The map, a physical page for each logical one, a bit for each physical page that is valid, and one for each logical page
/// that is mapped. By the former, emptying a superblock neither reads the spare areas of what is stale nor looks it up in the
/// map; by the latter, telling what holds data reads a thirty-second of the map.
/// </summary>
public sealed unsafe partial class FlashTranslationLayer
{
    private const int BitsPerWord = 64;

    private readonly NativeMemoryBlock _map;
    private readonly NativeMemoryBlock _validMap;
    private readonly uint* _entries;
    private readonly ulong* _valid;
    private readonly TwoLevelBitmap _mapped;
    private readonly SuperblockTable _superblocks;
    private readonly Divisor _bySuperblock;

    private readonly MappingCache? _mappingCache;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool IsMapped(LogicalPage page) => MapEntry(page) != PhysicalPage.None.Value;

    /// <inheritdoc/>
    public int FirstPage(LogicalPage start, int count, bool mapped)
    {
        Check.That(count > 0 && start.Value + (long)count <= LogicalPageCount);
        long end = start.Value + count;
        return (int)((mapped ? _mapped.Next(start.Value, end) : _mapped.NextClear(start.Value, end)) - start.Value);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ref uint MapEntry(LogicalPage page)
    {
        Check.That(page.Value < LogicalPageCount);
        return ref _entries[page.Value];
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int SuperblockOf(uint page) => (int)_bySuperblock.Quotient(page);

    private uint FirstPageOf(int superblock) => (uint)superblock * (uint)_pagesPerSuperblock;

    /// <summary>When the entry of a page is at hand, in a device that has not the whole map in its DRAM.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private SimTime LookUp(SimTime now, LogicalPage page, bool changes) =>
        _mappingCache == null ? now : _mappingCache.Access(now, page, changes, ref _counters);

    /// <summary>A page that was written anew is where it was written last.</summary>
    private void Remap(SimTime now, LogicalPage page, PhysicalPage target)
    {
        ref uint entry = ref MapEntry(page);
        uint before = entry;
        entry = target.Value;
        MarkValid(target.Value);
        if (before == PhysicalPage.None.Value)
            _mapped.Set(page.Value, 1);
        if (_hasSnapshots)
        {
            _pagesInUse++;
            Replaced(now, page, before);
        }
        else if (before != PhysicalPage.None.Value)
            Invalidate(before);
    }

    /// <summary>Builds the bits of mapped pages from a map that was read from the medium.</summary>
    private void MarkMapped()
    {
        var map = new ReadOnlySpan<uint>(_entries, (int)LogicalPageCount);
        for (int page = 0; page < map.Length;)
        {
            int unmapped = map[page..].IndexOfAnyExcept(PhysicalPage.None.Value);
            if (unmapped < 0)
                return;
            page += unmapped;
            int mapped = map[page..].IndexOf(PhysicalPage.None.Value);
            mapped = mapped < 0 ? map.Length - page : mapped;
            _mapped.Set(page, mapped);
            page += mapped;
        }
    }

    private void MarkValid(uint page)
    {
        _valid[page / BitsPerWord] |= 1UL << (int)(page % BitsPerWord);
        _superblocks.AddValidPage(SuperblockOf(page));
    }

    private void Invalidate(uint page)
    {
        if (page == PhysicalPage.Lost.Value)
            return;
        _valid[page / BitsPerWord] &= ~(1UL << (int)(page % BitsPerWord));
        _superblocks.RemoveValidPage(SuperblockOf(page), _sequence);
    }

    private bool IsValid(uint page) => (_valid[page / BitsPerWord] >> (int)(page % BitsPerWord) & 1) != 0;

    /// <summary>The first valid page from <paramref name="page"/> on; <paramref name="end"/> when there is none before it.</summary>
    private uint NextValid(uint page, uint end)
    {
        if (page >= end)
            return end;
        ulong bits = _valid[page / BitsPerWord] >> (int)(page % BitsPerWord);
        if (bits != 0)
            return Math.Min(end, page + (uint)BitOperations.TrailingZeroCount(bits));
        for (uint word = (page / BitsPerWord) + 1; word * (ulong)BitsPerWord < end; word++)
        {
            if (_valid[word] != 0)
                return Math.Min(end, (word * BitsPerWord) + (uint)BitOperations.TrailingZeroCount(_valid[word]));
        }

        return end;
    }

    /// <summary>
    /// Builds what is known of superblocks from the map and from what the flash says is programmed: what holds pages is
    /// closed, the rest is free. Open superblocks are not programmed further.
    /// </summary>
    /// <param name="found">What recovery found; empty for erased flash.</param>
    private void RebuildSuperblocks(ReadOnlySpan<Recovery.SuperblockFinding> found = default)
    {
        new Span<ulong>(_valid, (int)(_validMap.Length / sizeof(ulong))).Clear();
        _superblocks.Clear();
        for (long i = 0; i < LogicalPageCount; i++)
        {
            if (_entries[i] < PhysicalPage.Lost.Value)
                MarkValid(_entries[i]);
        }

        MarkKept();
        _room = 0;
        _usable = _superblocks.Count;
        for (int i = 0; i < _superblocks.Count; i++)
        {
            if (_flash.ProgrammedPages(i) != 0)
                _superblocks.Close(i, _sequence);
            else if (i < found.Length && found[i].IsRetired)
                Retire(i);
            else
                Release(i);
        }

        ForgetFrontiers();
        PlanRoom();
    }
}
