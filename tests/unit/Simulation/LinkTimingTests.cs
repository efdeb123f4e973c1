using Emulator.Cache;
using Emulator.Core;
using Emulator.Device;
using Emulator.Flash.Profiles;
using Emulator.Simulation.Workloads;

namespace Emulator.UnitTests.Simulation;

/// <summary>What a link like SATA, and the controller behind it, leave of what the dies could do.</summary>
public class LinkTimingTests
{
    private const int Commands = 20_000;
    private static readonly DeviceProfile Sata = DeviceProfile.Find("mlc-sata")!;

    /// <summary>The product specification of the Intel SSD 520 says 50,000 at 32.</summary>
    [Theory]
    [InlineData(32)]
    [InlineData(256)]
    public void Random_reads_of_the_mlc_drive_come_at_the_rate_of_its_data_sheet(int depth) =>
        Assert.InRange(CommandsPerSecond(Sata, "randread", depth), 47_500, 50_500);

    [Fact]
    public void Its_random_writes_do_as_long_as_the_cache_takes_them() =>
        Assert.InRange(CommandsPerSecond(Sata, "randwrite", 32, CacheMode.WriteBack, commands: 2_000), 76_000, 80_800);

    [Fact]
    public void A_lone_read_waits_for_no_other_but_pays_for_its_frames()
    {
        DeviceProfile free = WithController(Sata, Sata.Controller with { Link = null, ReadPace = default });
        double with = 1e9 / CommandsPerSecond(Sata, "randread", 1);
        double without = 1e9 / CommandsPerSecond(free, "randread", 1);
        Assert.Equal(Sata.Controller.Link!.Command.Nanoseconds, with - without, 10.0);
    }

    [Fact]
    public void Commands_beyond_those_the_link_takes_wait_in_the_host()
    {
        DeviceProfile narrow = WithLink(commands: 4);
        double four = CommandsPerSecond(narrow, "randread", 4);
        Assert.InRange(CommandsPerSecond(narrow, "randread", 64), four * 0.99, four * 1.01);
        Assert.True(CommandsPerSecond(WithLink(commands: 8), "randread", 64) > four * 1.5);
    }

    [Fact]
    public void A_link_carries_no_more_commands_than_fit_with_what_each_takes()
    {
        // 4 KiB at 550 MB/s take 7447 ns; the dies would do more than a quarter of a million.
        double most = 1e9 / (7_447 + 2_500);
        Assert.InRange(CommandsPerSecond(WithLink(commands: 256), "randread", 256), most * 0.97, most * 1.01);
    }

    [Fact]
    public void Data_that_go_one_way_at_a_time_take_the_time_of_both()
    {
        double both = CommandsPerSecond(WithLink(commands: 256, halfDuplex: false), "mixed", 32, CacheMode.WriteBack);
        double one = CommandsPerSecond(WithLink(commands: 256), "mixed", 32, CacheMode.WriteBack);
        Assert.True(one < both * 0.95, $"{one} with one way at a time, {both} with both");
    }

    [Fact]
    public void Beside_a_transport_a_lone_command_pays_nothing_for_the_link_and_many_are_as_slow_as_ever()
    {
        DeviceProfile unpaced = WithController(Sata, Sata.Controller with { ReadPace = default });
        double own = Sata.Controller.Command.Nanoseconds + Sata.Controller.Link!.Command.Nanoseconds
            + (4096 * 1e9 / Sata.Controller.LinkBytesPerSecond);
        double alone = 1e9 / CommandsPerSecond(unpaced, "randread", 1);
        Assert.Equal(own, alone - (1e9 / CommandsPerSecond(unpaced, "randread", 1, hasTransport: true)), 10.0);

        DeviceProfile wide = WithLink(commands: 256);
        double many = CommandsPerSecond(wide, "randread", 256);
        Assert.InRange(CommandsPerSecond(wide, "randread", 256, hasTransport: true), many * 0.99, many * 1.01);
    }

    private static DeviceProfile WithLink(int commands, bool halfDuplex = true) => WithController(Sata, Sata.Controller with
    {
        ReadPace = default,
        WritePace = default,
        Link = Sata.Controller.Link! with { Commands = commands, IsHalfDuplex = halfDuplex },
    });

    private static DeviceProfile WithController(DeviceProfile profile, ControllerProfile controller) =>
        profile with { Controller = controller };

    private static double CommandsPerSecond(
        DeviceProfile profile, string workload, int depth, CacheMode cache = CacheMode.Off, int commands = Commands,
        bool hasTransport = false)
    {
        using var simulation = new SmallSimulation(new DriveOptions
        {
            CapacityBytes = 256 << 20,
            Profile = profile,
            Timing = DriveTiming.Model,
            HasTransport = hasTransport,
            Cache = new CacheOptions { Mode = cache },
        });
        SyntheticWorkload synthetic = BuiltInWorkloads.Find(workload)! with { Depth = depth };
        SimDuration mean = simulation.Run(synthetic.On(simulation.Target(), commands)).Recorder.Latencies.Mean;
        return depth * 1e9 / mean.Nanoseconds;
    }
}
