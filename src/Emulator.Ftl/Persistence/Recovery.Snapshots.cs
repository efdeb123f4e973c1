using Emulator.Flash;
using Emulator.Ftl.Snapshots;

namespace Emulator.Ftl.Persistence;

/// <summary>
/// What snapshots keep (specs/media-format.md, "Snapshots in recovery"): from the checkpoint, then what the journal tells in
/// order, then what was replaced after the last flush, which only the pages that replaced it tell.
/// </summary>
public sealed unsafe partial class Recovery
{
    private readonly Dictionary<uint, List<Replacement>> _replaced = [];

    /// <summary>The page that a logical page was before one that replaced it after a snapshot.</summary>
    private sealed class Replacement(SnapshotMap snapshot)
    {
        public SnapshotMap Snapshot { get; } = snapshot;

        /// <summary>Sequence of the page that replaced it.</summary>
        public ulong By { get; set; } = ulong.MaxValue;

        /// <summary>Of what is known so far: that of the slice of the map, or of a page or trim that is later.</summary>
        public ulong Sequence { get; set; }

        public uint Physical { get; set; }
    }

    private void LoadSnapshots(CheckpointReader checkpoint)
    {
        SnapshotList list = Parse(checkpoint.SnapshotList());
        SnapshotList[] later = [.. _journal.SnapshotLists.Select(found => Parse(found.List))];
        if (list.Snapshots.Count == 0 && later.Length == 0)
            return;

        _snapshots.Blocks.MayExceedLimit = true;
        var known = new SortedDictionary<ulong, SnapshotList.Entry>();
        foreach (SnapshotList any in later.Prepend(list))
            Learn(any, known);
        foreach (SnapshotList.Entry entry in known.Values)
        {
            if (_snapshots.Find((ushort)entry.Id) != null)
                throw MediumFormat.Damaged(Name, $"there are two snapshots {entry.Id}");
            _snapshots.Add((ushort)entry.Id, entry.Volume, entry.Sequence);
        }

        LoadBlocks(checkpoint);
        ReplayJournal(list, later);
        if (!_snapshots.KeepLimit())
            throw MediumFormat.Damaged(Name, "snapshots keep more than there is room for");
        Step($"{_snapshots.All.Count} snapshots: {_journal.Kept.Count} kept pages and {later.Length} lists in the journal");
    }

    private SnapshotList Parse(byte[] bytes) => SnapshotList.Read(bytes, _snapshots.Segments, Name);

    private void Learn(SnapshotList list, SortedDictionary<ulong, SnapshotList.Entry> known)
    {
        foreach ((uint volume, uint[] runs) in list.Volumes)
            _snapshots.AssignRuns(volume, runs);
        foreach (SnapshotList.Entry entry in list.Snapshots)
        {
            if (known.TryGetValue(entry.Sequence, out SnapshotList.Entry other) && other.Id != entry.Id)
                throw MediumFormat.Damaged(Name, $"snapshots {entry.Id} and {other.Id} have the same sequence");
            known[entry.Sequence] = entry;
            Sequence = Math.Max(Sequence, entry.Sequence);
        }
    }

    private void LoadBlocks(CheckpointReader checkpoint)
    {
        SnapshotBlocks blocks = _snapshots.Blocks;
        checkpoint.ReadSnapshots(blocks);
        for (int i = 0; i < blocks.HighWater; i++)
        {
            if (blocks[i].Snapshot == 0)
                continue;
            if (blocks[i].Snapshot > ushort.MaxValue || _snapshots.Find((ushort)blocks[i].Snapshot) is not { } snapshot
                || blocks[i].Segment >= (uint)_snapshots.Segments || snapshot.BlockOf(blocks[i].Segment) != SnapshotBlocks.None)
                throw MediumFormat.Damaged(Name, $"block {i} of what snapshots keep is impossible");
            snapshot.Adopt(i);
        }

        blocks.FindFree();
    }

