using Emulator.Core;

namespace Emulator.Ftl.Snapshots;

/// <summary>
/// The snapshots of a drive, by volumes: sets of segments that are snapshot together. A physical page is named by one
/// entry, of the map or of one snapshot.
/// </summary>
internal sealed class SnapshotTable : IDisposable
{
    private readonly List<SnapshotMap> _all = [];
    private readonly Dictionary<ushort, SnapshotMap> _byId = [];
    private readonly uint[] _volumeOf;

    /// <summary>Cleared ones of snapshots that were deleted: a large one that is new would be cleared while a host waits.</summary>
    private readonly Stack<NativeMemoryBlock> _directories = [];
    private readonly Dictionary<uint, uint[]> _runs = [];
    private SnapshotMap?[] _newest = new SnapshotMap?[16];

    /// <param name="logicalPages">Logical pages of the drive.</param>
    /// <param name="mostBlocks">Blocks of entries for all snapshots.</param>
    public SnapshotTable(long logicalPages, int mostBlocks)
    {
        Segments = (int)((logicalPages + SnapshotBlocks.Entries - 1) >> SnapshotBlocks.Shift);
        Blocks = new SnapshotBlocks(mostBlocks);
        _volumeOf = new uint[Segments];
    }

    public int Segments { get; }

    public SnapshotBlocks Blocks { get; }

    /// <summary>In the order in which they were made.</summary>
    public IReadOnlyList<SnapshotMap> All => _all;

    public long PagesHeld
    {
        get
        {
            long held = 0;
            foreach (SnapshotMap snapshot in _all)
                held += snapshot.PagesHeld;
            return held;
        }
    }

    public SnapshotMap? Find(ushort id) => _byId.GetValueOrDefault(id);

    /// <summary>Gives segments to a volume, or to none: 0.</summary>
    public void Assign(uint volume, ReadOnlySpan<uint> segments)
    {
        foreach (uint segment in segments)
            _volumeOf[segment] = volume;
        if (volume != 0)
            _runs[volume] = Condensed(segments);
    }

    /// <summary>The segments of a volume, as pairs of the first of a row and their number.</summary>
    public ReadOnlySpan<uint> RunsOf(uint volume) => _runs.GetValueOrDefault(volume);

    /// <summary>Takes over the segments of a volume as a medium has them.</summary>
    public void AssignRuns(uint volume, uint[] runs)
    {
        _runs[volume] = runs;
        for (int i = 0; i + 1 < runs.Length; i += 2)
            _volumeOf.AsSpan((int)runs[i], (int)runs[i + 1]).Fill(volume);
    }

    public SnapshotMap? NewestOf(LogicalPage page)
    {
        uint volume = _volumeOf[page.Value >> SnapshotBlocks.Shift];
        return volume < (uint)_newest.Length ? _newest[volume] : null;
    }

    /// <summary>The latest snapshot of a page's volume that was made before a sequence; null if there is none.</summary>
    public SnapshotMap? NewestBefore(LogicalPage page, ulong sequence)
    {
        SnapshotMap? snapshot = NewestOf(page);
        while (snapshot != null && snapshot.Sequence >= sequence)
            snapshot = snapshot.Older;
        return snapshot;
    }

    /// <summary>The snapshot that holds a physical page for a logical one; there is one.</summary>
    public SnapshotMap HolderOf(LogicalPage page, uint physical)
    {
        SnapshotMap? snapshot = NewestOf(page);
        while (snapshot != null && snapshot[page.Value] != physical)
            snapshot = snapshot.Older;
        Check.That(snapshot != null);
        return snapshot;
    }

    /// <summary>Where a snapshot has a page.</summary>
    /// <param name="mapped">Where it is now.</param>
    public static uint Resolve(SnapshotMap snapshot, LogicalPage page, uint mapped)
    {
        for (SnapshotMap? holder = snapshot; holder != null; holder = holder.Newer)
        {
            if (holder[page.Value] is var entry && entry != SnapshotBlocks.NotKept)
                return entry;
        }

        return mapped;
    }

    /// <summary>Whether a page changed since a snapshot.</summary>
    public static bool HasChanged(SnapshotMap snapshot, LogicalPage page)
    {
        for (SnapshotMap? holder = snapshot; holder != null; holder = holder.Newer)
        {
            if (holder[page.Value] != SnapshotBlocks.NotKept)
                return true;
        }

        return false;
    }

