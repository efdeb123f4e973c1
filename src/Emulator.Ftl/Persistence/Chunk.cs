using System.Runtime.InteropServices;
using Emulator.Core;

namespace Emulator.Ftl.Persistence;

/// <summary>What a chunk of a checkpoint holds.</summary>
public enum ChunkKind : ushort
{
    /// <summary>A slice of the map: a physical page for each logical one.</summary>
    Map = 1,

    /// <summary>A <see cref="SuperblockRecord"/> for each superblock.</summary>
    Superblocks = 2,

    /// <summary>A part of the device's own metadata.</summary>
    Metadata = 3,

    /// <summary>A part of the list of snapshots.</summary>
    SnapshotList = 4,

    /// <summary>Blocks of what snapshots keep.</summary>
    Snapshots = 5,
}

/// <summary>
/// A checkpoint is made of chunks of 4 KiB, each complete in itself: it says of which checkpoint it is, which part, up
/// to which sequence it is true, and carries a checksum.
/// </summary>
[StructLayout(LayoutKind.Explicit, Size = Chunk.HeaderBytes)]
public struct Chunk
{
    public const int Bytes = 4096;
    public const int HeaderBytes = 32;
    public const int PayloadBytes = Bytes - HeaderBytes;
    public const int MapEntries = PayloadBytes / sizeof(uint);
    public const int SnapshotBlocks = PayloadBytes / Snapshots.SnapshotBlocks.Block.Bytes;
    public const int SuperblockEntries = PayloadBytes / SuperblockRecord.Bytes;

    private const uint MagicValue = 0x4B48_4345;
    private const int ChecksumOffset = 12;

    [FieldOffset(0)] private uint _magic;
    [FieldOffset(4)] public ChunkKind Kind;
    [FieldOffset(6)] public ushort Length;
    [FieldOffset(8)] public int Index;
    [FieldOffset(ChecksumOffset)] private uint _checksum;
    [FieldOffset(16)] public ulong Generation;

    /// <summary>Everything up to this sequence is in the chunk, and nothing later.</summary>
    [FieldOffset(24)] public ulong Sequence;

    /// <summary>Chunks that so many bytes of payload take.</summary>
    public static int CountFor(uint bytes) => (int)((bytes + PayloadBytes - 1) / PayloadBytes);

    /// <summary>Puts the header before a payload that is in place, and the checksum over both.</summary>
    public readonly void Seal(Span<byte> chunk)
    {
        Chunk header = this;
        header._magic = MagicValue;
        header._checksum = 0;
        chunk[(HeaderBytes + Length)..].Clear();
        MemoryMarshal.Write(chunk, in header);
        header._checksum = Crc32C.Compute(chunk);
        MemoryMarshal.Write(chunk, in header);
    }

    /// <summary>Whether a chunk is undamaged and the one that is looked for.</summary>
    public static bool TryOpen(
        ReadOnlySpan<byte> chunk, ulong generation, ChunkKind kind, int index, out Chunk header, out ReadOnlySpan<byte> payload)
    {
        header = MemoryMarshal.Read<Chunk>(chunk);
        payload = default;
        if (header._magic != MagicValue || header.Generation != generation || header.Kind != kind || header.Index != index
            || header.Length > PayloadBytes || header._checksum != ChecksumOf(chunk))
            return false;
        payload = chunk.Slice(HeaderBytes, header.Length);
        return true;
    }

    private static uint ChecksumOf(ReadOnlySpan<byte> chunk)
    {
        uint state = Crc32C.Append(Crc32C.Initial, chunk[..ChecksumOffset]);
        state = Crc32C.Append(state, [0, 0, 0, 0]);
        return Crc32C.Finish(Crc32C.Append(state, chunk[(ChecksumOffset + sizeof(uint))..]));
    }
}

/// <summary>A superblock in a checkpoint.</summary>
[StructLayout(LayoutKind.Explicit, Size = Bytes)]
public struct SuperblockRecord
{
    public const int Bytes = 32;

    [FieldOffset(0)] public uint EraseCount;
    [FieldOffset(4)] public uint ProgrammedPages;

    /// <summary>Sequence of its first page; 0 if nothing is programmed.</summary>
    [FieldOffset(8)] public ulong FirstSequence;

    /// <summary>Sequence of its last page, with which nothing more is programmed; 0 while it is open.</summary>
    [FieldOffset(16)] public ulong LastSequence;

    [FieldOffset(24)] public SuperblockFlags Flags;
    [FieldOffset(28)] private readonly uint _reserved;
}

[Flags]
public enum SuperblockFlags : uint
{
    None = 0,

    /// <summary>It could not be erased, and is not used any more.</summary>
    Retired = 1,
}
