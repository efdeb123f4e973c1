using System.Diagnostics;
using Emulator.Host;
using Emulator.Host.Migrate;
using Emulator.Wire;
using Xunit.Abstractions;

namespace Emulator.ConformanceTests.Migrate;

/// <summary>emulator migrate --hold-back: a VM that writes twice what the link moves.</summary>
public sealed class HoldBackTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_VM_that_writes_more_than_moves_is_held_back_and_arrives(bool throughHost)
    {
        using MovePair pair = Pair(throughHost, percent: 1);
        using var vm = new MultipathWriter(pair.Host, 1);
        LimitLink(pair, vm);

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
        using var vm = new MultipathWriter(pair.Host, 2);
        LimitLink(pair, vm);

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
        pair.Options = pair.Options with { PatienceSeconds = 8 };
        using var vm = new MultipathWriter(pair.Host, 3);
        LimitLink(pair, vm);

        MigrateException e = Assert.Throws<MigrateException>(() => pair.Migrate());

        Assert.Equal(ExitCode.NotConverging, e.ExitCode);
        Assert.Matches(@"; the VM was held to 9\d% of what it wrote, and --hold-back \d+ would", e.Message);
        Assert.InRange(pair.Report!.HeldBackToShare!.Value, 0.9 - 1e-6, 1);
        Assert.Equal(0UL, pair.Status(pair.Source, pair.Vm.Id).WriteLimit.Value);
    }

    private static MovePair Pair(bool throughHost, int percent)
    {
        var pair = new MovePair();
        pair.Options = pair.Options with
        {
            Through = throughHost ? MoveThrough.Host : MoveThrough.Drive,
            HoldBackPercent = percent,
            MaxDowntimeMs = 100,

            // What keeps the data from moving is the link alone.
            SharePercent = 100,
        };
        return pair;
    }

    /// <summary>The link moves half of what the VM writes.</summary>
    private static void LimitLink(MovePair pair, MultipathWriter vm)
    {
        TestTarget.Eventually("the VM has written something", () => vm.Writes > 200);
        (long writes, long began) = (vm.Writes, Stopwatch.GetTimestamp());
        Thread.Sleep(500);
        double bytesPerSecond = (vm.Writes - writes) * 4096 / Stopwatch.GetElapsedTime(began).TotalSeconds;
        pair.Options = pair.Options with { BytesPerSecond = (long)(bytesPerSecond / 2) };
    }
}
