using Emulator.Flash;

namespace Emulator.Ftl.Persistence;

/// <summary>
/// Where things are in the system area (specs/media-format.md, "System area"): the format header, two checkpoint slots
/// that are used in turn, and the two halves of the journal. Offsets and sizes in bytes, all multiples of 4096.
/// </summary>
public sealed class SystemLayout
{
    /// <summary>Checkpoint slots, and halves of the journal.</summary>
    public const int Turns = 2;

    private readonly long _journalBytes;

    public SystemLayout(MediumFormat format)
    {
        MapChunks = Pieces(format.LogicalPages, Chunk.MapEntries);
        SuperblockChunks = Pieces(format.Geometry.BlocksPerPlane, Chunk.SuperblockEntries);
        MostMetadataChunks = Pieces(format.MetadataBytes, Chunk.PayloadBytes);
        MostSnapshotChunks = format.SnapshotChunks;
        MostSnapshotListChunks = format.SnapshotChunks == 0 ? 0 : MostMetadataChunks;
        _journalBytes = format.JournalBytes;
    }

    public int MapChunks { get; }

    public int SuperblockChunks { get; }

    public int MostMetadataChunks { get; }

    /// <summary>Chunks that a slot has for the list of snapshots.</summary>
    public int MostSnapshotListChunks { get; }

    /// <summary>Chunks that a slot has for what snapshots keep.</summary>
    public int MostSnapshotChunks { get; }

    public long JournalBytes => _journalBytes;

    public long TotalBytes => JournalOffset(Turns);

    private long SlotBytes =>
        (1L + MapChunks + SuperblockChunks + MostMetadataChunks + MostSnapshotListChunks + MostSnapshotChunks) * Chunk.Bytes;

    /// <summary>Where the checkpoint of a generation has its header.</summary>
    public long SlotOffset(ulong generation) => MediumFormat.Bytes + ((long)(generation % Turns) * SlotBytes);

    /// <summary>Where a chunk of the checkpoint of a generation is.</summary>
    public long ChunkOffset(ulong generation, ChunkKind kind, int index) => SlotOffset(generation) + ((1L + index + kind switch
    {
        ChunkKind.Superblocks => 0,
        ChunkKind.Metadata => SuperblockChunks,
        ChunkKind.Map => SuperblockChunks + MostMetadataChunks,
        ChunkKind.SnapshotList => SuperblockChunks + MostMetadataChunks + MapChunks,
        _ => SuperblockChunks + MostMetadataChunks + MapChunks + MostSnapshotListChunks,
    }) * Chunk.Bytes);

    /// <summary>Where the half of the journal is that begins with the checkpoint of a generation.</summary>
    public long JournalOffset(ulong generation) => JournalOffset((int)(generation % Turns));

    /// <summary>
    /// What a drive of a capacity gets by default: metadata for a namespace table as fragmented as it can be and a few
    /// hundred hosts, and a journal that takes such metadata several times over.
    /// </summary>
    public static (int MetadataBytes, long JournalBytes) DefaultSizes(long capacityBytes)
    {
        const long segmentBytes = 1 << 20;
        long metadata = Rounded((128 << 10) + (8 * (capacityBytes / segmentBytes)));
        return ((int)metadata, 4 * metadata);
    }

    /// <summary>
    /// What a drive of a capacity gets for snapshots by default: a chunk for each segment, so that three snapshots may have
    /// a changed page in every segment, or more of them in some.
    /// </summary>
    public static int DefaultSnapshotChunks(long capacityBytes) =>
        Pieces(capacityBytes / FlashGeometry.PageBytes, Snapshots.SnapshotBlocks.Entries);

    private long JournalOffset(int half) => MediumFormat.Bytes + (Turns * SlotBytes) + (half * _journalBytes);

    private static int Pieces(long count, int size) => (int)((count + size - 1) / size);

    private static long Rounded(long bytes) => (bytes + Chunk.Bytes - 1) / Chunk.Bytes * Chunk.Bytes;
}
