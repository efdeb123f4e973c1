using Emulator.Device;
using Emulator.Host;
using Emulator.Host.Migrate;
using Emulator.Wire;
using Xunit.Abstractions;

namespace Emulator.ConformanceTests.Migrate;

/// <summary>
/// emulator migrate --hold-back: a VM that writes eight times what the link moves to so little that all of it is dirty again before
/// a round is over. Where a slow machine leaves it a quarter of its rate most of that still is, and takes more than a second to move:
/// without being held it does not get to the goal.
/// </summary>
public sealed class HoldBackTests(ITestOutputHelper output)
{
    private const int VmBlocks = 512;
    private const int VmWritesPerSecond = 2048;
    private const long LinkBytesPerSecond = 1 << 20;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_VM_that_writes_more_than_moves_is_held_back_and_arrives(bool throughHost)
    {
        using MovePair pair = Pair(throughHost, percent: 1);
        using MultipathWriter vm = Write(pair, seed: 1);

        MigrateReport report = pair.Migrate();

        vm.StopAndVerify();
        Assert.Equal(MigratePhase.Done, report.Phase);
        Assert.InRange(report.HeldBackToShare!.Value, 0.01 - 1e-6, 0.95);
        Assert.True(report.CommandsHeld > 0 && report.SecondsHeld > 0);
        Assert.Contains(report.Samples, sample => sample.WriteLimit > 0);
        Assert.Equal([AnaState.Inaccessible, AnaState.Optimized], pair.Host.States);
        output.WriteLine(
            $"held to {report.HeldBackToShare:P0} from {report.HeldBackAtSeconds:F1} s on, {report.CommandsHeld} writes, {report.Rounds} rounds, {report.Samples[^1].Seconds:F1} s");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_migration_that_is_taken_back_lets_the_VM_go(bool throughHost)
    {
        using MovePair pair = Pair(throughHost, percent: 15);
        using MultipathWriter vm = Write(pair, seed: 2);

        MigrateException e = Assert.Throws<MigrateException>(() => pair.Migrate(isInterrupted: () => pair.Report!.HeldBackToShare != null));

        Assert.Equal(ExitCode.Interrupted, e.ExitCode);
        VmMigrationStatus status = pair.Status(pair.Source, pair.Vm.Id);
        Assert.Equal((0UL, 0UL), (status.WriteLimit.Value, status.CommandsHeld.Value));
        long writes = vm.Writes;
        TestTarget.Eventually("the VM writes at the source", () => vm.Writes > writes + 100);
        vm.StopAndVerify();
        Assert.Equal([AnaState.Optimized, AnaState.Inaccessible], pair.Host.States);
    }

    [Fact]
    public void A_VM_that_may_lose_little_stays_and_the_message_says_what_it_would_have_to_lose()
    {
        using MovePair pair = Pair(throughHost: false, percent: 90);
        pair.Options = pair.Options with { PatienceSeconds = 6 };
        using MultipathWriter vm = Write(pair, seed: 3);

        MigrateException e = Assert.Throws<MigrateException>(() => pair.Migrate());

        Assert.Equal(ExitCode.NotConverging, e.ExitCode);
        Assert.Matches(@"; the VM was held to 9\d% of what it wrote, and --hold-back \d+ would", e.Message);
        Assert.InRange(pair.Report!.HeldBackToShare!.Value, 0.9 - 1e-6, 1);
        Assert.Equal(0UL, pair.Status(pair.Source, pair.Vm.Id).WriteLimit.Value);
    }

    private static MovePair Pair(bool throughHost, int percent)
    {
        NamespaceOptions small = new() { SizeBytes = VmBlocks * 4096, BlockBytes = 4096 };
        var pair = new MovePair(drive => drive with { Namespaces = [small] }, isBoth: true);
        pair.Options = pair.Options with
        {
            Through = throughHost ? MoveThrough.Host : MoveThrough.Drive,
            HoldBackPercent = percent,
            BytesPerSecond = LinkBytesPerSecond,
            MaxDowntimeMs = 500,
            PatienceSeconds = 20,

            // What keeps the data from moving is the link alone.
            SharePercent = 100,
        };
        return pair;
    }

    private static MultipathWriter Write(MovePair pair, ulong seed)
    {
        var vm = new MultipathWriter(pair.Host, seed, VmBlocks, VmWritesPerSecond);
        TestTarget.Eventually("the VM has written something", () => vm.Writes > 200);
        return vm;
    }
}