    /// <summary>
    /// What the journal tells is told again in full, though chunks may be later than some of it: a snapshot that was deleted
    /// before a chunk was written has nothing there, so that deleting it again changes nothing.
    /// </summary>
    private void ReplayJournal(SnapshotList list, SnapshotList[] later)
    {
        int next = 0;
        for (int i = 0; i < later.Length; i++)
        {
            for (; next < _journal.SnapshotLists[i].After; next++)
                Replay(_journal.Kept[next]);
            foreach (SnapshotList.Entry entry in list.Snapshots)
            {
                if (later[i].Snapshots.Exists(left => left.Id == entry.Id))
                    continue;
                if (_snapshots.Find((ushort)entry.Id) is { } deleted)
                    _snapshots.Delete(deleted, release: null);
            }

            list = later[i];
        }

        for (; next < _journal.Kept.Count; next++)
            Replay(_journal.Kept[next]);
    }

    private void Replay(in KeptPage kept)
    {
        if (kept.Page >= _format.LogicalPages || kept.Snapshot > ushort.MaxValue)
            throw MediumFormat.Damaged(Name, $"the journal keeps page {kept.Page} for snapshot {kept.Snapshot}");
        Sequence = Math.Max(Sequence, kept.Sequence);
        if (_snapshots.Find((ushort)kept.Snapshot) is not { } snapshot)
            return;
        if (kept.Physical >= PhysicalPage.Lost.Value || IsPageOf(kept.Page, kept.Physical, kept.Sequence))
            snapshot.TrySet(kept.Page, kept.Physical);
        else if (snapshot[kept.Page] == SnapshotBlocks.NotKept && kept.Sequence <= _journal.DurableSequence)
            snapshot.TrySet(kept.Page, PhysicalPage.Lost.Value);
    }

    private bool IsPageOf(uint page, uint physical, ulong sequence)
    {
        if (physical >= _format.Geometry.PageCount)
            return false;
        ref readonly SpareArea spare = ref _flash.ScanSpare(new PhysicalPage(physical));
        return spare.IsProgrammed && spare.Sequence == sequence && (spare.LogicalPage & ~SpareArea.KeptCopy) == page
            && _flash.IsUndamaged(new PhysicalPage(physical));
    }

    /// <summary>
    /// A page that was written after a snapshot says so. What the first of these replaced is the latest of that logical page
    /// before it, and is still there, since nothing is erased before the journal tells where it is.
    /// </summary>
    private void KeepWhatWasReplaced()
    {
        if (_snapshots.All.Count == 0 || (_defects & FtlDefects.ReplacedNotKept) != 0)
            return;
        ForEachScanned(FindReplacement);
        if (_replaced.Count == 0)
            return;
        ForEachScanned(FindReplaced);
        foreach (TrimmedRun run in _journal.Trims)
            FindReplacedByTrim(run);

        foreach ((uint page, List<Replacement> replacements) in _replaced)
        {
            foreach (Replacement replacement in replacements)
                replacement.Snapshot.TrySet(page, replacement.Physical);
        }

        Step($"{_replaced.Count} pages were replaced after the last flush and are kept");
    }

    private delegate void Visitor(PhysicalPage page, in SpareArea spare);

    /// <summary>Visits the pages of superblocks that are scanned, those that only fill up and copies for snapshots aside.</summary>
    private void ForEachScanned(Visitor visit)
    {
        for (int i = 0; i < _superblocks.Length; i++)
        {
            if (_superblocks[i].Decision != SuperblockDecision.Scanned)
                continue;
            PhysicalPage first = _format.Geometry.FirstPageOf(i);
            for (uint page = 0; page < (uint)_format.Geometry.PagesPerSuperblock; page++)
            {
                ref readonly SpareArea spare = ref _flash.ScanSpare(first + page);
                if (spare.IsProgrammed && spare.LogicalPage < _format.LogicalPages)
                    visit(first + page, spare);
            }
        }
    }

