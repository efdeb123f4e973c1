using System.Runtime.InteropServices;
using Emulator.Core;
using Emulator.Flash;
using Emulator.Ftl.Snapshots;

namespace Emulator.Ftl.Persistence;

/// <summary>What a checkpoint is taken of.</summary>
internal interface ICheckpointSource
{
    /// <summary>The sequence that was given out last.</summary>
    ulong Sequence { get; }

    /// <summary>Superblocks that were emptied so far and may be erased when what was moved out of them is durable.</summary>
    ulong Emptied { get; }

    ref readonly FtlCounters Counters { get; }

    /// <summary>Runs program operations that have begun.</summary>
    MediumResult Commit(SimTime now);

    /// <summary>Entries of the map, fewer at its end.</summary>
    ReadOnlySpan<uint> Map(long first, int most);

    int SuperblockCount { get; }

    SuperblockRecord Describe(int superblock);

    SnapshotTable Snapshots { get; }
}

/// <summary>
/// Writes checkpoints, chunk by chunk while the drive goes on working, so that none is of one moment: every chunk says up
/// to which sequence it is true, and recovery adds what came later. The header is written when all chunks are on the
/// medium and everything that they refer to is programmed; the checkpoint counts when the header is on the medium too.
/// </summary>
internal sealed class CheckpointWriter
{
    /// <summary>How often a write that did not read back is made at once; otherwise it waits for the next occasion.</summary>
    private const int Attempts = 3;

    private readonly SystemArea _area;
    private readonly SystemLayout _layout;
    private readonly ICheckpointSource _source;
    private readonly byte[] _chunk = new byte[Chunk.Bytes];
    private readonly byte[] _metadata;
    private readonly byte[] _snapshotList;
    private int _metadataLength;
    private int _snapshotListLength;
    private CheckpointHeader _header;
    private Stage _stage;
    private int _nextChunk;
    private SimTime _notBefore = SimTime.Zero;
    private SimTime _done = SimTime.Zero;

    private enum Stage : byte
    {
        Chunks,
        AwaitingSyncOfChunks,
        AwaitingSyncOfHeader,
    }

    public CheckpointWriter(SystemArea area, SystemLayout layout, ICheckpointSource source, int metadataBytes)
    {
        _area = area;
        _layout = layout;
        _source = source;
        _metadata = new byte[metadataBytes];
        _snapshotList = new byte[layout.MostSnapshotListChunks == 0 ? 0 : metadataBytes];
    }

    /// <summary>The checkpoint that is being written.</summary>
    public ulong Generation => _header.Generation;

    /// <summary>Sequence when it was begun.</summary>
    public ulong BeginSequence => _header.BeginSequence;

    /// <summary>Grows when snapshots come to keep more.</summary>
    public int ChunkCount => FirstSnapshotChunk + SnapshotChunks;

    public int ChunksWritten => _nextChunk;

    /// <summary>What there is of which checkpoint: as long as it is the same, a synchronisation makes that durable.</summary>
    public (ulong Generation, int Step) Position => (Generation, (int)_stage);

    public bool AwaitsSync => _stage != Stage.Chunks;

    private int MetadataChunks => Chunk.CountFor((uint)_metadataLength);

    private int SnapshotListChunks => Chunk.CountFor((uint)_snapshotListLength);

    private int SnapshotChunks => (_source.Snapshots.Blocks.HighWater + Chunk.SnapshotBlocks - 1) / Chunk.SnapshotBlocks;

    /// <summary>
    /// What snapshots keep comes last: what a slice of the map has no longer is in a chunk that is written later.
    /// </summary>
    private int FirstSnapshotChunk => _layout.SuperblockChunks + MetadataChunks + _layout.MapChunks + SnapshotListChunks;

    /// <summary>Begins a checkpoint.</summary>
    /// <param name="firstOrdinal">Of the journal's half that begins with it.</param>
    /// <param name="notBefore">When the one before it is complete: until then its slot must stay.</param>
    public void Begin(ulong generation, ulong firstOrdinal, ReadOnlySpan<byte> metadata, SimTime notBefore)
    {
        metadata.CopyTo(_metadata);
        _metadataLength = metadata.Length;
        _snapshotListLength = SnapshotList.WriteTo(_source.Snapshots, without: null, _snapshotList);
        Check.That(_snapshotListLength >= 0);
        _header = new CheckpointHeader
        {
            Generation = generation,
            BeginSequence = _source.Sequence,
            FirstOrdinal = firstOrdinal,
            MetadataLength = (uint)metadata.Length,
            SnapshotListLength = (uint)_snapshotListLength,
        };
        _nextChunk = 0;
        _notBefore = _done = notBefore;
        _stage = Stage.Chunks;
    }

    /// <summary>Writes the next chunks, if there are any left.</summary>
    public void WriteChunks(SimTime now, int count)
    {
        for (; count > 0 && _stage == Stage.Chunks; count--)
        {
            if (!WriteChunk(now, _nextChunk))
                return;
            if (++_nextChunk < ChunkCount)
                continue;
            _header.SnapshotChunks = (uint)SnapshotChunks;
            _stage = Stage.AwaitingSyncOfChunks;
        }
    }

    /// <summary>
    /// A snapshot was deleted, and what it kept went to another: chunks of before and after cannot be in one checkpoint.
    /// </summary>
    public void SnapshotDeleted()
    {
        if (_stage == Stage.Chunks)
            _nextChunk = Math.Min(_nextChunk, FirstSnapshotChunk);
    }

