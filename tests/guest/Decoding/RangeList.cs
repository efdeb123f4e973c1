using System.Buffers.Binary;

namespace Emulator.GuestTests.Decoding;

/// <summary>
/// Log pages D3h and D4h as a client decodes them that knows nothing but the specification of the vendor commands;
/// deliberately not with the structures of the drive.
/// </summary>
internal sealed record RangeList
{
    private const int HeaderSize = 64;
    private const int EntrySize = 32;

    public required bool ThresholdExceeded { get; init; }
    public required bool BeganNewRound { get; init; }
    public required bool Truncated { get; init; }
    public required ulong Round { get; init; }
    public required uint GranuleBytes { get; init; }
    public required IReadOnlyList<BlockRange> Ranges { get; init; }

    /// <summary>Bytes of the whole list, as its header has it.</summary>
    public static long LengthOf(ReadOnlySpan<byte> header) =>
        HeaderSize + (EntrySize * (long)BinaryPrimitives.ReadUInt64LittleEndian(header[24..]));

    public static RangeList Decode(ReadOnlySpan<byte> page)
    {
        Assert.Equal(1, BinaryPrimitives.ReadUInt16LittleEndian(page));
        Assert.Equal((uint)EntrySize, BinaryPrimitives.ReadUInt32LittleEndian(page[44..]));
        Assert.True(page[48..HeaderSize].IndexOfAnyExcept((byte)0) < 0, "reserved bytes of the header are not zero");
        uint flags = BinaryPrimitives.ReadUInt32LittleEndian(page[4..]);
        ulong count = BinaryPrimitives.ReadUInt64LittleEndian(page[24..]);
        Assert.True(LengthOf(page) <= page.Length, $"{count} ranges do not fit what was read");

        var ranges = new List<BlockRange>();
        for (int i = 0; i < (int)count; i++)
            ranges.Add(DecodeEntry(page.Slice(HeaderSize + (i * EntrySize), EntrySize)));
        AssertSortedAndMerged(ranges);
        Assert.Equal(
            BinaryPrimitives.ReadUInt64LittleEndian(page[32..]),
            ranges.Aggregate(0UL, (sum, range) => sum + range.Blocks));

        return new RangeList
        {
            ThresholdExceeded = (flags & 1) != 0,
            BeganNewRound = (flags & 2) != 0,
            Truncated = (flags & 4) != 0,
            Round = BinaryPrimitives.ReadUInt64LittleEndian(page[16..]),
            GranuleBytes = BinaryPrimitives.ReadUInt32LittleEndian(page[40..]),
            Ranges = ranges,
        };
    }

    private static BlockRange DecodeEntry(ReadOnlySpan<byte> entry)
    {
        uint flags = BinaryPrimitives.ReadUInt32LittleEndian(entry[20..]);
        Assert.Equal(0u, flags & ~1u);
        Assert.Equal(0UL, BinaryPrimitives.ReadUInt64LittleEndian(entry[24..]));
        return new BlockRange(
            BinaryPrimitives.ReadUInt64LittleEndian(entry),
            BinaryPrimitives.ReadUInt64LittleEndian(entry[8..]),
            BinaryPrimitives.ReadUInt32LittleEndian(entry[16..]),
            (flags & 1) != 0);
    }

    private static void AssertSortedAndMerged(List<BlockRange> ranges)
    {
        for (int i = 1; i < ranges.Count; i++)
        {
            (BlockRange before, BlockRange range) = (ranges[i - 1], ranges[i]);
            if (range.Namespace != before.Namespace)
            {
                Assert.True(range.Namespace > before.Namespace, $"{range} follows {before}");
                continue;
            }

            ulong end = before.FirstBlock + before.Blocks;
            bool unmerged = range.FirstBlock == end && range.ReadsAsZero == before.ReadsAsZero;
            Assert.True(range.FirstBlock >= end && !unmerged, $"{range} follows {before}");
        }
    }
}
