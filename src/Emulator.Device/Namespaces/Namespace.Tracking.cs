using Emulator.Migration;

namespace Emulator.Device;

/// <summary>Whom changes are reported to, and which parts of the namespace hold data.</summary>
public sealed partial class Namespace : ITrackedNamespace
{
    private ChangeTracker[] _trackers = [];

    /// <inheritdoc/>
    public ulong GranulesAlike(ulong first, ulong count, int granuleShift, out bool readAsZero)
    {
        int shift = granuleShift - PageShift;
        ulong pages = (Bytes + PageMask) >> PageShift;
        ulong end = Math.Min((first + count) << shift, pages);
        ulong data = FirstPageWithData(first << shift, end);
        readAsZero = data == end || data >> shift != first;
        if (readAsZero)
            return data == end ? count : (data >> shift) - first;

        for (ulong granule = first + 1; granule < first + count; granule++)
        {
            ulong hole = FirstPage(granule << shift, end, mapped: false);
            if (hole == end)
                return count;
            granule = hole >> shift;
            ulong next = Math.Min((granule + 1) << shift, end);
            if (FirstPageWithData(granule << shift, next) == next)
                return granule - first;
        }

        return count;
    }

    /// <summary>From now on changes are recorded for a VM too; asking twice changes nothing.</summary>
    internal void ReportChangesTo(VmMonitor vm)
    {
        ChangeTracker tracker = vm.Track(this);
        if (Array.IndexOf(_trackers, tracker) < 0)
            _trackers = [.. _trackers, tracker];
    }

    /// <summary>
    /// The drive was switched on again: who wrote what it holds is not known any more, so that all of it counts as written
    /// by a VM that has the namespace.
    /// </summary>
    internal void ReportContentsTo(VmMonitor vm)
    {
        ReportChangesTo(vm);
        ChangeTracker tracker = Array.Find(_trackers, tracker => tracker.Monitor == vm)!;
        foreach ((ulong first, ulong count) in Allocated([(0, PageCount)]))
            tracker.Record(first << PageShift >> BlockShift, count << PageShift >> BlockShift, vm);
        foreach ((ulong first, ulong count) in Marked([(0, PageCount)]))
            tracker.Record(first, count, vm);
    }

    /// <summary>
    /// The VM has no controller left that the namespace is attached to. Its changes go on being recorded, so that what
    /// the VM wrote is known when it comes back.
    /// </summary>
    internal void StopReportingTo(VmMonitor vm)
    {
        if (Array.Find(_trackers, tracker => tracker.Monitor == vm) is { } found)
            vm.Ignore(found);
    }

    /// <summary>
    /// The blocks that are a VM's: all, or of one that shares its controller what it wrote and nobody else did.
    /// </summary>
    internal IReadOnlyList<BlockRange> OwnedBy(VmMonitor vm)
    {
        if (!vm.SharesController)
            return [new BlockRange(0, BlockCount)];
        List<BlockRange> owned = [];
        if (Array.Find(_trackers, tracker => tracker.Monitor == vm) is not { IsAttached: true } own)
            return owned;
        foreach ((ulong start, ulong count) in own.WrittenAlone(Array.FindAll(_trackers, tracker => tracker != own)))
            owned.Add(new BlockRange(start, count));
        return owned;
    }

    /// <summary>Runs of pages that a VM wrote in its life.</summary>
    internal IEnumerable<(ulong First, ulong End)> WrittenPages(VmMonitor vm)
    {
        if (Array.Find(_trackers, tracker => tracker.Monitor == vm) is not { } own)
            yield break;
        foreach ((ulong first, ulong count) in own.WrittenGranules)
        {
            int shift = vm.GranuleShift - PageShift;
            yield return (first << shift, Math.Min((first + count) << shift, PageCount));
        }
    }

