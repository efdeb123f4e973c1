using Emulator.Cache;
using Emulator.Core;
using Emulator.Ftl;

namespace Emulator.UnitTests.Cache;

public sealed class RegionCountsTests
{
    private const int RegionPages = 256;

    [Theory]
    [InlineData(1, 1, 100_000)]
    [InlineData(2, 8, 20_000)]
    [InlineData(3, 500, 5000)]
    public void No_region_with_a_page_is_passed(ulong seed, int most, int pages)
    {
        var random = new SeededRandom(seed);
        var counts = new RegionCounts(most);
        var reference = new HashSet<uint>();
        for (int step = 0; step < 20_000; step++)
        {
            uint page = (uint)random.Below(pages);
            if (reference.Remove(page))
                counts.Remove(new LogicalPage(page));
            else if (reference.Count < most && reference.Add(page))
                counts.Add(new LogicalPage(page));

            int count = random.Below(1000) + 1;
            uint start = (uint)random.Below(pages);
            int from = random.Below(count);
            int next = counts.Next(new LogicalPage(start), from, count);
            Assert.InRange(next, from, count);
            for (int i = from; i < next; i++)
                Assert.DoesNotContain(start + (uint)i, reference);
        }
    }

    [Fact]
    public void Regions_without_a_page_are_passed_at_once()
    {
        var counts = new RegionCounts(4);
        counts.Add(new LogicalPage(5 * RegionPages + 7));
        Assert.Equal((5 * RegionPages) - 10, counts.Next(new LogicalPage(10), 0, 100 * RegionPages));
        counts.Remove(new LogicalPage(5 * RegionPages + 7));
        Assert.Equal(100 * RegionPages, counts.Next(new LogicalPage(10), 0, 100 * RegionPages));
    }

    [Fact]
    public void Removing_more_than_there_is_is_a_firmware_fault()
    {
        var counts = new RegionCounts(4);
        Assert.Throws<FirmwareFaultException>(() => counts.Remove(new LogicalPage(2)));
    }
}
