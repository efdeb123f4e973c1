using Emulator.Core;
using Emulator.Flash;
using Emulator.Flash.Timing;

namespace Emulator.UnitTests.Flash;

/// <summary>One channel byte takes a nanosecond, so that 1000 bytes cross in a microsecond.</summary>
public class FlashTimingTests
{
    private const int Bytes = 10_000;

    private static readonly FlashTimingOptions Plain = new()
    {
        Read = PageTimes.Same(Us(50)),
        Program = PageTimes.Same(Us(500)),
        Erase = Us(3000),
        ChannelBytesPerSecond = 1_000_000_000,
        RetryStep = Us(2),
    };

    private static readonly FlashTimingOptions Suspending = Plain with
    {
        ProgramSuspend = new SuspendOptions { Latency = Us(20), LeastRemaining = Us(60), Limit = 2 },
        EraseSuspend = new SuspendOptions { Latency = Us(40), Limit = 100 },
    };

    [Fact]
    public void A_read_takes_the_array_and_the_transfer()
    {
        var timing = new FlashTiming(2, 2, Plain);
        Assert.Equal(At(100 + 50 + 10), timing.Read(At(100), 0, Bytes, PageType.Lsb));
        Assert.Equal(Us(60), timing.UseOfDie(0).Busy);
        Assert.Equal(Us(10), timing.UseOfChannel(0));
    }

    [Fact]
    public void Commands_cross_the_channel_too()
    {
        var timing = new FlashTiming(1, 3, Plain with { Command = Us(1) });
        Assert.Equal(At(1 + 50 + 10), timing.Read(At(0), 0, Bytes, PageType.Lsb));
        Assert.Equal(At(61 + 1 + 3000), timing.Erase(At(55), 1));
        Assert.Equal(At(62 + 1 + 10 + 500), timing.Program(At(55), 2, Bytes, PageType.Lsb));
        Assert.Equal(Us(11 + 1 + 11), timing.UseOfChannel(0));
    }

    [Fact]
    public void A_retry_reads_the_array_again_after_a_step()
    {
        var timing = new FlashTiming(1, 1, Plain);
        Assert.Equal(At(50 + (2 * (50 + 2)) + 10), timing.Read(At(0), 0, Bytes, PageType.Lsb, retries: 2));
    }

    [Fact]
    public void Times_follow_the_page_type()
    {
        var timing = new FlashTiming(1, 3, Plain with
        {
            Read = new PageTimes(Us(10), Us(20), Us(30), Us(40)),
            Program = new PageTimes(Us(100), Us(200), Us(300), Us(400)),
        });
        Assert.Equal(At(30), timing.Read(At(0), 0, 0, PageType.Msb));
        Assert.Equal(At(40), timing.Read(At(0), 1, 0, PageType.Tsb));
        Assert.Equal(At(200), timing.Program(At(0), 2, 0, PageType.Csb));
    }

    [Fact]
    public void Reads_of_one_die_follow_one_another()
    {
        var timing = new FlashTiming(1, 1, Plain);
        timing.Read(At(0), 0, Bytes, PageType.Lsb);
        Assert.Equal(At(60 + 60), timing.Read(At(0), 0, Bytes, PageType.Lsb));
    }

    [Fact]
    public void Dies_of_one_channel_share_the_channel_alone()
    {
        var timing = new FlashTiming(1, 2, Plain);
        timing.Read(At(0), 0, Bytes, PageType.Lsb);
        Assert.Equal(At(60 + 10), timing.Read(At(0), 1, Bytes, PageType.Lsb));
    }

    [Fact]
    public void Dies_of_different_channels_share_nothing()
    {
        var timing = new FlashTiming(2, 1, Plain);
        timing.Read(At(0), 0, Bytes, PageType.Lsb);
        Assert.Equal(At(60), timing.Read(At(0), 1, Bytes, PageType.Lsb));
    }

    [Fact]
    public void A_transfer_fits_before_one_that_is_reserved_for_later()
    {
        var timing = new FlashTiming(1, 2, Plain);
        timing.Read(At(0), 0, Bytes, PageType.Lsb);
        Assert.Equal(At(10 + 500), timing.Program(At(0), 1, Bytes, PageType.Lsb));
    }

    [Fact]
    public void Programs_that_wait_are_done_at_once_with_those_of_other_planes()
    {
        var timing = new FlashTiming(1, 1, Plain with { JoinsPlanes = true });
        timing.Program(At(0), 0, Bytes, PageType.Lsb, PlanePlace.Of(7, 0));
        Assert.Equal(At(510 + 510), timing.Program(At(0), 0, Bytes, PageType.Lsb, PlanePlace.Of(7, 1)));
        Assert.Equal(At(510 + 520), timing.Program(At(0), 0, Bytes, PageType.Lsb, PlanePlace.Of(7, 2)));
        Assert.Equal(At(1030 + 510), timing.Program(At(0), 0, Bytes, PageType.Lsb, PlanePlace.Of(8, 3)));
        Assert.Equal(At(1540 + 510), timing.Program(At(0), 0, Bytes, PageType.Lsb, PlanePlace.Of(8, 3)));
        Assert.Equal(At(2050 + 510), timing.Program(At(0), 0, Bytes, PageType.Lsb));
    }

