using System.Runtime.InteropServices;
using Emulator.Wire;

namespace Emulator.UnitTests.Migration;

/// <summary>Entry of a range list, for comparisons.</summary>
public readonly record struct Range(uint Nsid, ulong Start, ulong Blocks, bool ReadsAsZero = false);

/// <summary>A range list as a client reads it, with everything checked that holds for each.</summary>
public sealed record RangeList(RangeListHeader Header, Range[] Ranges)
{
    public RangeListFlags Flags => (RangeListFlags)(uint)Header.Flags;

    public static RangeList Parse(ReadOnlySpan<byte> page)
    {
        RangeListHeader header = WireStruct.Read<RangeListHeader>(page);
        Assert.Equal(1, (ushort)header.Version);
        Assert.Equal((uint)RangeListEntry.Size, (uint)header.EntrySize);
        ReadOnlySpan<RangeListEntry> entries = MemoryMarshal.Cast<byte, RangeListEntry>(
            page.Slice(RangeListHeader.Size, (int)(ulong)header.Ranges * RangeListEntry.Size));
        Range[] ranges = new Range[entries.Length];
        ulong blocks = 0;
        for (int i = 0; i < entries.Length; i++)
        {
            ref readonly RangeListEntry entry = ref entries[i];
            Assert.Equal(0u, entry.Flags & ~RangeListEntry.ReadsAsZero);
            Assert.NotEqual(0ul, (ulong)entry.Blocks);
            Assert.Equal(0ul, (ulong)entry.Reserved24);
            ranges[i] = new Range(entry.Nsid, entry.Slba, entry.Blocks, (entry.Flags & RangeListEntry.ReadsAsZero) != 0);
            blocks += entry.Blocks;
            if (i > 0)
                AssertInOrder(ranges[i - 1], ranges[i]);
        }

        Assert.Equal(blocks, (ulong)header.Blocks);
        return new RangeList(header, ranges);
    }

    private static void AssertInOrder(Range before, Range after)
    {
        Assert.True(before.Nsid <= after.Nsid, $"{before} before {after}");
        if (before.Nsid != after.Nsid)
            return;
        ulong end = before.Start + before.Blocks;
        Assert.True(end < after.Start || (end == after.Start && before.ReadsAsZero != after.ReadsAsZero), $"{before} before {after}");
    }
}
