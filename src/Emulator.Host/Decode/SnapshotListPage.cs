using Emulator.Wire;

namespace Emulator.Host.Decode;

/// <summary>Log page D6h, snapshots.</summary>
internal static class SnapshotListPage
{
    public static bool IsOne(ReadOnlySpan<byte> bytes)
    {
        SnapshotListHeader header = WireStruct.Read<SnapshotListHeader>(bytes[..SnapshotListHeader.Size]);
        return header.Version == 1 && header.EntrySize == SnapshotListEntry.Size
            && !bytes[24..44].ContainsAnyExcept((byte)0) && !bytes[48..SnapshotListHeader.Size].ContainsAnyExcept((byte)0);
    }

    public static DecodedPage Decode(ReadOnlyMemory<byte> memory)
    {
        ReadOnlySpan<byte> bytes = memory.Span;
        if (bytes.Length < SnapshotListHeader.Size || !IsOne(bytes))
            throw new UserErrorException($"these are {bytes.Length} bytes that are not a list of snapshots of version 1");
        SnapshotListHeader header = WireStruct.Read<SnapshotListHeader>(bytes[..SnapshotListHeader.Size]);
        var page = new DecodedPage("Snapshots");
        page.Add("version", header.Version.Value);
        page.Add("target", header.Target.Value, StatusPage.TargetText(header.Target));
        page.Add("limit", header.Limit.Value);
        page.Add("snapshots", header.Snapshots.Value);
        page.Add("bytesLeft", header.BytesLeft.Value, header.BytesLeft == ulong.MaxValue ? "no limit" : null);
        DecodedTable table = page.AddTable(
            "entries", "id", "nsid", "created", "blocks", "blockBytes", "bytesHeld", "inUse", "otherFormat", "nguid");
        int there = (int)Math.Min(header.Entries, (uint)(bytes.Length - SnapshotListHeader.Size) / SnapshotListEntry.Size);
        for (int i = 0; i < there; i++)
        {
            SnapshotListEntry entry = WireStruct.Read<SnapshotListEntry>(
                bytes.Slice(SnapshotListHeader.Size + (i * SnapshotListEntry.Size), SnapshotListEntry.Size));
            var flags = (SnapshotFlags)entry.Flags.Value;
            table.Add(
                entry.Id.Value, entry.Nsid.Value, entry.Created.Value, entry.Blocks.Value, entry.BlockBytes.Value, entry.BytesHeld.Value,
                flags.HasFlag(SnapshotFlags.InUse), flags.HasFlag(SnapshotFlags.OtherFormat), Convert.ToHexStringLower(entry.Nguid));
        }

        uint missing = header.Entries - (uint)there;
        if (missing > 0)
        {
            page.Remarks.Add(
                $"{missing} of {header.Entries} snapshots are not in the data; the page has {SnapshotListHeader.Size + (header.Entries * SnapshotListEntry.Size)} bytes (-l)");
        }

        return page;
    }
}