    [Fact]
    public void Reads_that_wait_are_done_at_once_with_those_of_other_planes()
    {
        var timing = new FlashTiming(1, 1, Plain with { JoinsPlanes = true });
        timing.Read(At(0), 0, Bytes, PageType.Lsb, place: PlanePlace.Of(7, 0));
        Assert.Equal(At(60 + 60), timing.Read(At(0), 0, Bytes, PageType.Lsb, place: PlanePlace.Of(7, 1)));
        Assert.Equal(At(120 + 10), timing.Read(At(0), 0, Bytes, PageType.Lsb, place: PlanePlace.Of(7, 2)));
        Assert.Equal(At(130 + 60), timing.Read(At(0), 0, Bytes, PageType.Lsb, place: PlanePlace.Of(8, 0)));
    }

    [Fact]
    public void A_read_that_has_begun_is_joined_by_none()
    {
        var timing = new FlashTiming(1, 1, Plain with { JoinsPlanes = true });
        timing.Read(At(0), 0, Bytes, PageType.Lsb, place: PlanePlace.Of(7, 0));
        Assert.Equal(At(60 + 60), timing.Read(At(5), 0, Bytes, PageType.Lsb, place: PlanePlace.Of(7, 1)));
    }

    [Fact]
    public void Programs_that_were_pushed_back_many_times_do_not_keep_a_read_waiting_for_longer()
    {
        // More programs than are kept one by one, and reads that each of them has to let pass.
        var timing = new FlashTiming(1, 1, Plain);
        for (int i = 0; i < 40; i++)
            timing.Program(At(0), 0, 0, PageType.Lsb);
        SimTime now = At(100);
        for (int i = 0; i < 200; i++)
        {
            SimTime done = timing.Read(now, 0, 0, PageType.Lsb);
            Assert.InRange((done - now).Nanoseconds, 50_000, 550_000);
            now = done + Us(10);
        }
    }

    [Fact]
    public void Programs_of_one_die_queue()
    {
        var timing = new FlashTiming(1, 1, Plain);
        Assert.Equal(At(510), timing.Program(At(0), 0, Bytes, PageType.Lsb));
        Assert.Equal(At(510 + 510), timing.Program(At(0), 0, Bytes, PageType.Lsb));
        Assert.Equal(At(510 + 510 + 3000), timing.Erase(At(0), 0));
        Assert.Equal(At(510 + 510 + 3000), timing.FreeAt(0));
    }

    [Fact]
    public void A_read_goes_before_queued_programs_and_pushes_them_back()
    {
        var timing = new FlashTiming(1, 1, Plain);
        timing.Program(At(0), 0, 0, PageType.Lsb);
        timing.Program(At(0), 0, 0, PageType.Lsb);
        Assert.Equal(At(500 + 60), timing.Read(At(100), 0, Bytes, PageType.Lsb));
        Assert.Equal(At(500 + 60 + 500), timing.FreeAt(0));
    }

    [Fact]
    public void A_background_read_waits_for_its_turn()
    {
        var timing = new FlashTiming(1, 1, Plain);
        timing.Program(At(0), 0, 0, PageType.Lsb);
        timing.Program(At(0), 0, 0, PageType.Lsb);
        Assert.Equal(At(1000 + 60), timing.ReadInBackground(At(100), 0, Bytes, PageType.Lsb));
    }

    [Fact]
    public void A_running_program_is_suspended_for_a_read_and_ends_later()
    {
        var timing = new FlashTiming(1, 1, Suspending);
        timing.Program(At(0), 0, 0, PageType.Lsb);
        Assert.Equal(At(100 + 20 + 60), timing.Read(At(100), 0, Bytes, PageType.Lsb));
        Assert.Equal(At(500 + 80), timing.FreeAt(0));
        Assert.Equal(1, timing.UseOfDie(0).Suspensions);
    }

    [Fact]
    public void A_second_read_finds_the_program_suspended_already()
    {
        var timing = new FlashTiming(1, 1, Suspending);
        timing.Program(At(0), 0, 0, PageType.Lsb);
        timing.Read(At(100), 0, Bytes, PageType.Lsb);
        Assert.Equal(At(180 + 60), timing.Read(At(110), 0, Bytes, PageType.Lsb));
        Assert.Equal(At(500 + 80 + 60), timing.FreeAt(0));
        Assert.Equal(1, timing.UseOfDie(0).Suspensions);
    }

