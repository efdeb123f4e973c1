using Emulator.Core;
using Emulator.Flash;
using Emulator.Ftl;

namespace Emulator.Device;

/// <summary>Snapshots of the namespace: the room that they leave, what changed since, reading and restoring them.</summary>
public sealed partial class Namespace
{
    private readonly ISnapshotStore? _snapshots;

    /// <summary>Room for a page as it is stored, when there is something to decode.</summary>
    private byte[]? _storedPage;
    private byte[]? _storedParity;

    /// <summary>The drive has snapshots, so that a change may find no room; then it is made sure of before.</summary>
    internal bool LimitsRoom { get; set; }

    /// <summary>
    /// The pages that changed since a snapshot, a bit for each page of 4 KiB; some of them may have been written with what
    /// they held. Nothing in the cache is dirty.
    /// </summary>
    internal TwoLevelBitmap ChangesSince(Snapshot snapshot)
    {
        var changes = new TwoLevelBitmap((long)PageCount);
        for (ulong page = 0; page < PageCount;)
        {
            int count = (int)Math.Min(PageCount - page, NamespaceMap.PagesInRowAt(page));
            int before = _snapshots!.FirstChange(snapshot.Id, _map.At(page), count, changed: true);
            page += (uint)before;
            if (before == count)
                continue;
            int changed = _snapshots.FirstChange(snapshot.Id, _map.At(page), count - before, changed: false);
            changes.Set((long)page, changed);
            page += (uint)changed;
        }

        for (int i = 0; i < snapshot.Marks.Length; i += 2)
            SetWithin(changes, PagesOf(snapshot, i));
        for (long at = 0; _uncorrectable.TryNextRun(at, out long first, out long count); at = first + count)
            SetWithin(changes, PagesOf(new BlockRange((ulong)first, (ulong)count)));
        return changes;
    }

    /// <summary>Runs of blocks that are marked uncorrectable, as pairs of the first and their number.</summary>
    internal ulong[] CopyMarks()
    {
        var runs = new List<ulong>();
        for (long at = 0; _uncorrectable.TryNextRun(at, out long first, out long count); at = first + count)
            runs.AddRange([(ulong)first, (ulong)count]);
        return [.. runs];
    }

    /// <summary>Whether a change finds room beside what snapshots hold and what waits in the cache.</summary>
    private bool HasRoom(SimTime now, BlockRange range, bool isTrim)
    {
        (ulong first, int count) = PagesOf(range);
        ulong end = first + (uint)count;
        long most = isTrim ? (count >> NamespaceMap.SegmentShift) + 4 : count;
        if (_snapshots!.RoomLeft - _pages.DirtyLines >= most)
            return true;
        if (!_pages.Destage(now).IsSuccess)
            return false;
        if (isTrim && !HasRoomForEnds(range))
            return false;

        long needed = 0;
        for (ulong page = first; page < end;)
        {
            int row = (int)Math.Min(end - page, NamespaceMap.PagesInRowAt(page));
            needed += _snapshots.RoomNeeded(_map.At(page), row, isTrim);
            page += (uint)row;
        }

        return needed <= (isTrim ? _snapshots.RoomToTrim : _snapshots.RoomLeft);
    }

    /// <summary>Pages at the ends of a range that are not trimmed as a whole are written, if they hold data.</summary>
    private bool HasRoomForEnds(BlockRange range)
    {
        ulong start = range.Start << BlockShift;
        ulong end = range.End << BlockShift;
        int needed = 0;
        if ((start & PageMask) != 0)
            needed += RoomToWrite(start >> PageShift);
        if ((end & PageMask) != 0)
            needed += RoomToWrite(end >> PageShift);
        return needed <= _snapshots!.RoomLeft;
    }

    private int RoomToWrite(ulong page) =>
        _pages.IsMapped(_map.At(page)) ? _snapshots!.RoomNeeded(_map.At(page), 1, isTrim: false) : 0;

    /// <summary>Whether there is room to restore pages.</summary>
    internal bool HasRoomToRestore(Snapshot snapshot, TwoLevelBitmap changed)
    {
        long written = 0, trimmed = 0;
        foreach (ulong page in PagesIn(changed))
        {
            if (_snapshots!.FirstPage(snapshot.Id, _map.At(page), 1, mapped: true) == 0)
                written += _snapshots.RoomNeeded(_map.At(page), 1, isTrim: false);
            else
                trimmed += _snapshots.RoomNeeded(_map.At(page), 1, isTrim: true);
        }

        return written <= _snapshots!.RoomLeft && written + trimmed <= _snapshots.RoomToTrim;
    }

