using Emulator.Core;
using Emulator.Flash.Profiles;
using Emulator.Flash.Rotating;

namespace Emulator.UnitTests.Flash;

public class DiskMechanicsTests
{
    private const long Capacity = 1_000_000_000_000;
    private const ulong Seed = 5;

    private static readonly RotatingDiskOptions Options = DeviceProfile.Find("hdd-7200")!.Disk!;

    [Fact]
    public void Random_reads_one_by_one_take_a_seek_and_half_a_revolution()
    {
        double mean = RandomReads(depth: 1, count: 5_000);
        Assert.InRange(mean, 11_500, 13_500);
    }

    [Fact]
    public void Commands_that_wait_together_are_served_faster()
    {
        double one = RandomReads(depth: 1, count: 5_000), many = RandomReads(depth: 32, count: 5_000) / 32;
        Assert.InRange(one / many, 2.2, 2.7);
    }

    [Theory]
    [InlineData(0, 1060)]
    [InlineData(Capacity - (512L << 20), 530)]
    public void Sequential_reads_run_at_the_speed_of_the_zone(long offset, int trackKiB)
    {
        var disk = new DiskMechanics(Options, Capacity);
        SimTime now = disk.Read(SimTime.Zero, offset, 1 << 20);
        SimTime begin = now;
        for (int i = 1; i <= 400; i++)
            now = disk.Read(now, offset + ((long)i << 20), 1 << 20);

        double bytesPerSecond = 400.0 * (1 << 20) / ((now - begin).Nanoseconds / 1e9);
        double oneTrack = trackKiB * 1024 / (60.0 / 7200 + 0.001);
        Assert.InRange(bytesPerSecond, oneTrack * 0.97, oneTrack * 1.03);
    }

    [Fact]
    public void A_small_sequential_read_after_a_pause_finds_its_data_read_ahead()
    {
        var disk = new DiskMechanics(Options, Capacity);
        SimTime now = disk.Read(SimTime.Zero, 0, 4096);
        for (int i = 1; i < 100; i++)
        {
            SimTime asked = now + SimDuration.FromMilliseconds(1);
            now = disk.Read(asked, i * 4096, 4096);
            Assert.Equal(asked + Options.Command, now);
        }
    }

    [Fact]
    public void A_small_sequential_write_without_a_cache_waits_a_revolution()
    {
        var disk = new DiskMechanics(Options, Capacity);
        SimTime now = disk.Write(SimTime.Zero, 0, 4096);
        SimTime next = disk.Write(now, 4096, 4096);
        Assert.InRange((next - now).Nanoseconds / 1e6, 8.3, 8.4);
    }

    [Fact]
    public void Writes_settle_longer_than_reads()
    {
        double reads = RandomReads(depth: 1, count: 5_000), writes = RandomReads(depth: 1, count: 5_000, write: true);
        Assert.InRange(writes - reads, 700, 1_300);
    }

    [Fact]
    public void A_disk_of_any_size_has_the_same_seeks()
    {
        double small = RandomReads(depth: 1, count: 5_000, capacity: 4L << 30);
        Assert.InRange(small, 11_500, 13_500);
    }

    [Theory]
    [InlineData(2000, 1, 8.5, 17, "more than the outer one")]
    [InlineData(530, 9, 8.5, 17, "do not grow")]
    [InlineData(530, 1, 18, 17, "do not grow")]
    [InlineData(530, 1, 2, 17, "no seek curve")]
    public void An_impossible_disk_is_named(int innerKiB, double track, double average, double full, string expected)
    {
        RotatingDiskOptions options = Options with
        {
            InnerTrackBytes = innerKiB * 1024,
            TrackToTrackSeek = Ms(track),
            AverageSeek = Ms(average),
            FullStrokeSeek = Ms(full),
        };
        Assert.Contains(expected, options.Problem(), StringComparison.Ordinal);
    }

    /// <summary>Mean response time in microseconds of random reads or writes of 4 KiB in a closed loop.</summary>
    private static double RandomReads(int depth, int count, bool write = false, long capacity = Capacity)
    {
        var random = new SeededRandom(Seed);
        var disk = new DiskMechanics(Options, capacity);
        var outstanding = new PriorityQueue<SimTime, SimTime>();
        for (int i = 0; i < depth; i++)
            outstanding.Enqueue(SimTime.Zero, SimTime.Zero);
        double sum = 0;
        for (int i = 0; i < count; i++)
        {
            SimTime now = outstanding.Dequeue();
            long offset = (long)random.Below((ulong)(capacity / 4096)) * 4096;
            SimTime done = write ? disk.Write(now, offset, 4096) : disk.Read(now, offset, 4096);
            sum += (done - now).Nanoseconds / 1e3;
            outstanding.Enqueue(done, done);
        }

        return sum / count;
    }

    private static SimDuration Ms(double milliseconds) => new((long)(milliseconds * 1e6));
}
