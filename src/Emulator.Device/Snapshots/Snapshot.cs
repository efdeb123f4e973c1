using System.Runtime.InteropServices;

namespace Emulator.Device;

/// <summary>A snapshot of a namespace, as those who use it know it; what it holds is the store's.</summary>
public sealed class Snapshot
{
    internal Snapshot(ushort id, uint nsid, ulong blockCount, LbaFormatIndex format)
    {
        Id = id;
        Nsid = nsid;
        BlockCount = blockCount;
        Format = format;
    }

    /// <summary>1 to 65535; given again only when all others were given since.</summary>
    public ushort Id { get; }

    public uint Nsid { get; }

    /// <summary>Logical blocks that the namespace had.</summary>
    public ulong BlockCount { get; }

    /// <summary>Format of the logical blocks that the namespace had.</summary>
    public LbaFormatIndex Format { get; }

    public ulong Bytes => BlockCount << LbaFormats.BlockShift(Format);

    /// <summary>Milliseconds as the drive's timestamp told them.</summary>
    public ulong Created { get; internal init; }

    /// <summary>Somebody reads it, or what changed since: it stays until they are done.</summary>
    public bool IsInUse => Users > 0;

    /// <summary>Those who read it over more than one command, as a direct transfer does.</summary>
    internal int Users { get; set; }

    /// <summary>Blocks that were marked uncorrectable: pairs of the first of a run and their number.</summary>
    internal ulong[] Marks { get; init; } = [];

    /// <summary>The namespace is being made what it was; a loss of power does not end that.</summary>
    internal bool IsRestoring { get; set; }

    internal void WriteTo(ref MetadataWriter writer)
    {
        int begun = writer.Begin(MetadataTag.Snapshot);
        writer.Number(MetadataTag.SnapshotId, Id);
        writer.Number(MetadataTag.Nsid, Nsid);
        writer.Number(MetadataTag.BlockCount, BlockCount);
        writer.Number(MetadataTag.Format, (ulong)Format);
        writer.Number(MetadataTag.Created, Created);
        if (IsRestoring)
            writer.Number(MetadataTag.IsRestoring, 1);
        if (Marks.Length > 0)
            writer.Bytes(MetadataTag.Uncorrectable, MemoryMarshal.AsBytes(Marks.AsSpan()));
        writer.End(begun);
    }

    internal static Snapshot ReadFrom(MetadataReader reader)
    {
        int id = 0, format = 0;
        uint nsid = 0;
        ulong blocks = 0, created = 0;
        ulong[] marks = [];
        bool restoring = false;
        while (reader.Next())
        {
            switch (reader.Tag)
            {
                case MetadataTag.SnapshotId:
                    id = reader.Count;
                    break;
                case MetadataTag.Nsid:
                    nsid = (uint)reader.Count;
                    break;
                case MetadataTag.BlockCount:
                    blocks = reader.Number;
                    break;
                case MetadataTag.Format:
                    format = reader.Count;
                    break;
                case MetadataTag.Created:
                    created = reader.Number;
                    break;
                case MetadataTag.IsRestoring:
                    restoring = reader.Number != 0;
                    break;
                case MetadataTag.Uncorrectable:
                    marks = MemoryMarshal.Cast<byte, ulong>(reader.Bytes).ToArray();
                    break;
                default:
                    throw reader.Unknown();
            }
        }

        if (id is 0 or > ushort.MaxValue || format >= LbaFormats.Count || blocks == 0 || marks.Length % 2 != 0)
            throw MetadataReader.Damaged($"snapshot {id} is impossible");
        return new Snapshot((ushort)id, nsid, blocks, (LbaFormatIndex)format)
        {
            Created = created,
            IsRestoring = restoring,
            Marks = marks,
        };
    }
}
