using System.Runtime.InteropServices;
using Emulator.Wire;

namespace Emulator.Host.Decode;

/// <summary>Log pages D3h, D4h and D7h, range lists.</summary>
internal static class RangeListPage
{
    /// <summary>Whether what follows the header are ranges, and not checksums, which have the same header.</summary>
    public static bool HasRanges(ReadOnlySpan<byte> bytes)
    {
        RangeListHeader header = WireStruct.Read<RangeListHeader>(bytes[..RangeListHeader.Size]);
        foreach (RangeListEntry entry in EntriesIn(bytes, header))
        {
            if (entry.Reserved24 != 0 || (entry.Flags & ~RangeListEntry.ReadsAsZero) != 0 || entry.Blocks == 0 || entry.Nsid == 0)
                return false;
        }

        return true;
    }

    public static DecodedPage Decode(ReadOnlyMemory<byte> memory)
    {
        ReadOnlySpan<byte> bytes = memory.Span;
        RangeListHeader header = ReadHeader(bytes, "a range list");
        var page = new DecodedPage("Range list");
        AddHeader(page, header);
        page.Add("ranges", header.Ranges.Value);
        page.Add("blocks", header.Blocks.Value);
        DecodedTable table = page.AddTable("entries", "nsid", "firstBlock", "blocks", "readsAsZero");
        foreach (RangeListEntry entry in EntriesIn(bytes, header))
        {
            table.Add(
                entry.Nsid.Value, entry.Slba.Value, entry.Blocks.Value, (entry.Flags & RangeListEntry.ReadsAsZero) != 0);
        }

        RemarkMissing(page, header.Ranges - (ulong)table.Rows.Count, header.Ranges, "ranges");
        return page;
    }

    /// <exception cref="UserErrorException">It is no header of a range list.</exception>
    internal static RangeListHeader ReadHeader(ReadOnlySpan<byte> bytes, string what)
    {
        if (bytes.Length < RangeListHeader.Size)
            throw new UserErrorException($"{what} has {RangeListHeader.Size} bytes at least, these are {bytes.Length}");
        RangeListHeader header = WireStruct.Read<RangeListHeader>(bytes[..RangeListHeader.Size]);
        return header.Version == 1 && header.EntrySize == RangeListEntry.Size
            ? header
            : throw new UserErrorException($"these are {bytes.Length} bytes that are not {what} of version 1");
    }

    internal static void AddHeader(DecodedPage page, in RangeListHeader header)
    {
        var flags = (RangeListFlags)header.Flags.Value;
        page.Add("version", header.Version.Value);
        page.Add("target", header.Target.Value, StatusPage.TargetText(header.Target));
        page.Add("thresholdExceeded", flags.HasFlag(RangeListFlags.ThresholdExceeded));
        page.Add("beganNewRound", flags.HasFlag(RangeListFlags.BeganNewRound));
        page.Add("truncated", flags.HasFlag(RangeListFlags.Truncated));
        page.Add("generation", header.Generation.Value);
        page.Add("round", header.Round.Value);
        page.Add("granuleBytes", header.Granule.Value);
    }

    internal static void RemarkMissing(DecodedPage page, ulong missing, ulong all, string what)
    {
        if (missing > 0)
        {
            page.Remarks.Add(
                $"{missing} of {all} {what} are not in the data; the page has {RangeListHeader.Size + (all * RangeListEntry.Size)} bytes (-l)");
        }
    }

    private static ReadOnlySpan<RangeListEntry> EntriesIn(ReadOnlySpan<byte> bytes, in RangeListHeader header)
    {
        ulong there = (ulong)(bytes.Length - RangeListHeader.Size) / RangeListEntry.Size;
        return MemoryMarshal.Cast<byte, RangeListEntry>(
            bytes.Slice(RangeListHeader.Size, (int)Math.Min(there, header.Ranges) * RangeListEntry.Size));
    }
}
