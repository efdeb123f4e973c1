using Emulator.Cache;
using Emulator.Core;
using Emulator.Flash;
using Emulator.Migration;

namespace Emulator.Device;

/// <summary>
/// Reads ahead of whoever copies a VM. It reads what the lists say, in their order: the written ranges while the VM runs,
/// the dirty ranges when it is halted. What lies between ranges is neither waited for nor prefetched, so that a reader that
/// jumps to the next range is still one in sequence.
/// </summary>
internal sealed class MigrationReadAhead(PageCache pages, VmMonitor vm)
{
    /// <summary>One part in so many of the lines may be ahead of a reader.</summary>
    private const int WindowPart = 8;

    /// <summary>
    /// Pages ahead of a reader while the VM runs: more make the copy no faster, and its own reads wait behind them
    /// (specs/assist.md).
    /// </summary>
    private const int WindowWhileRunning = 64;

    private const int PageShift = 12;

    private Cursor[] _cursors = [];

    /// <summary>Where a namespace is being read, in granules.</summary>
    private struct Cursor
    {
        public bool IsKnown;

        /// <summary>Behind the furthest granule that was read.</summary>
        public ulong Next;

        /// <summary>Behind the furthest granule that was prefetched.</summary>
        public ulong AheadEnd;

        /// <summary>In pages; 0 until a second read has followed the first.</summary>
        public int Window;
    }

    private int LargestWindow => vm.IsHalted ? WindowWhileHalted : Math.Min(WindowWhileRunning, WindowWhileHalted);

    private int WindowWhileHalted => pages.Options.Lines / WindowPart;

    private int PagesOfGranule => 1 << (vm.GranuleShift - PageShift);

    public void Start(int mostNamespaces) => _cursors = new Cursor[mostNamespaces + 1];

    /// <summary>The VM was halted: what is dirty now is what is copied next, so that its beginning is read at once.</summary>
    public void BeginCopyOfDirty(SimTime now, IEnumerable<Namespace> namespaces, CacheHints hints)
    {
        int budget = LargestWindow;
        foreach (Namespace ns in namespaces)
        {
            ref Cursor cursor = ref _cursors[ns.Nsid];
            cursor = new Cursor { IsKnown = true, Window = budget };
            budget -= FillWindow(now, ns, ref cursor, hints);
            cursor.Window = LargestWindow;
        }
    }

    public void HasRead(SimTime now, Namespace ns, BlockRange range, CacheHints hints)
    {
        int shift = vm.GranuleShift - ns.BlockShift;
        ulong first = range.Start >> shift;
        ulong next = ((range.End - 1) >> shift) + 1;
        ref Cursor cursor = ref _cursors[ns.Nsid];
        if (!cursor.IsKnown || !Follows(cursor, ns.Nsid, first))
        {
            cursor = new Cursor { IsKnown = true, Next = next, AheadEnd = next };
            return;
        }

        if (next <= cursor.Next)
            return;
        int pagesRead = (int)((range.Count << ns.BlockShift) / FlashGeometry.PageBytes) + 1;
        cursor.Next = next;
        cursor.Window = Math.Min(LargestWindow, cursor.Window == 0 ? 2 * pagesRead : 2 * cursor.Window);
        FillWindow(now, ns, ref cursor, hints);
    }

    /// <summary>
    /// Whether a read goes on where the last one ended: there, or at the next granule to copy. Several commands may be
    /// outstanding and come out of order.
    /// </summary>
    private bool Follows(in Cursor cursor, uint nsid, ulong first)
    {
        ulong slack = Math.Max(1, (ulong)(2 * cursor.Window / PagesOfGranule));
        if (first <= cursor.Next + (cursor.Window == 0 ? 0 : slack))
            return first + slack >= cursor.Next;
        return vm.TryNextToCopy(nsid, cursor.Next, out ulong expected, out _) && first <= expected + slack;
    }

    /// <summary>Prefetches until the window ahead of the reader is full.</summary>
    /// <returns>Pages that were prefetched.</returns>
    private int FillWindow(SimTime now, Namespace ns, ref Cursor cursor, CacheHints hints)
    {
        int prefetched = 0;
        int room = cursor.Window;
        ulong at = cursor.Next;
        while (room > 0 && vm.TryNextToCopy(ns.Nsid, at, out ulong first, out ulong count))
        {
            for (ulong granule = first; granule < first + count && room > 0; granule++)
            {
                room -= PagesOfGranule;
                if (granule < cursor.AheadEnd)
                    continue;
                prefetched += ns.Prefetch(now, granule * (uint)PagesOfGranule, PagesOfGranule, hints);
                cursor.AheadEnd = granule + 1;
            }

            at = first + count;
        }

        return prefetched;
    }
}
