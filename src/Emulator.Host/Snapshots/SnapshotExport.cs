using Emulator.Wire;

namespace Emulator.Host.Snapshots;

/// <summary>
/// Writes a snapshot to an image: all of it, or the pages that may be others than in the snapshot of an earlier image, from
/// which the checksums of everything else are taken over.
/// </summary>
internal sealed class SnapshotExport
{
    private const int PageBytes = RangeDigests.PageBytes;

    private readonly SnapshotClient _client;
    private readonly SnapshotListEntry _snapshot;
    private readonly SnapshotImageHeader? _base;
    private readonly RangeDigests _digests;
    private readonly RangeHasher _hasher;

    /// <param name="since">An image of an earlier snapshot that the drive still has; null for all.</param>
    /// <exception cref="UserErrorException">The images are not of one namespace, or the earlier snapshot is gone.</exception>
    public SnapshotExport(SnapshotClient client, ushort id, SnapshotImage? since)
    {
        _client = client;
        _snapshot = client.Find(id);
        Bytes = _snapshot.Blocks * _snapshot.BlockBytes;
        _base = since?.Header;
        if (since != null)
            CheckBase(since.Header);
        _digests = since?.Digests.Copy() ?? new RangeDigests(Bytes);
        _hasher = new RangeHasher(_digests);
    }

    /// <summary>Of the namespace when the snapshot was made.</summary>
    public ulong Bytes { get; }

    private ulong Pages => (Bytes + PageBytes - 1) / PageBytes;

    public void WriteTo(SnapshotImageWriter image)
    {
        if (_base is { } since)
            WriteChanges(image, since.Snapshot);
        else
            WriteRanges(image, 0, Pages, [(0, Pages)]);
        image.Finish(Header(), _digests);
    }

    private SnapshotImageHeader Header()
    {
        var header = new SnapshotImageHeader
        {
            Blocks = _snapshot.Blocks,
            BlockBytes = _snapshot.BlockBytes,
            Snapshot = _snapshot.Id,
            Created = _snapshot.Created,
            Nguid = _snapshot.Nguid,
        };
        if (_base is not { } since)
            return header;
        header.Flags = SnapshotImageHeader.Incremental;
        header.Base = since.Snapshot;
        header.BaseCreated = since.Created;
        header.BaseContents = since.Contents;
        return header;
    }

    private void CheckBase(in SnapshotImageHeader since)
    {
        if (!((ReadOnlySpan<byte>)since.Nguid).SequenceEqual(_snapshot.Nguid))
            throw new UserErrorException($"the earlier image is of another namespace than snapshot {_snapshot.Id}");
        if (since.Blocks != _snapshot.Blocks || since.BlockBytes != _snapshot.BlockBytes)
            throw new UserErrorException($"snapshot {_snapshot.Id} has other blocks than the earlier image; export all of it");
        ushort id = since.Snapshot;
        ulong created = since.Created;
        SnapshotListEntry[] entries = _client.List().Entries;
        int earlier = Array.FindIndex(entries, entry => entry.Id == id && entry.Created == created && entry.Nsid == _snapshot.Nsid);
        if (earlier < 0)
            throw new UserErrorException($"snapshot {id}, which the earlier image is of, is not on the drive any more; export all of it");
        if (earlier > Array.FindIndex(entries, entry => entry.Id == _snapshot.Id))
            throw new UserErrorException($"snapshot {id}, which the earlier image is of, is later than snapshot {_snapshot.Id}");
        if (((SnapshotFlags)(ushort)_snapshot.Flags).HasFlag(SnapshotFlags.OtherFormat))
            throw new UserErrorException("the namespace has other blocks than its snapshot, so that nothing tells what changed; export all of it");
    }

    /// <summary>
    /// What changed since the base up to now is also what changed up to the snapshot, and more; marks that only the snapshot
    /// has are in its own list.
    /// </summary>
    private void WriteChanges(SnapshotImageWriter image, ushort since)
    {
        List<(ulong First, ulong End)> changes = Merge([.. Changes(since), .. Changes(_snapshot.Id)]);
        for (int i = 0; i < changes.Count;)
        {
            // The checksum of a range takes all of it, so that changes in one are written together.
            ulong first = changes[i].First / RangeDigests.PagesOfRange * RangeDigests.PagesOfRange;
            ulong end = RangeEnd(changes[i].End);
            int last = i + 1;
            for (; last < changes.Count && changes[last].First < end; last++)
                end = RangeEnd(changes[last].End);
            WriteRanges(image, first, end, changes[i..last]);
            i = last;
        }
    }

    private ulong RangeEnd(ulong page) => Math.Min(
        Pages, (page + RangeDigests.PagesOfRange - 1) / RangeDigests.PagesOfRange * RangeDigests.PagesOfRange);

    private IEnumerable<(ulong First, ulong End)> Changes(ushort id)
    {
        (List<RangeListEntry> ranges, bool isTruncated) = _client.ReadDelta(id);
        ulong end = 0;
        foreach (RangeListEntry range in ranges)
        {
            ulong first = range.Slba * _snapshot.BlockBytes / PageBytes;
            end = Math.Min(Pages, (((range.Slba + range.Blocks) * _snapshot.BlockBytes) + PageBytes - 1) / PageBytes);
            yield return (first, end);
        }

        if (isTruncated)
            yield return (end, Pages);
    }

    private static List<(ulong First, ulong End)> Merge(List<(ulong First, ulong End)> ranges)
    {
        var merged = new List<(ulong First, ulong End)>();
        foreach ((ulong first, ulong end) in ranges.Order())
        {
            if (first >= end)
                continue;
            if (merged.Count > 0 && first <= merged[^1].End)
                merged[^1] = (merged[^1].First, Math.Max(merged[^1].End, end));
            else
                merged.Add((first, end));
        }

        return merged;
    }

    /// <summary>Reads whole ranges, sets their checksums, and writes what is wanted of them.</summary>
    private void WriteRanges(SnapshotImageWriter image, ulong first, ulong end, List<(ulong First, ulong End)> wanted)
    {
        int next = 0;
        foreach (SnapshotClient.PageRun run in _client.ReadPages(_snapshot.Id, first, end))
        {
            AddWanted(image, run, wanted, ref next);
            _hasher.Add(run);
        }
    }

    private static void AddWanted(
        SnapshotImageWriter image, in SnapshotClient.PageRun run, List<(ulong First, ulong End)> wanted, ref int next)
    {
        ulong end = run.Page + run.Pages;
        while (next < wanted.Count && wanted[next].First < end)
        {
            ulong first = Math.Max(run.Page, wanted[next].First);
            for (ulong last = Math.Min(end, wanted[next].End); first < last;)
            {
                uint count = (uint)Math.Min(last - first, uint.MaxValue);
                image.Add(first, count, run.Kind, run.Data.Span);
                first += count;
            }

            if (wanted[next].End > end)
                break;
            next++;
        }
    }
}
