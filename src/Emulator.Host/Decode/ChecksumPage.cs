using System.Security.Cryptography;
using Emulator.Wire;

namespace Emulator.Host.Decode;

/// <summary>Log page D5h, checksums of ranges.</summary>
internal static class ChecksumPage
{
    public static DecodedPage Decode(ReadOnlyMemory<byte> memory)
    {
        ReadOnlySpan<byte> bytes = memory.Span;
        RangeListHeader header = RangeListPage.ReadHeader(bytes, "a list of checksums");
        var page = new DecodedPage("LBA Range Checksums");
        RangeListPage.AddHeader(page, header);
        page.Add("ranges", header.Ranges.Value);
        page.Add("blocks", header.Blocks.Value);
        DecodedTable table = page.AddTable("checksums", "range", "sha256");
        bytes = bytes[RangeListHeader.Size..];
        for (ulong i = 0; i < header.Ranges && bytes.Length >= SHA256.HashSizeInBytes; i++)
        {
            ReadOnlySpan<byte> sum = bytes[..SHA256.HashSizeInBytes];
            table.Add(i, sum.ContainsAnyExcept((byte)0) ? Convert.ToHexStringLower(sum) : "nothing allocated");
            bytes = bytes[SHA256.HashSizeInBytes..];
        }

        RangeListPage.RemarkMissing(page, header.Ranges - (ulong)table.Rows.Count, header.Ranges, "checksums");
        return page;
    }
}
