using Emulator.Core;

namespace Emulator.Ftl.Snapshots;

/// <summary>
/// What one snapshot keeps: for each page that changed since, where it was. What it does not keep is where the next later
/// snapshot of the volume has it, or the map.
/// </summary>
internal sealed unsafe class SnapshotMap
{
    private readonly SnapshotBlocks _blocks;
    private readonly int* _blockOf;
    private readonly int _segments;

    /// <param name="segments">Segments of the drive.</param>
    /// <param name="directory">A number for each segment, all of them 0.</param>
    public SnapshotMap(ushort id, uint volume, ulong sequence, int segments, NativeMemoryBlock directory, SnapshotBlocks blocks)
    {
        Id = id;
        Volume = volume;
        Sequence = sequence;
        _blocks = blocks;
        _segments = segments;
        Directory = directory;
        _blockOf = (int*)directory.Pointer;
    }

    /// <summary>Whose memory it is: of the table, which uses it again when the snapshot is deleted and has let go of all blocks.</summary>
    public NativeMemoryBlock Directory { get; }

    public ushort Id { get; }

    public uint Volume { get; }

    /// <summary>What has a lower sequence was there when the snapshot was made.</summary>
    public ulong Sequence { get; }

    /// <summary>The next earlier snapshot of the volume.</summary>
    public SnapshotMap? Older { get; set; }

    /// <summary>The next later snapshot of the volume; null if that is the volume as it is now.</summary>
    public SnapshotMap? Newer { get; set; }

    /// <summary>Physical pages that are held for this snapshot.</summary>
    public long PagesHeld { get; private set; }

    /// <summary>The entry of a page, or <see cref="SnapshotBlocks.NotKept"/>.</summary>
    public uint this[uint page] => BlockOf(page >> SnapshotBlocks.Shift) is var block && block == SnapshotBlocks.None
        ? SnapshotBlocks.NotKept
        : _blocks[block].Pages[(int)(page % SnapshotBlocks.Entries)];

    /// <summary>The block of a segment, or <see cref="SnapshotBlocks.None"/>.</summary>
    public int BlockOf(uint segment)
    {
        Check.That(segment < (uint)_segments);
        return _blockOf[segment] - 1;
    }

    /// <summary>The first segment from one on that has a block; the number of segments if there is none.</summary>
    public int NextSegment(int from)
    {
        int found = new ReadOnlySpan<int>(_blockOf + from, _segments - from).IndexOfAnyExcept(0);
        return found < 0 ? _segments : from + found;
    }

    /// <summary>Whether a page can be kept: there is a block for it, or may be.</summary>
    public bool CanKeep(uint page) => BlockOf(page >> SnapshotBlocks.Shift) != SnapshotBlocks.None || _blocks.Available > 0;

    /// <summary>Sets an entry.</summary>
    /// <returns>False if there is no block left for it.</returns>
    public bool TrySet(uint page, uint physical)
    {
        uint segment = page >> SnapshotBlocks.Shift;
        int block = BlockOf(segment);
        if (block == SnapshotBlocks.None)
        {
            block = _blocks.Take(Id, segment);
            if (block == SnapshotBlocks.None)
                return false;
            _blockOf[segment] = block + 1;
        }

        ref uint entry = ref _blocks[block].Pages[(int)(page % SnapshotBlocks.Entries)];
        PagesHeld += (physical < SnapshotBlocks.NotKept ? 1 : 0) - (entry < SnapshotBlocks.NotKept ? 1 : 0);
        entry = physical;
        return true;
    }

    /// <summary>Takes over a block that a checkpoint has, or that another snapshot had.</summary>
    public void Adopt(int block)
    {
        ref SnapshotBlocks.Block adopted = ref _blocks[block];
        Check.That(adopted.Segment < (uint)_segments && _blockOf[adopted.Segment] == 0);
        adopted.Snapshot = Id;
        _blockOf[adopted.Segment] = block + 1;
        foreach (uint entry in adopted.Pages)
            PagesHeld += entry < SnapshotBlocks.NotKept ? 1 : 0;
    }

    /// <summary>The block of a segment has another number now.</summary>
    public void Renumber(uint segment, int block) => _blockOf[segment] = block + 1;

    /// <summary>Lets go of the block of a segment.</summary>
    public void Forget(uint segment) => _blockOf[segment] = 0;
}
