using Emulator.Cache;
using Emulator.Core;
using Emulator.Flash;

namespace Emulator.Device;

/// <summary>What self-test and sanitize do to a namespace.</summary>
public sealed partial class Namespace
{
    /// <summary>Pages of the translation layer that hold the namespace.</summary>
    internal ulong PageCount => (Bytes + PageMask) >> PageShift;

    /// <summary>The first page of a run, its end exclusive, whose mapping is not what the medium says; null if all is well.</summary>
    internal ulong? FindDamagedPage(ulong first, ulong end)
    {
        for (ulong page = first; page < end; page++)
        {
            if (!_pages.IsIntact(_map.At(page)))
                return page;
        }

        return null;
    }

    /// <summary>Makes the pages that blocks are in unreadable until they are written again.</summary>
    /// <returns>Pages that the medium has anything of.</returns>
    internal uint Damage(SimTime now, BlockRange range)
    {
        uint damaged = 0;
        ulong last = ((range.End << BlockShift) - 1) >> PageShift;
        for (ulong page = range.Start << BlockShift >> PageShift; page <= last; page++)
        {
            if (_pages.Damage(now, _map.At(page)))
                damaged++;
        }

        return damaged;
    }

    /// <summary>
    /// The first run of blocks from <paramref name="start"/> on, before <paramref name="end"/>, whose pages hold data or
    /// that are marked uncorrectable. Pages are told apart, not the blocks within them.
    /// </summary>
    internal bool TryNextAllocated(ulong start, ulong end, out BlockRange found)
    {
        found = default;
        ulong endPage = ((end << BlockShift) + PageMask) >> PageShift;
        ulong first = start < end ? FirstPageWithData(start << BlockShift >> PageShift, endPage) : endPage;
        if (first >= endPage)
            return false;

        ulong last = first;
        do
            last = FirstPage(last + 1, endPage, mapped: false);
        while (last < endPage && FirstPageWithData(last, last + 1) == last);
        ulong from = Math.Max(start, first << PageShift >> BlockShift);
        found = new BlockRange(from, Math.Min(end, last << PageShift >> BlockShift) - from);
        return true;
    }

    /// <summary>
    /// Writes a pattern of four bytes over blocks, on the drive's own account, and on the medium: in DRAM alone the next
    /// pattern would replace it.
    /// </summary>
    internal void Fill(SimTime now, BlockRange range, uint pattern)
    {
        Span<uint> page = stackalloc uint[FlashGeometry.PageBytes / sizeof(uint)];
        page.Fill(BitConverter.IsLittleEndian ? pattern : System.Buffers.Binary.BinaryPrimitives.ReverseEndianness(pattern));
        ReadOnlySpan<byte> bytes = System.Runtime.InteropServices.MemoryMarshal.AsBytes(page);
        ulong blocksOfPage = (ulong)FlashGeometry.PageBytes >> BlockShift;
        for (ulong done = 0; done < range.Count; done += blocksOfPage)
        {
            var part = new BlockRange(range.Start + done, Math.Min(blocksOfPage, range.Count - done));
            Write(now, part, bytes[..(int)(part.Count << BlockShift)], writer: null, new CacheHints(0, CacheHint.Through));
        }
    }
}