    /// <summary>Runs of pages that hold data.</summary>
    /// <param name="extents">Where to look; sorted, their ends exclusive.</param>
    internal IEnumerable<(ulong First, ulong Count)> Allocated(IEnumerable<(ulong First, ulong End)> extents)
    {
        foreach ((ulong first, ulong end) in extents)
        {
            for (ulong page = first; (page = FirstPage(page, end, mapped: true)) < end;)
            {
                ulong hole = FirstPage(page, end, mapped: false);
                yield return (page, hole - page);
                page = hole;
            }
        }
    }

    /// <summary>Runs of blocks that hosts have marked uncorrectable.</summary>
    /// <param name="extents">Pages to look at; sorted, their ends exclusive.</param>
    internal IEnumerable<(ulong First, ulong Count)> Marked(IEnumerable<(ulong First, ulong End)> extents)
    {
        foreach ((ulong first, ulong end) in extents)
        {
            long endBlock = (long)Math.Min(end << PageShift >> BlockShift, BlockCount);
            long from = (long)(first << PageShift >> BlockShift);
            while (_uncorrectable.TryNextRun(from, out long start, out long count) && start < endBlock)
            {
                from = Math.Min(start + count, endBlock);
                yield return ((ulong)start, (ulong)(from - start));
            }
        }
    }

    /// <summary>Pages of a range that hold data.</summary>
    internal ulong PagesWithData(BlockRange range)
    {
        ulong pages = 0;
        (ulong first, int _) = PagesOf(new BlockRange(range.Start, 1));
        foreach ((ulong _, ulong count) in Allocated([(first, ((range.End << BlockShift) + PageMask) >> PageShift)]))
            pages += count;
        return pages;
    }

    /// <summary>The drive knows no such VM any more.</summary>
    internal void Forget(VmMonitor vm) => _trackers = Array.FindAll(_trackers, tracker => tracker.Monitor != vm);

    /// <summary>The namespace is being deleted, after everything in it was deallocated.</summary>
    internal void ReportDeletion()
    {
        foreach (ChangeTracker tracker in _trackers)
            tracker.Abandon();
        _trackers = [];
    }

    /// <summary>
    /// Blocks are written on the drive that the VM moves to: they are the VM's here too, and whatever was the matter with
    /// them is over.
    /// </summary>
    internal void WrittenElsewhere(BlockRange range, VmMonitor writer)
    {
        ReportChange(range, writer);
        if (!IsUncorrectable(range))
            return;
        _uncorrectable.Clear((long)range.Start, (long)range.Count);
        MarksChanged?.Invoke();
    }

    /// <summary>The blocks that hosts have marked uncorrectable.</summary>
    internal Core.TwoLevelBitmap MarkedBlocks()
    {
        var marks = new Core.TwoLevelBitmap(_uncorrectable.Length);
        marks.UnionWith(_uncorrectable);
        return marks;
    }

    private void ReportChange(BlockRange range, VmMonitor? writer)
    {
        foreach (ChangeTracker tracker in _trackers)
            tracker.Record(range.Start, range.Count, writer);
    }

    private ulong FirstPageWithData(ulong page, ulong end)
    {
        ulong found = FirstPage(page, end, mapped: true);
        if (_uncorrectable.Count == 0)
            return found;
        long block = (long)(page << PageShift >> BlockShift);
        return _uncorrectable.TryNextRun(block, out long bad, out _)
            ? Math.Min(found, (ulong)bad << BlockShift >> PageShift)
            : found;
    }

    /// <summary>The first page from <paramref name="page"/> on that is mapped, or not; the end if there is none.</summary>
    private ulong FirstPage(ulong page, ulong end, bool mapped)
    {
        while (page < end)
        {
            int count = (int)Math.Min(end - page, NamespaceMap.PagesInRowAt(page));
            int before = _pages.FirstPage(_map.At(page), count, mapped);
            page += (uint)before;
            if (before < count)
                return page;
        }

        return end;
    }
}