    private void FindReplacement(PhysicalPage page, in SpareArea spare)
    {
        // What the slice of the map is later than is in the chunks of snapshots, which are later still.
        if (!spare.IsAfterSnapshot || spare.Sequence <= SliceSequence(spare.LogicalPage) || !_flash.IsUndamaged(page))
            return;
        SnapshotMap? snapshot = _snapshots.NewestBefore(new Ftl.LogicalPage(spare.LogicalPage), spare.Sequence);
        if (snapshot == null || snapshot[spare.LogicalPage] != SnapshotBlocks.NotKept)
            return;

        if (!_replaced.TryGetValue(spare.LogicalPage, out List<Replacement>? replacements))
            _replaced[spare.LogicalPage] = replacements = [];
        Replacement? replacement = replacements.Find(other => other.Snapshot == snapshot);
        if (replacement == null)
        {
            replacements.Add(replacement = new Replacement(snapshot)
            {
                Physical = _map[spare.LogicalPage],
                Sequence = SliceSequence(spare.LogicalPage),
            });
        }

        replacement.By = Math.Min(replacement.By, spare.Sequence);
    }

    private void FindReplaced(PhysicalPage page, in SpareArea spare)
    {
        if (!_replaced.TryGetValue(spare.LogicalPage, out List<Replacement>? replacements))
            return;
        foreach (Replacement replacement in replacements)
        {
            if (spare.Sequence < replacement.By && spare.Sequence > replacement.Sequence && _flash.IsUndamaged(page))
                (replacement.Physical, replacement.Sequence) = (page.Value, spare.Sequence);
        }
    }

    private void FindReplacedByTrim(in TrimmedRun run)
    {
        for (uint page = run.First; page < run.First + run.Count; page++)
        {
            if (!_replaced.TryGetValue(page, out List<Replacement>? replacements))
                continue;
            foreach (Replacement replacement in replacements)
            {
                if (run.Sequence < replacement.By && run.Sequence > replacement.Sequence)
                    (replacement.Physical, replacement.Sequence) = (PhysicalPage.None.Value, run.Sequence);
            }
        }
    }

    /// <summary>
    /// A page that the map names is not kept beside: what was to replace it is not there. A page that is gone is lost.
    /// </summary>
    private void SettleSnapshots()
    {
        long lost = 0;
        foreach (SnapshotMap snapshot in _snapshots.All)
        {
            for (int segment = snapshot.NextSegment(0); segment < _snapshots.Segments; segment = snapshot.NextSegment(segment + 1))
            {
                uint first = (uint)segment << SnapshotBlocks.Shift;
                for (uint page = first; page < first + SnapshotBlocks.Entries && page < _format.LogicalPages; page++)
                    lost += Settle(snapshot, page) ? 0 : 1;
            }
        }

        if (lost == 0)
            return;
        _report = _report with { PagesLost = _report.PagesLost + lost };
        Step($"{lost} pages of snapshots are lost");
    }

    /// <returns>False if the page is lost.</returns>
    private bool Settle(SnapshotMap snapshot, uint page)
    {
        uint physical = snapshot[page];
        if (physical == PhysicalPage.None.Value || physical == SnapshotBlocks.NotKept)
            return true;
        if (physical == _map[page])
        {
            snapshot.TrySet(page, SnapshotBlocks.NotKept);
            return true;
        }

        if (physical < _format.Geometry.PageCount)
        {
            ref readonly SpareArea spare = ref _flash.ScanSpare(new PhysicalPage(physical));
            if (spare.IsProgrammed && (spare.LogicalPage & ~SpareArea.KeptCopy) == page)
                return true;
        }

        snapshot.TrySet(page, PhysicalPage.Lost.Value);
        return false;
    }

    private long CountKept()
    {
        long kept = 0;
        uint pagesPerSuperblock = (uint)_format.Geometry.PagesPerSuperblock;
        foreach (SnapshotMap snapshot in _snapshots.All)
        {
            for (int segment = snapshot.NextSegment(0); segment < _snapshots.Segments; segment = snapshot.NextSegment(segment + 1))
            {
                foreach (uint entry in _snapshots.Blocks[snapshot.BlockOf((uint)segment)].Pages)
                {
                    if (entry >= SnapshotBlocks.NotKept)
                        continue;
                    kept++;
                    _superblocks[entry / pagesPerSuperblock].ValidPages++;
                }
            }
        }

        return kept;
    }
}
