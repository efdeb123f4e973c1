using Emulator.Core;

namespace Emulator.UnitTests.Core;

public class BusScheduleTests
{
    [Fact]
    public void Transfers_in_the_order_of_their_times_follow_one_another_exactly()
    {
        const ulong seed = 3;
        var random = new SeededRandom(seed);
        var bus = new BusSchedule();
        long ready = 0, free = 0;
        for (int i = 0; i < 100_000; i++)
        {
            ready += random.Below(20_000);
            long length = 1 + random.Below(18_000);
            free = Math.Max(ready, free) + length;
            Assert.True(free == bus.Reserve(ready, length), $"seed {seed}, transfer {i}");
        }
    }

    [Fact]
    public void A_transfer_that_is_ready_early_finds_room_before_one_that_was_reserved_for_later()
    {
        var bus = new BusSchedule();
        Assert.Equal(110_000, bus.Reserve(100_000, 10_000));
        Assert.Equal(10_000, bus.Reserve(0, 10_000));
        Assert.Equal(120_000, bus.Reserve(101_000, 10_000));
    }

    [Fact]
    public void A_transfer_that_does_not_fit_before_a_later_one_goes_on_behind_it()
    {
        var bus = new BusSchedule();
        bus.Reserve(100_000, 10_000);
        Assert.InRange(bus.Reserve(95_000, 10_000), 115_000, 120_000);
    }

    [Fact]
    public void Nothing_is_carried_twice_at_a_time_in_any_order()
    {
        const ulong seed = 4;
        var random = new SeededRandom(seed);
        var bus = new BusSchedule();
        const int count = 1_000;
        long latest = 0;
        for (int i = 0; i < count; i++)
            latest = Math.Max(latest, bus.Reserve(random.Below(1_000_000), 5_000));

        Assert.Equal(count * 5_000, bus.Busy);
        Assert.True(latest >= count * 5_000, $"seed {seed}: {latest}");
    }

    [Fact]
    public void What_is_reserved_far_ahead_does_not_keep_what_is_ready_now_waiting()
    {
        var bus = new BusSchedule();
        for (long ahead = 0; ahead < 100_000_000; ahead += 1_000_000)
            bus.Reserve(ahead, 5_000);
        for (long now = 0; now < 1_000_000; now += 20_000)
            Assert.InRange(bus.Reserve(now, 5_000), now + 5_000, now + 40_000);
    }

    [Fact]
    public void A_backlog_of_any_length_is_served_in_order()
    {
        var bus = new BusSchedule();
        for (int i = 1; i <= 10_000; i++)
            Assert.Equal(i * 5_000L, bus.Reserve(0, 5_000));
    }

    [Fact]
    public void What_lies_far_ahead_is_served_in_order()
    {
        var bus = new BusSchedule();
        const long far = 1_000_000_000;
        Assert.Equal(far + 5_000, bus.Reserve(far, 5_000));
        Assert.Equal(5_000, bus.Reserve(0, 5_000));
        Assert.Equal(far + 10_000, bus.Reserve(far, 5_000));
    }
}
