using Emulator.Core;
using Emulator.Migration;

namespace Emulator.UnitTests.Migration.Transfers;

public class RestCycleTests
{
    private const int WorkOfStep = 1000;

    private static readonly SimDuration Step = SimDuration.FromMicroseconds(500);

    private readonly RestCycle _cycle = new();
    private SimTime _now;
    private long _hostWork;

    /// <summary>What hosts lose while the copy is at work, in percent; how much of the time it then has, at least and at most, in percent.</summary>
    [Theory]
    [InlineData(0, 90, 100)]
    [InlineData(10, 90, 100)]
    [InlineData(30, 40, 60)]
    [InlineData(70, 17, 25)]
    [InlineData(100, 12, 18)]
    public void Hosts_keep_what_the_share_leaves_them_and_the_copy_the_rest(int lossPercent, int least, int most)
    {
        Run(SimDuration.FromSeconds(1), lossPercent, share: 20);
        (double hosts, double copy) = Run(SimDuration.FromSeconds(4), lossPercent, share: 20);

        Assert.InRange(hosts, 0.8, 1);
        Assert.InRange(copy, least / 100.0, most / 100.0);
    }

    [Theory]
    [InlineData(20, 15, 25)]
    [InlineData(40, 35, 45)]
    [InlineData(80, 75, 85)]
    [InlineData(100, 100, 100)]
    public void A_larger_share_is_more_of_the_time(int share, int least, int most)
    {
        Run(SimDuration.FromSeconds(1), 70, share);
        (_, double copy) = Run(SimDuration.FromSeconds(4), 70, share);

        Assert.InRange(copy, least / 100.0, most / 100.0);
    }

    [Fact]
    public void A_copy_without_hosts_looks_once_and_never_rests_again()
    {
        (_, double first) = Run(SimDuration.FromMilliseconds(100), 0, share: 20, step: 0);
        (_, double copy) = Run(SimDuration.FromSeconds(1), 0, share: 20, step: 0);

        Assert.InRange(first, 0.85, 0.95);
        Assert.Equal(1, copy);
    }

    [Fact]
    public void Hosts_that_come_are_seen_and_hosts_that_left_are_forgotten()
    {
        Run(SimDuration.FromSeconds(1), 0, share: 20, step: 0);
        Run(SimDuration.FromMilliseconds(300), 70, share: 20);
        (_, double beside) = Run(SimDuration.FromSeconds(1), 70, share: 20);
        Run(SimDuration.FromMilliseconds(300), 0, share: 20, step: 0);
        (_, double alone) = Run(SimDuration.FromSeconds(1), 0, share: 20, step: 0);

        Assert.InRange(beside, 0.1, 0.3);
        Assert.Equal(1, alone);
    }

    [Fact]
    public void A_copy_that_was_stopped_begins_with_work()
    {
        Run(SimDuration.FromSeconds(1), 70, share: 20);
        while (!_cycle.IsResting(_now, _hostWork, 20))
            Advance(WorkOfStep);

        _cycle.Stop();

        Assert.False(_cycle.IsResting(_now, _hostWork, 20));
    }

    [Fact]
    public void It_says_when_it_wants_to_be_asked()
    {
        Run(SimDuration.FromSeconds(1), 70, share: 20);
        bool before = _cycle.IsResting(_now, _hostWork, 20);
        for (int i = 0; i < 10_000; i++)
        {
            SimTime ends = _cycle.Ends;
            Advance(WorkOfStep);
            bool now = _cycle.IsResting(_now, _hostWork, 20);
            Assert.True(now == before || _now >= ends);
            before = now;
        }
    }

    /// <summary>What hosts did of what they do alone, and for how much of the time the copy was at work.</summary>
    private (double Hosts, double Copy) Run(SimDuration duration, int lossPercent, int share, int step = WorkOfStep)
    {
        (long steps, long atWork, long before) = (0, 0, _hostWork);
        for (SimTime end = _now + duration; _now < end; steps++)
        {
            bool isResting = _cycle.IsResting(_now, _hostWork, share);
            atWork += isResting ? 0 : 1;
            Advance(isResting ? step : step * (100 - lossPercent) / 100);
        }

        return ((_hostWork - before) / (double)(steps * Math.Max(step, 1)), atWork / (double)steps);
    }

    private void Advance(int work)
    {
        _now += Step;
        _hostWork += work;
    }
}