    /// <summary>The medium was synchronised; what the checkpoint waited for is durable.</summary>
    /// <param name="programsDone">When everything is programmed that a chunk may refer to.</param>
    /// <returns>Whether the checkpoint is complete.</returns>
    public bool Synced(SimTime now, SimTime programsDone)
    {
        switch (_stage)
        {
            case Stage.AwaitingSyncOfChunks:
                if (WriteHeader(now, SimTime.Max(_done, programsDone), CheckpointFlags.None))
                    _stage = Stage.AwaitingSyncOfHeader;
                return false;
            case Stage.AwaitingSyncOfHeader:
                return now >= _done;
            default:
                return false;
        }
    }

    /// <summary>Writes all that is left of the checkpoint, its header too.</summary>
    /// <param name="sync">Synchronises the medium.</param>
    /// <returns>When the checkpoint is complete; null if it could not be written.</returns>
    public SimTime? Finish(SimTime now, SimTime programsDone, CheckpointFlags flags, Func<bool> sync)
    {
        for (int i = 0; i < Attempts && _stage == Stage.Chunks; i++)
            WriteChunks(now, int.MaxValue);
        if (_stage == Stage.Chunks || !sync())
            return null;
        bool hasHeader = _stage == Stage.AwaitingSyncOfHeader;
        for (int i = 0; i < Attempts && !hasHeader; i++)
            hasHeader = WriteHeader(now, SimTime.Max(_done, programsDone), flags);
        return hasHeader && sync() ? _done : null;
    }

    private bool WriteHeader(SimTime now, SimTime start, CheckpointFlags flags)
    {
        ref readonly FtlCounters counters = ref _source.Counters;
        _header.Flags = flags;
        _header.EndSequence = _source.Sequence;
        _header.HostPagesWritten = (ulong)counters.HostPagesWritten;
        _header.PagesMoved = (ulong)counters.PagesMoved;
        _header.PagesPadded = (ulong)counters.PagesPadded;
        _header.PagesTrimmed = (ulong)counters.PagesTrimmed;
        _header.SuperblocksErased = (ulong)counters.SuperblocksErased;
        Span<byte> bytes = _chunk.AsSpan(0, CheckpointHeader.Bytes);
        _header.Seal(bytes);
        start = SimTime.Max(now, start);
        return _area.Write(now, start, SystemWrite.CheckpointHeader, _layout.SlotOffset(Generation), bytes, out _done);
    }

    private bool WriteChunk(SimTime now, int number)
    {
        int index = number;
        ChunkKind kind = ChunkKind.Superblocks;
        if (index >= _layout.SuperblockChunks)
        {
            index -= _layout.SuperblockChunks;
            kind = ChunkKind.Metadata;
        }

        if (kind == ChunkKind.Metadata && index >= MetadataChunks)
        {
            index -= MetadataChunks;
            kind = ChunkKind.Map;
        }

        if (kind == ChunkKind.Map && index >= _layout.MapChunks)
        {
            index -= _layout.MapChunks;
            kind = ChunkKind.SnapshotList;
        }

        if (kind == ChunkKind.SnapshotList && index >= SnapshotListChunks)
        {
            index -= SnapshotListChunks;
            kind = ChunkKind.Snapshots;
        }

        Span<byte> payload = _chunk.AsSpan(Chunk.HeaderBytes);
        new Chunk
        {
            Kind = kind,
            Length = (ushort)Fill(kind, index, payload),
            Index = index,
            Generation = Generation,
            Sequence = _source.Sequence,
        }.Seal(_chunk);

        long offset = _layout.ChunkOffset(Generation, kind, index);
        SimTime start = SimTime.Max(now, _notBefore);
        bool written = _area.Write(now, start, SystemWrite.CheckpointChunk, offset, _chunk, out SimTime done);
        _done = SimTime.Max(_done, done);
        return written;
    }

    /// <returns>Bytes of the payload.</returns>
    private int Fill(ChunkKind kind, int index, Span<byte> payload)
    {
        switch (kind)
        {
            case ChunkKind.Map:
                ReadOnlySpan<byte> slice = MemoryMarshal.AsBytes(_source.Map((long)index * Chunk.MapEntries, Chunk.MapEntries));
                slice.CopyTo(payload);
                return slice.Length;
            case ChunkKind.Metadata:
                return FillPart(_metadata.AsSpan(0, _metadataLength), index, payload);
            case ChunkKind.SnapshotList:
                return FillPart(_snapshotList.AsSpan(0, _snapshotListLength), index, payload);
            case ChunkKind.Snapshots:
                return FillSnapshots(index * Chunk.SnapshotBlocks, MemoryMarshal.Cast<byte, SnapshotBlocks.Block>(payload));
            default:
                return FillSuperblocks(index * Chunk.SuperblockEntries, MemoryMarshal.Cast<byte, SuperblockRecord>(payload));
        }
    }

    private static int FillPart(ReadOnlySpan<byte> whole, int index, Span<byte> payload)
    {
        ReadOnlySpan<byte> rest = whole[(index * Chunk.PayloadBytes)..];
        rest = rest[..Math.Min(rest.Length, Chunk.PayloadBytes)];
        rest.CopyTo(payload);
        return rest.Length;
    }

    private int FillSnapshots(int first, Span<SnapshotBlocks.Block> blocks)
    {
        SnapshotBlocks kept = _source.Snapshots.Blocks;
        for (int i = 0; i < Chunk.SnapshotBlocks; i++)
            blocks[i] = first + i < kept.HighWater ? kept[first + i] : default;
        return Chunk.SnapshotBlocks * SnapshotBlocks.Block.Bytes;
    }

    private int FillSuperblocks(int first, Span<SuperblockRecord> records)
    {
        int count = Math.Min(Chunk.SuperblockEntries, _source.SuperblockCount - first);
        for (int i = 0; i < count; i++)
            records[i] = _source.Describe(first + i);
        return count * SuperblockRecord.Bytes;
    }
}