    [Fact]
    public void A_program_is_suspended_no_more_often_than_the_limit_allows()
    {
        var timing = new FlashTiming(1, 1, Suspending);
        timing.Program(At(0), 0, 0, PageType.Lsb);
        timing.Read(At(50), 0, Bytes, PageType.Lsb);
        timing.Read(At(200), 0, Bytes, PageType.Lsb);
        Assert.Equal(At(500 + 160 + 60), timing.Read(At(400), 0, Bytes, PageType.Lsb));
        Assert.Equal(2, timing.UseOfDie(0).Suspensions);
    }

    [Fact]
    public void A_program_that_is_about_to_end_is_left_to_end()
    {
        var timing = new FlashTiming(1, 1, Suspending);
        timing.Program(At(0), 0, 0, PageType.Lsb);
        Assert.Equal(At(500 + 60), timing.Read(At(440), 0, Bytes, PageType.Lsb));
        Assert.Equal(0, timing.UseOfDie(0).Suspensions);
    }

    [Fact]
    public void A_running_erase_is_suspended_by_its_own_rule()
    {
        var timing = new FlashTiming(1, 1, Suspending);
        timing.Erase(At(0), 0);
        Assert.Equal(At(10 + 40 + 60), timing.Read(At(10), 0, Bytes, PageType.Lsb));
        Assert.Equal(At(3000 + 100), timing.FreeAt(0));
    }

    [Fact]
    public void A_read_asked_for_ahead_leaves_the_time_before_it_to_an_earlier_one()
    {
        var timing = new FlashTiming(1, 1, Plain);
        Assert.Equal(At(360), timing.Read(At(300), 0, Bytes, PageType.Lsb));
        Assert.Equal(At(60), timing.Read(At(0), 0, Bytes, PageType.Lsb));
        Assert.Equal(At(120), timing.Read(At(0), 0, Bytes, PageType.Lsb));
    }

    [Fact]
    public void A_read_that_delays_one_asked_for_ahead_bears_the_delay_itself()
    {
        var timing = new FlashTiming(1, 1, Plain);
        Assert.Equal(At(360), timing.Read(At(300), 0, Bytes, PageType.Lsb));

        // It is read from 280 to 340, and delays the other by 40.
        Assert.Equal(At(340 + 40), timing.Read(At(280), 0, Bytes, PageType.Lsb));
        Assert.Equal(At(400 + 60), timing.Read(At(310), 0, Bytes, PageType.Lsb));
    }

    [Fact]
    public void With_many_programs_queued_a_read_still_waits_for_one_only()
    {
        var timing = new FlashTiming(1, 1, Plain);
        for (int i = 0; i < 100; i++)
            timing.Program(At(0), 0, 0, PageType.Lsb);
        Assert.Equal(At(500 + 60), timing.Read(At(400), 0, Bytes, PageType.Lsb));
        Assert.Equal(At((500 * 20) + 60 + 60), timing.Read(At(500 * 19.5), 0, Bytes, PageType.Lsb));
        Assert.Equal(At((500 * 100) + 120), timing.FreeAt(0));
    }

    [Fact]
    public void A_slow_die_takes_longer_for_the_array_and_not_for_the_transfer()
    {
        var timing = new FlashTiming(1, 2, Plain);
        timing.SlowDown(1, 3);
        Assert.Equal(At(160), timing.Read(At(0), 1, Bytes, PageType.Lsb));
        Assert.Equal(At(60), timing.Read(At(0), 0, Bytes, PageType.Lsb));
    }

    [Fact]
    public void The_channel_is_busy_for_what_crosses_it_whatever_the_order()
    {
        const ulong seed = 7;
        var random = new SeededRandom(seed);
        var timing = new FlashTiming(4, 4, Suspending);
        int reads = 0, programs = 0;
        long now = 0;
        for (int i = 0; i < 20_000; i++)
        {
            now += random.Below(40_000);
            int die = random.Below(16);
            SimTime asked = new(now + random.Below(200_000));
            bool isRead = random.Chance(70);
            SimTime done = isRead
                ? timing.Read(asked, die, Bytes, PageType.Lsb)
                : timing.Program(asked, die, Bytes, PageType.Lsb);
            Assert.True(done >= asked + Us(isRead ? 60 : 510), $"seed {seed}");
            Assert.True(done <= timing.FreeAt(die) || isRead, $"seed {seed}");
            _ = isRead ? reads++ : programs++;
        }

        long channels = Enumerable.Range(0, 4).Sum(channel => timing.UseOfChannel(channel).Nanoseconds);
        Assert.Equal((reads + programs) * Us(10).Nanoseconds, channels);
        Assert.Equal(reads, Enumerable.Range(0, 16).Sum(die => timing.UseOfDie(die).Reads));
    }

    private static SimDuration Us(long microseconds) => SimDuration.FromMicroseconds(microseconds);

    private static SimTime At(double microseconds) => new((long)(microseconds * 1000));
}
