using Emulator.Core;
using Emulator.Tcp;

namespace Emulator.UnitTests.Tcp;

public sealed class SpinTimeTests
{
    private static readonly SimDuration Most = SimDuration.FromMicroseconds(200);

    private readonly SpinTime _spin = new(Most);
    private SimTime _now = SimTime.Zero;

    [Fact]
    public void A_reactor_polls_for_the_most_at_first()
    {
        _spin.Active(_now);

        Assert.False(_spin.IsOver(_now + Most));
        Assert.True(_spin.IsOver(_now + Most + new SimDuration(1)));
    }

    [Fact]
    public void Where_commands_come_seldom_it_sleeps_at_once()
    {
        for (int i = 0; i < 4; i++)
            Command(650);

        Assert.Equal(SimDuration.Zero, _spin.Current);
        Assert.True(_spin.IsOver(_now + new SimDuration(1)));
    }

    [Fact]
    public void Where_they_come_soon_again_it_learns_to_wait_for_them_awake()
    {
        for (int i = 0; i < 10; i++)
            Command(650);

        Assert.Equal([true, true, false, false], Enumerable.Range(0, 4).Select(_ => Command(30)));
        Assert.Equal(SimDuration.FromMicroseconds(50), _spin.Current);
    }

    /// <summary>It used to sleep again as soon as it had done what woke it: every command of a host with one outstanding woke it.</summary>
    [Fact]
    public void Having_been_woken_it_polls_again()
    {
        Assert.True(Command(201));

        Assert.False(_spin.IsOver(_now + SimDuration.FromMicroseconds(50)));
    }

    [Fact]
    public void A_pause_now_and_then_does_not_send_it_to_sleep()
    {
        for (int i = 0; i < 20; i++)
        {
            Command(5_000);
            for (int soon = 0; soon < 10; soon++)
                Assert.False(Command(40));
            Command(150);
        }
    }

    [Fact]
    public void It_never_polls_for_longer_than_the_most()
    {
        for (int i = 0; i < 20; i++)
        {
            _spin.Woken(_now += SimDuration.FromMicroseconds(199));
            Assert.InRange(_spin.Current.Nanoseconds, 0, Most.Nanoseconds);
        }

        Assert.Equal(Most, _spin.Current);
    }

    /// <summary>A command comes after an idle time.</summary>
    /// <returns>Whether the reactor was asleep.</returns>
    private bool Command(long microseconds)
    {
        _now += SimDuration.FromMicroseconds(microseconds);
        bool wasAsleep = _spin.IsOver(_now);
        if (wasAsleep)
            _spin.Woken(_now);
        else
            _spin.Active(_now);
        return wasAsleep;
    }
}