    /// <summary>Whether any page of a segment changed since a snapshot.</summary>
    public static bool HasSegmentChanged(SnapshotMap snapshot, uint segment)
    {
        for (SnapshotMap? holder = snapshot; holder != null; holder = holder.Newer)
        {
            if (holder.BlockOf(segment) != SnapshotBlocks.None)
                return true;
        }

        return false;
    }

    /// <summary>Adds a snapshot, the latest of its volume.</summary>
    public SnapshotMap Add(ushort id, uint volume, ulong sequence)
    {
        if (volume >= (uint)_newest.Length)
            Array.Resize(ref _newest, (int)Math.Max(volume + 1, 2u * (uint)_newest.Length));
        if (!_directories.TryPop(out NativeMemoryBlock? directory))
            directory = new NativeMemoryBlock((long)Segments * sizeof(int));
        var snapshot = new SnapshotMap(id, volume, sequence, Segments, directory, Blocks) { Older = _newest[volume] };
        if (snapshot.Older != null)
        {
            Check.That(snapshot.Older.Sequence <= sequence);
            snapshot.Older.Newer = snapshot;
        }

        _newest[volume] = snapshot;
        _all.Add(snapshot);
        _byId.Add(id, snapshot);
        return snapshot;
    }

    /// <summary>
    /// Deletes a snapshot. What it keeps and the next earlier one does not is from now on kept by that one; the rest is
    /// free.
    /// </summary>
    /// <param name="release">Told of each physical page that no snapshot holds any more; null if nobody needs to know.</param>
    public void Delete(SnapshotMap snapshot, Action<uint>? release)
    {
        for (int segment = snapshot.NextSegment(0); segment < Segments; segment = snapshot.NextSegment(segment + 1))
            HandOver(snapshot, (uint)segment, release);
        if (snapshot.Older != null)
            snapshot.Older.Newer = snapshot.Newer;
        if (snapshot.Newer != null)
            snapshot.Newer.Older = snapshot.Older;
        else
            _newest[snapshot.Volume] = snapshot.Older;
        _all.Remove(snapshot);
        _byId.Remove(snapshot.Id);
        _directories.Push(snapshot.Directory);
    }

    /// <summary>After recovery: no block has a number beyond the limit.</summary>
    /// <returns>False if there are too many blocks.</returns>
    public bool KeepLimit()
    {
        Blocks.MayExceedLimit = false;
        while (Blocks.HighWater > Blocks.Limit)
        {
            if (Blocks.Available < 0)
                return false;
            if (Blocks.MoveLast() is var block && block != SnapshotBlocks.None)
                Find((ushort)Blocks[block].Snapshot)!.Renumber(Blocks[block].Segment, block);
        }

        return true;
    }

    public void Dispose()
    {
        foreach (SnapshotMap snapshot in _all)
            snapshot.Directory.Dispose();
        foreach (NativeMemoryBlock directory in _directories)
            directory.Dispose();
        Blocks.Dispose();
    }

    private void HandOver(SnapshotMap snapshot, uint segment, Action<uint>? release)
    {
        int block = snapshot.BlockOf(segment);
        snapshot.Forget(segment);
        if (snapshot.Older is { } older)
        {
            if (older.BlockOf(segment) == SnapshotBlocks.None)
            {
                older.Adopt(block);
                return;
            }

            Merge(block, older, release);
        }
        else if (release != null)
        {
            foreach (uint entry in Blocks[block].Pages)
            {
                if (entry < SnapshotBlocks.NotKept)
                    release(entry);
            }
        }

        Blocks.Release(block);
    }

    private void Merge(int block, SnapshotMap older, Action<uint>? release)
    {
        uint page = Blocks[block].Segment << SnapshotBlocks.Shift;
        foreach (uint entry in Blocks[block].Pages)
        {
            if (entry != SnapshotBlocks.NotKept)
            {
                if (older[page] == SnapshotBlocks.NotKept)
                    Check.That(older.TrySet(page, entry));
                else if (entry < SnapshotBlocks.NotKept)
                    release?.Invoke(entry);
            }

            page++;
        }
    }

    private static uint[] Condensed(ReadOnlySpan<uint> segments)
    {
        var runs = new List<uint>();
        for (int i = 0; i < segments.Length; i++)
        {
            if (i > 0 && segments[i] == segments[i - 1] + 1)
                runs[^1]++;
            else
                runs.AddRange([segments[i], 1]);
        }

        return [.. runs];
    }
}
