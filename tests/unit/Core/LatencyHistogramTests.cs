using Emulator.Core;

namespace Emulator.UnitTests.Core;

public sealed class LatencyHistogramTests
{
    [Fact]
    public void Percentiles_are_within_two_percent_of_the_sorted_values()
    {
        var random = new SeededRandom(17);
        var histogram = new LatencyHistogram();
        var values = new List<long>();
        for (int i = 0; i < 20_000; i++)
        {
            long value = (long)random.Below(1UL << (int)random.Below(40UL));
            values.Add(value);
            histogram.Record(new SimDuration(value));
        }

        values.Sort();
        foreach (double percent in new[] { 1, 25, 50, 90, 99, 99.9, 100 })
        {
            long exact = values[(int)Math.Ceiling(values.Count * percent / 100) - 1];
            long told = histogram.Percentile(percent).Nanoseconds;
            Assert.InRange(told, exact, exact + (exact / 50));
        }
    }

    [Fact]
    public void An_empty_histogram_tells_zero()
    {
        var histogram = new LatencyHistogram();
        Assert.Equal(SimDuration.Zero, histogram.Percentile(99));
        Assert.Equal(SimDuration.Zero, histogram.Mean);
    }

    [Fact]
    public void Clearing_forgets_everything()
    {
        var histogram = new LatencyHistogram();
        histogram.Record(SimDuration.FromSeconds(3));
        histogram.Clear();
        histogram.Record(new SimDuration(5));
        Assert.Equal(new SimDuration(5), histogram.Percentile(100));
        Assert.Equal(new SimDuration(5), histogram.Longest);
        Assert.Equal(1, histogram.Count);
    }
}
