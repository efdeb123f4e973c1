using System.Diagnostics;
using Emulator.Host.Migrate;

namespace Emulator.UnitTests.Host.Migrate;

public class MoverPacerTests
{
    private const int Whole = 128 * 1024;
    private const int Short = 32 * 1024;

    private static readonly long Millisecond = Stopwatch.Frequency / 1000;

    [Fact]
    public void A_VM_that_does_nothing_is_not_waited_for()
    {
        var pacer = new MoverPacer(20, 0);
        pacer.Observe(0, 7, isHalted: false);
        pacer.Observe(Millisecond, 7, isHalted: false);

        Assert.Equal(Whole, pacer.MayRead(Millisecond, 1 << 20, Whole));
    }

    [Theory]
    [InlineData(0, Whole, 2)]
    [InlineData(1, Whole, 1)]
    [InlineData(20, Whole, 2)]
    [InlineData(75, Whole, 7)]
    [InlineData(20, 4096, 6)]
    public void A_VM_at_work_waits_for_no_more_than_a_few_short_commands(int sharePercent, int bytes, int commands)
    {
        MoverPacer pacer = AtWork(sharePercent);
        int weight = 0, begun = 0;
        while (pacer.MayRead(Millisecond, weight, bytes) is > 0 and var allowed)
        {
            Assert.Equal(Math.Min(bytes, Short), allowed);
            weight += MoverPacer.WeightOf(allowed);
            begun++;
        }

        Assert.Equal(commands, begun);
    }

    [Fact]
    public void A_VM_without_precedence_is_not_waited_for_either() =>
        Assert.Equal(Whole, AtWork(100).MayRead(Millisecond, 1 << 20, Whole));

    [Fact]
    public void A_VM_that_was_at_work_and_is_halted_is_not_waited_for()
    {
        MoverPacer pacer = AtWork(20);

        pacer.Observe(2 * Millisecond, 9, isHalted: true);

        Assert.Equal(Whole, pacer.MayRead(2 * Millisecond, 1 << 20, Whole));
    }

    [Fact]
    public void A_VM_that_was_not_seen_at_work_for_a_while_is_not_waited_for()
    {
        MoverPacer pacer = AtWork(20);

        pacer.Observe(30 * Millisecond, 8, isHalted: false);

        Assert.Equal(Whole, pacer.MayRead(30 * Millisecond, 1 << 20, Whole));
    }

    [Fact]
    public void A_medium_that_takes_long_for_each_command_is_left_to_the_VM_for_its_share_of_the_time()
    {
        MoverPacer pacer = AtWork(20);
        long now = Millisecond;
        for (int i = 0; i < 16; i++)
        {
            Assert.Equal(Short, pacer.MayRead(now, 0, Whole));
            now += 10 * Millisecond;
            pacer.Ended(now, 10 * Millisecond);
        }

        // 160 ms of work are followed by four times as much rest.
        Assert.Equal(0, pacer.MayRead(now + (639 * Millisecond), 0, Whole));
        Assert.Equal(Short, pacer.MayRead(now + (640 * Millisecond), 0, Whole));
    }

    [Fact]
    public void Commands_that_only_now_and_then_take_long_are_followed_by_no_rest()
    {
        MoverPacer pacer = AtWork(20);
        for (int i = 0; i < 16; i++)
            pacer.Ended(Millisecond, (i == 8 ? 1 : 50) * Millisecond / 2);

        Assert.Equal(Short, pacer.MayRead(Millisecond, 0, Whole));
    }

    [Fact]
    public void A_limit_of_bandwidth_holds_over_time()
    {
        const long limit = 10_000_000;
        var pacer = new MoverPacer(20, limit);
        long moved = 0;
        for (long now = 0; now < Stopwatch.Frequency; now += Millisecond / 10)
        {
            while (pacer.MayRead(now, 0, Whole) is > 0 and var bytes)
            {
                pacer.Begun(now, bytes);
                moved += bytes;
            }
        }

        Assert.InRange(moved, limit - Whole, limit + (2 * Whole));
    }

    private static MoverPacer AtWork(int sharePercent)
    {
        var pacer = new MoverPacer(sharePercent, 0);
        pacer.Observe(0, 7, isHalted: false);
        pacer.Observe(Millisecond, 8, isHalted: false);
        return pacer;
    }
}
