using Emulator.Core;
using Emulator.Device;
using Emulator.Flash.Profiles;
using Emulator.Simulation.Migrations;
using Emulator.Simulation.Workloads;

namespace Emulator.UnitTests.Simulation;

/// <summary>A VM that moves between two drives in virtual time, with more or less of their help.</summary>
public class MigrationRunTests
{
    private const MigrationAssist Ranges = MigrationAssist.WrittenRanges | MigrationAssist.DirtyRanges;
    private const MigrationAssist Cache = Ranges | MigrationAssist.Retention | MigrationAssist.Prefetch;
    private const MigrationAssist Direct = Cache | MigrationAssist.DirectTransfer;

    private static readonly MigrationScenario Scenario = Small();

    [Theory]
    [InlineData(MigrationAssist.None)]
    [InlineData(MigrationAssist.WrittenRanges)]
    [InlineData(Cache)]
    [InlineData(Direct)]
    public void When_the_VM_goes_on_everything_is_at_the_destination(MigrationAssist assist)
    {
        using var run = new MigrationRun(Scenario with { After = SimDuration.Zero });
        run.Run(assist);
        Assert.Equal(Contents(run.Source), Contents(run.Destination));
    }

    [Fact]
    public void What_was_never_written_is_not_moved_with_assist()
    {
        MigrationReport without = Run(MigrationAssist.None);
        MigrationReport with = Run(Cache);
        Assert.True(without.BytesMoved > Scenario.Source.CapacityBytes);
        Assert.InRange(with.BytesMoved, with.BytesWrittenBefore, with.BytesWrittenBefore * 11 / 10);
        Assert.True(with.Brownout < without.Brownout, $"{with.Brownout} against {without.Brownout}");
    }

    [Fact]
    public void Granules_move_less_than_the_chunks_of_a_hypervisor() =>
        Assert.True(Run(Ranges).BytesMoved < Run(MigrationAssist.WrittenRanges).BytesMoved);

    [Fact]
    public void Policies_of_the_cache_are_used_and_only_those_that_are_asked_for()
    {
        MigrationReport none = Run(Ranges);
        Assert.Equal((0, 0), (none.RetainedPagesRead, none.ReadsPrefetched));
        MigrationReport retained = Run(Ranges | MigrationAssist.Retention);
        Assert.True(retained.RetainedPagesRead > 0);
        Assert.Equal(0, retained.ReadsPrefetched);
        Assert.True(Run(Cache).ReadsPrefetched > 0);
    }

    [Fact]
    public void Reading_ahead_does_not_make_the_VM_wait()
    {
        DriveOptions drive = Scenario.Source with { CapacityBytes = 512 << 20 };
        MigrationScenario busy = Scenario with
        {
            Source = drive,
            Destination = Scenario.Destination with { CapacityBytes = drive.CapacityBytes },
            KeepsContents = false,
            CopyDepth = 1,
            Workload = BuiltInWorkloads.Find("mixed")! with { WorkingSet = 40, Rate = 20_000 },
        };
        using var without = new MigrationRun(busy);
        using var with = new MigrationRun(busy);
        double before = without.Run(Ranges | MigrationAssist.Retention).During.MeanMicroseconds;
        // The copy is faster, and so its reads are denser; it was thirteen times as much with a window of an eighth of the cache.
        Assert.InRange(with.Run(Cache).During.MeanMicroseconds, 0, before * 1.5);
    }

    [Fact]
    public void A_drive_that_transfers_by_itself_disturbs_its_VM_less_than_a_hypervisor_that_copies()
    {
        DriveOptions drive = Scenario.Source with { CapacityBytes = 512 << 20, Profile = DeviceProfile.Find("mlc-sata") };
        MigrationScenario sata = Scenario with
        {
            Source = drive,
            Destination = drive with { FirstControllerId = 0x100, LastControllerId = 0x1FF },
            KeepsContents = false,
        };
        using var copied = new MigrationRun(sata);
        using var transferred = new MigrationRun(sata);
        MigrationReport byHypervisor = copied.Run(Cache);
        MigrationReport byDrive = transferred.Run(Direct);
        Assert.InRange(byDrive.During.MeanMicroseconds, 0, byHypervisor.During.MeanMicroseconds);
        Assert.InRange(byDrive.Brownout.Nanoseconds, 0, byHypervisor.Brownout.Nanoseconds * 3 / 2);
    }

    [Fact]
    public void The_same_seed_gives_the_same_report_and_another_one_another()
    {
        Assert.Equal(Run(Direct), Run(Direct));
        using var other = new MigrationRun(Scenario with { Seed = 2 });
        Assert.NotEqual(Run(Direct), other.Run(Direct));
    }

    [Fact]
    public void A_VM_that_writes_faster_than_it_is_copied_is_paused_after_the_rounds_that_are_allowed()
    {
        MigrationScenario scenario = Scenario with
        {
            LinkBytesPerSecond = 20_000_000,
            Workload = Scenario.Workload with { Read = 0, Rate = 20_000 },
            MostRounds = 3,
        };
        using var run = new MigrationRun(scenario);
        MigrationReport report = run.Run(Ranges);
        Assert.Equal(5, report.Rounds);
        Assert.True(report.Blackout > SimDuration.FromMilliseconds(10), $"{report.Blackout}");
    }

    private static MigrationReport Run(MigrationAssist assist)
    {
        using var run = new MigrationRun(Scenario);
        return run.Run(assist);
    }

    private static byte[] Contents(Drive drive)
    {
        Namespace ns = drive.Namespaces.Find(1)!;
        byte[] contents = new byte[ns.Bytes];
        Assert.True(ns.Read(new SimTime(1L << 50), new BlockRange(0, ns.BlockCount), contents).IsSuccess);
        return contents;
    }

    private static MigrationScenario Small()
    {
        var drive = new DriveOptions
        {
            CapacityBytes = 64 << 20,
            Profile = DeviceProfile.Find("tlc-datacentre"),
            Timing = DriveTiming.Model,
        };
        return new MigrationScenario
        {
            Source = drive,
            Destination = drive with { FirstControllerId = 0x100, LastControllerId = 0x1FF },
            Workload = BuiltInWorkloads.Find("mixed")! with { WorkingSet = 40, Rate = 5000, Depth = 8 },
            Before = SimDuration.FromMilliseconds(50),
            After = SimDuration.FromMilliseconds(50),
            ConvergedBytes = 64 << 10,
        };
    }
}
