using Emulator.Host.Serving;
using Serilog.Events;
using Serilog.Parsing;

namespace Emulator.UnitTests.Host;

public class LogLimitTests
{
    private static readonly DateTimeOffset Start = new(2026, 11, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly LogLimit _limit = new();

    [Theory]
    [InlineData(LogEventLevel.Warning)]
    [InlineData(LogEventLevel.Error)]
    public void A_burst_passes_and_the_rest_is_counted_until_the_next_that_passes(LogEventLevel level)
    {
        int passed = Enumerable.Range(0, 1000).Count(_ => Passes(level, "a", Start, out long _));

        Assert.Equal(LogLimit.Burst, passed);
        Assert.Equal([("a", 1000L - LogLimit.Burst)], _limit.Untold);
        Assert.True(Passes(level, "a", Start + LogLimit.Interval, out long leftOut));
        Assert.Equal(1000 - LogLimit.Burst, leftOut);
        Assert.Empty(_limit.Untold);
    }

    [Fact]
    public void One_passes_in_each_interval_of_a_flood_that_lasts()
    {
        int passed = Enumerable.Range(0, 100_000).Count(
            i => Passes(LogEventLevel.Error, "a", Start + (i * TimeSpan.FromMilliseconds(1)), out long _));

        Assert.InRange(passed, LogLimit.Burst + 99, LogLimit.Burst + 100);
    }

    [Fact]
    public void Quiet_for_as_long_as_a_burst_earns_a_burst()
    {
        for (int i = 0; i < 100; i++)
            Passes(LogEventLevel.Error, "a", Start, out long _);
        DateTimeOffset later = Start + (LogLimit.Burst * LogLimit.Interval);

        Assert.Equal(LogLimit.Burst, Enumerable.Range(0, 100).Count(_ => Passes(LogEventLevel.Error, "a", later, out long _)));
    }

    [Fact]
    public void A_flood_of_one_kind_leaves_the_others_alone()
    {
        for (int i = 0; i < 100; i++)
            Passes(LogEventLevel.Warning, "a", Start, out long _);

        Assert.True(Passes(LogEventLevel.Warning, "b", Start, out long leftOut));
        Assert.Equal(0, leftOut);
    }

    [Theory]
    [InlineData(LogEventLevel.Debug)]
    [InlineData(LogEventLevel.Information)]
    [InlineData(LogEventLevel.Fatal)]
    public void What_hosts_do_not_provoke_always_passes(LogEventLevel level) =>
        Assert.All(Enumerable.Range(0, 100), _ => Assert.True(Passes(level, "a", Start, out long _)));

    private bool Passes(LogEventLevel level, string text, DateTimeOffset time, out long leftOut) =>
        _limit.Passes(new LogEvent(time, level, null, new MessageTemplateParser().Parse(text), []), out leftOut);
}
