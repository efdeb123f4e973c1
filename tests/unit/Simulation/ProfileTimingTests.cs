using Emulator.Cache;
using Emulator.Device;
using Emulator.Flash.Profiles;
using Emulator.Simulation.Workloads;

namespace Emulator.UnitTests.Simulation;

public class ProfileTimingTests
{
    [Fact]
    public void Reads_one_at_a_time_take_command_array_and_transfers()
    {
        // A third of the pages each take 52, 66 and 58 us in the array. The command to the drive takes 6 us, that to the
        // flash 0.3 us, the transfer across the channel 5.12 us and across the link 1.28 us.
        const double expected = 6 + 0.3 + ((52.0 + 66 + 58) / 3) + 5.12 + 1.28;
        Assert.InRange(MeanMicroseconds("randread", depth: 1), expected * 0.98, expected * 1.02);
    }

    [Fact]
    public void Reads_that_are_outstanding_together_wait_for_one_another() =>
        Assert.InRange(MeanMicroseconds("randread", depth: 64), 100, 400);

    [Fact]
    public void Reads_wait_for_programs_as_long_as_they_can_be_suspended() =>
        Assert.InRange(MeanMicroseconds("mixed", depth: 1), 70, 700);

    [Fact]
    public void A_disk_seeks_and_waits_for_the_platter() =>
        Assert.InRange(MeanMicroseconds("randread", depth: 1, profile: "hdd-7200"), 11_500, 13_500);

    /// <summary>Table 2 of US 9,195,401: what the profiles are from, and the table has it of them.</summary>
    [Theory]
    [InlineData("array-ssd", 75, 5500)]
    [InlineData("array-ssd", 50, 5900)]
    [InlineData("array-ssd", 25, 6495)]
    [InlineData("array-hdd", 75, 2230)]
    [InlineData("array-hdd", 50, 1744)]
    [InlineData("array-hdd", 25, 1445)]
    public void An_array_takes_what_was_measured_at_it_however_many_commands_are_outstanding(string profile, int readPercent, double expected)
    {
        foreach (int depth in (int[])[1, 4, 16])
        {
            double mean = MeanMicroseconds("mixed", depth, profile: profile, readPercent: readPercent);
            Assert.InRange(depth * 1e6 / mean, expected * 0.98, expected * 1.02);
        }
    }

    [Fact]
    public void Without_timing_a_profile_takes_no_time() =>
        Assert.Equal(0, MeanMicroseconds("mixed", depth: 1, DriveTiming.None));

    private static double MeanMicroseconds(
        string workload, int depth, DriveTiming timing = DriveTiming.Model, string profile = "tlc-datacentre", int? readPercent = null)
    {
        using var simulation = new SmallSimulation(new DriveOptions
        {
            CapacityBytes = 1L << 30,
            Profile = DeviceProfile.Find(profile),
            Timing = timing,
            HasMediaErrors = true,
            Cache = new CacheOptions { Mode = CacheMode.Off },
        });
        SyntheticWorkload synthetic = BuiltInWorkloads.Find(workload)! with { Depth = depth };
        synthetic = synthetic with { Read = readPercent ?? synthetic.Read };
        return simulation.Run(synthetic.On(simulation.Target(), 20_000)).Recorder.Latencies.Mean.Nanoseconds / 1e3;
    }
}
