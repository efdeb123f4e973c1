using Emulator.Cache;
using Emulator.Core;
using Emulator.Device;
using Emulator.Flash.Profiles;
using Emulator.Wire;

namespace Emulator.UnitTests.Device;

/// <summary>Reading ahead on a drive whose medium takes time: what a host waits for, one command at a time.</summary>
public class ReadAheadTests
{
    private const int BlockBytes = 4096;
    private const int Blocks = 400;

    [Fact]
    public void A_host_that_reads_in_sequence_waits_less_than_half_as_long_with_prefetch()
    {
        SimDuration without = TimeToRead(prefetch: false, DriveTiming.Model, i => i, out _);
        SimDuration with = TimeToRead(prefetch: true, DriveTiming.Model, i => i, out CacheCounters counters);
        Assert.True(with.Nanoseconds * 2 < without.Nanoseconds, $"{with} instead of {without}");
        Assert.InRange(counters.PrefetchesUsed, Blocks * 9 / 10, Blocks);
    }

    [Fact]
    public void A_host_that_reads_at_random_has_nothing_read_ahead()
    {
        var random = new SeededRandom(3);
        int[] order = [.. Enumerable.Range(0, Blocks)];
        for (int i = 1; i < Blocks; i++)
        {
            int other = random.Below(i + 1);
            (order[i], order[other]) = (order[other], order[i]);
        }

        TimeToRead(prefetch: true, DriveTiming.Model, i => order[i] * 4, out CacheCounters counters);
        Assert.InRange(counters.PagesPrefetched, 0, Blocks / 20);
    }

    [Fact]
    public void Nothing_is_read_ahead_where_reads_take_no_time()
    {
        Assert.Equal(SimDuration.Zero, TimeToRead(prefetch: true, DriveTiming.None, i => i, out CacheCounters counters));
        Assert.Equal(0, counters.PagesPrefetched);
    }

    private static SimDuration TimeToRead(bool prefetch, DriveTiming timing, Func<int, int> order, out CacheCounters counters)
    {
        using var drive = new Drive(new DriveOptions
        {
            CapacityBytes = 256 << 20,
            Profile = DeviceProfile.Find("tlc-datacentre"),
            Timing = timing,
            Cache = new CacheOptions { Prefetch = prefetch, SizeBytes = 1 << 20 },
        });
        var clock = new TestClock();
        TestHost host = TestHost.Connect(drive, clock);
        byte[] data = new byte[BlockBytes];
        for (ulong block = 0; block < 4 * Blocks; block++)
            host.Transfer(IoOpcode.Write, block, 1, data);
        host.Wait(SimDuration.FromSeconds(5));

        var waited = SimDuration.Zero;
        for (int i = 0; i < Blocks; i++)
        {
            CommandOutcome outcome = host.Transfer(IoOpcode.Read, (ulong)order(i), 1, data);
            TestHost.AssertStatus(Status.Success, outcome);
            SimDuration wait = outcome.Due - clock.Now;
            waited += wait;
            host.Wait(wait);
        }

        counters = drive.CacheCounters;
        return waited;
    }
}
