using Emulator.Ftl;

namespace Emulator.UnitTests.Ftl;

public class EraseDistributionTests
{
    [Theory]
    [InlineData(new[] { 5, 5, 5 }, 5, 5.0, 5, new[] { 3, 0 })]
    [InlineData(new[] { 0, 1, 2, 9 }, 0, 3.0, 9, new[] { 3, 1 })]
    [InlineData(new[] { 4, 5 }, 4, 4.5, 5, new[] { 1, 1 })]
    public void Erase_counts_are_summed_up(int[] counts, int least, double mean, int most, int[] halves)
    {
        EraseDistribution found = EraseDistribution.Of(counts, parts: 2);
        Assert.Equal((least, mean, most), (found.Least, found.Mean, found.Most));
        Assert.Equal(halves, found.Histogram);
    }
}