    /// <summary>Makes pages, and the marks of the whole namespace, what they are in a snapshot.</summary>
    internal MediumResult RestoreFrom(SimTime now, Snapshot snapshot, TwoLevelBitmap changed)
    {
        MediumResult result = MediumResult.Success(now);
        foreach (ulong page in PagesIn(changed))
        {
            MediumResult restored = _snapshots!.RestorePage(now, snapshot.Id, _map.At(page));
            _pages.Forget(_map.At(page));
            result = result.And(restored);
            if (restored.Status is MediumStatus.WriteFault or MediumStatus.NoRoom)
                break;
        }

        _uncorrectable.Clear();
        for (int i = 0; i + 1 < snapshot.Marks.Length; i += 2)
            _uncorrectable.Set((long)snapshot.Marks[i], (long)snapshot.Marks[i + 1]);
        MarksChanged?.Invoke();
        for (long at = 0; changed.TryNextRun(at, out long first, out long count); at = first + count)
            ReportChange(BlocksOf((ulong)first, (ulong)count), writer: null);
        return result;
    }

    /// <summary>Pages from here on, before <paramref name="end"/>, that hold nothing in a snapshot and are not marked there.</summary>
    internal ulong DeallocatedPages(Snapshot snapshot, ulong page, ulong end)
    {
        ulong start = page;
        while (page < end)
        {
            int count = (int)Math.Min(end - page, NamespaceMap.PagesInRowAt(page));
            int before = _snapshots!.FirstPage(snapshot.Id, _map.At(page), count, mapped: true);
            page += (uint)before;
            if (before < count)
                break;
        }

        for (int i = 0; i < snapshot.Marks.Length; i += 2)
        {
            (ulong first, int count) = PagesOf(snapshot, i);
            if (first + (uint)count > start)
                page = Math.Min(page, Math.Max(first, start));
        }

        return page - start;
    }

    /// <summary>Whether a block of a page was marked uncorrectable when a snapshot was made.</summary>
    internal bool IsMarked(Snapshot snapshot, ulong page)
    {
        for (int i = 0; i < snapshot.Marks.Length; i += 2)
        {
            (ulong first, int count) = PagesOf(snapshot, i);
            if (page - first < (uint)count)
                return true;
        }

        return false;
    }

    /// <summary>Reads a page of a snapshot as hosts did.</summary>
    internal MediumResult ReadPage(SimTime now, Snapshot snapshot, ulong page, Span<byte> destination)
    {
        if (!_snapshots!.TryGetForm(snapshot.Id, _map.At(page), out StoredForm form))
        {
            destination.Clear();
            bool isLost = _snapshots.FirstPage(snapshot.Id, _map.At(page), 1, mapped: true) == 0;
            return isLost ? new MediumResult(now, MediumStatus.Uncorrectable) : MediumResult.Success(now);
        }

        _storedPage ??= GC.AllocateArray<byte>(FlashGeometry.PageBytes, pinned: true);
        _storedParity ??= GC.AllocateArray<byte>(ParityBytes, pinned: true);
        if (form == StoredForm.Plain)
            return _snapshots.ReadStored(now, snapshot.Id, _map.At(page), destination, _storedParity);
        MediumResult read = _snapshots.ReadStored(now, snapshot.Id, _map.At(page), _storedPage, _storedParity);
        return !read.IsSuccess || (Transform != null && Transform.Codec.Decode(page, form, _storedPage, _storedParity, destination).IsSuccess)
            ? read
            : new MediumResult(read.Done, MediumStatus.Uncorrectable);
    }

    /// <summary>Reads a page of a snapshot as the medium has it.</summary>
    /// <param name="stored">Room for a whole page.</param>
    /// <param name="parity">Room for <see cref="ParityBytes"/>.</param>
    internal MediumResult ReadStoredPage(
        SimTime now, Snapshot snapshot, ulong page, Span<byte> stored, Span<byte> parity, out StoredForm form) =>
        _snapshots!.TryGetForm(snapshot.Id, _map.At(page), out form)
            ? _snapshots.ReadStored(now, snapshot.Id, _map.At(page), stored, parity)
            : new MediumResult(now, MediumStatus.Uncorrectable);

    /// <summary>The blocks of a run of pages, as far as the namespace goes.</summary>
    internal BlockRange BlocksOf(ulong firstPage, ulong pages)
    {
        ulong start = firstPage << PageShift >> BlockShift;
        return new BlockRange(start, Math.Min(pages << PageShift >> BlockShift, BlockCount - start));
    }

    private static IEnumerable<ulong> PagesIn(TwoLevelBitmap pages)
    {
        for (long at = 0; pages.TryNextRun(at, out long first, out long count); at = first + count)
        {
            for (long page = first; page < first + count; page++)
                yield return (ulong)page;
        }
    }

    private static (ulong First, int Count) PagesOf(Snapshot snapshot, int run)
    {
        int shift = LbaFormats.BlockShift(snapshot.Format);
        ulong first = snapshot.Marks[run] << shift >> PageShift;
        ulong end = (((snapshot.Marks[run] + snapshot.Marks[run + 1]) << shift) + PageMask) >> PageShift;
        return (first, (int)(end - first));
    }

    private static void SetWithin(TwoLevelBitmap changes, (ulong First, int Count) pages)
    {
        long first = Math.Min((long)pages.First, changes.Length);
        changes.Set(first, Math.Min(pages.Count, changes.Length - first));
    }
}
