using System.Runtime.InteropServices;
using Emulator.Flash;
using Emulator.Ftl.Snapshots;

namespace Emulator.Ftl.Persistence;

/// <summary>What is in a checkpoint slot.</summary>
public enum SlotState : byte
{
    /// <summary>No header: nothing was ever written there, or the header was torn or lost.</summary>
    Incomplete,

    /// <summary>A header, but not all chunks that belong to it: a later checkpoint was begun there, or there is damage.</summary>
    Overwritten,

    Complete,
}

/// <summary>Reads a checkpoint slot and checks all of it.</summary>
public sealed unsafe class CheckpointReader
{
    private readonly Medium _medium;
    private readonly MediumFormat _format;
    private readonly SystemLayout _layout;
    private readonly CheckpointHeader _header;

    private CheckpointReader(Medium medium, MediumFormat format, int slot)
    {
        _medium = medium;
        _format = format;
        _layout = new SystemLayout(format);
        if (!CheckpointHeader.TryRead(Bytes(_layout.SlotOffset((ulong)slot), CheckpointHeader.Bytes), out CheckpointHeader header)
            || header.Generation % SystemLayout.Turns != (ulong)slot || header.MetadataLength > (uint)format.MetadataBytes
            || header.SnapshotListLength > (uint)_layout.MostSnapshotListChunks * Chunk.PayloadBytes
            || header.SnapshotChunks > (uint)_layout.MostSnapshotChunks)
            return;
        _header = header;
        State = AreChunksWhole() ? SlotState.Complete : SlotState.Overwritten;
    }

    public SlotState State { get; }

    public ref readonly CheckpointHeader Header => ref _header;

    /// <summary>Chunks that are missing or damaged.</summary>
    public int BadChunks { get; private set; }

    public static CheckpointReader Open(Medium medium, MediumFormat format, int slot) => new(medium, format, slot);

    public byte[] Metadata() => Joined(ChunkKind.Metadata, _header.MetadataLength);

    /// <summary>The list of snapshots, empty if there is none.</summary>
    public byte[] SnapshotList() => Joined(ChunkKind.SnapshotList, _header.SnapshotListLength);

    /// <summary>Loads what snapshots keep.</summary>
    internal void ReadSnapshots(SnapshotBlocks blocks)
    {
        for (int i = 0; i < _header.SnapshotChunks; i++)
            blocks.Load(MemoryMarshal.Cast<byte, SnapshotBlocks.Block>(Payload(ChunkKind.Snapshots, i, out _)));
    }

    /// <summary>Every superblock as the checkpoint knows it.</summary>
    public SuperblockRecord[] Superblocks()
    {
        var records = new SuperblockRecord[_format.Geometry.BlocksPerPlane];
        for (int i = 0; i < _layout.SuperblockChunks; i++)
        {
            MemoryMarshal.Cast<byte, SuperblockRecord>(Payload(ChunkKind.Superblocks, i, out _))
                .CopyTo(records.AsSpan(i * Chunk.SuperblockEntries));
        }

        return records;
    }

    /// <summary>Copies a slice of the map.</summary>
    /// <returns>The sequence up to which the slice is true.</returns>
    public ulong ReadMap(int chunk, Span<uint> entries)
    {
        MemoryMarshal.Cast<byte, uint>(Payload(ChunkKind.Map, chunk, out Chunk header)).CopyTo(entries);
        return header.Sequence;
    }

    private byte[] Joined(ChunkKind kind, uint length)
    {
        byte[] bytes = new byte[length];
        for (int i = 0; i * Chunk.PayloadBytes < bytes.Length; i++)
            Payload(kind, i, out _).CopyTo(bytes.AsSpan(i * Chunk.PayloadBytes));
        return bytes;
    }

    private bool AreChunksWhole()
    {
        Count(ChunkKind.Superblocks, _layout.SuperblockChunks, _format.Geometry.BlocksPerPlane, Chunk.SuperblockEntries, SuperblockRecord.Bytes);
        Count(ChunkKind.Metadata, Chunk.CountFor(_header.MetadataLength), _header.MetadataLength, Chunk.PayloadBytes, 1);
        Count(ChunkKind.SnapshotList, Chunk.CountFor(_header.SnapshotListLength), _header.SnapshotListLength, Chunk.PayloadBytes, 1);
        Count(
            ChunkKind.Snapshots,
            (int)_header.SnapshotChunks,
            _header.SnapshotChunks * (long)Chunk.SnapshotBlocks,
            Chunk.SnapshotBlocks,
            SnapshotBlocks.Block.Bytes);
        Count(ChunkKind.Map, _layout.MapChunks, _format.LogicalPages, Chunk.MapEntries, sizeof(uint));
        return BadChunks == 0;
    }

    private void Count(ChunkKind kind, int chunks, long items, int itemsOfChunk, int itemBytes)
    {
        for (int i = 0; i < chunks; i++)
        {
            long expected = Math.Min(itemsOfChunk, items - ((long)i * itemsOfChunk)) * itemBytes;
            if (Payload(kind, i, out _).Length != expected)
                BadChunks++;
        }
    }

    /// <summary>Empty for a chunk that is missing or damaged.</summary>
    private ReadOnlySpan<byte> Payload(ChunkKind kind, int index, out Chunk header)
    {
        ReadOnlySpan<byte> chunk = Bytes(_layout.ChunkOffset(_header.Generation, kind, index), Chunk.Bytes);
        return Chunk.TryOpen(chunk, _header.Generation, kind, index, out header, out ReadOnlySpan<byte> payload) ? payload : default;
    }

    private ReadOnlySpan<byte> Bytes(long offset, int length) => new(_medium.System + offset, length);
}
