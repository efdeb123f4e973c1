using Emulator.Host;
using Emulator.Host.Migrate;
using Emulator.Tcp;
using Emulator.Wire;

namespace Emulator.ConformanceTests.Migrate;

/// <summary>What a migration cannot cope with is told, and the VM runs on.</summary>
public sealed class MigrationBadInputTests
{
    [Fact]
    public void A_goal_that_cannot_be_reached_is_told_with_figures_and_taken_back()
    {
        using var pair = new MovePair();
        pair.Options = pair.Options with { MaxDowntimeMs = 0.01, PatienceSeconds = 0.3 };
        using var vm = new MultipathWriter(pair.Host, 1);

        MigrateException e = Assert.Throws<MigrateException>(() => pair.Migrate());

        Assert.Equal(ExitCode.NotConverging, e.ExitCode);
        Assert.Matches(@"^it does not converge: after \d+ rounds and 0\.30 s the black-out would be .* ms, not 0\.0 ms: the VM changes .*/s, .*/s move", e.Message);
        Assert.EndsWith("; the VM runs on at the source", e.Message, StringComparison.Ordinal);
        long writes = vm.Writes;
        TestTarget.Eventually("the VM writes at the source", () => vm.Writes > writes + 100);
        vm.StopAndVerify();
        Assert.Equal([AnaState.Optimized, AnaState.Inaccessible], pair.Host.States);
    }

    [Fact]
    public void Whoever_insists_switches_all_the_same()
    {
        using var pair = new MovePair();
        pair.Options = pair.Options with { MaxDowntimeMs = 0.01, PatienceSeconds = 0.3, ForceSwitch = true };
        using var vm = new MultipathWriter(pair.Host, 1);

        Assert.Equal(MigratePhase.Done, pair.Migrate().Phase);

        vm.StopAndVerify();
        Assert.Equal([AnaState.Inaccessible, AnaState.Optimized], pair.Host.States);
    }

    [Fact]
    public void A_destination_that_goes_away_while_data_moves_leaves_the_VM_where_it_is()
    {
        using var pair = new MovePair();
        pair.Options = pair.Options with { BytesPerSecond = 4 << 20, ReconnectSeconds = 1 };
        pair.FillSource();
        int looks = 0;

        MigrateException e = Assert.Throws<MigrateException>(() => pair.Migrate(isInterrupted: () =>
        {
            if (++looks == 20)
                pair.Destination.Dispose();
            return false;
        }));

        Assert.Equal(ExitCode.RolledBack, e.ExitCode);
        Assert.StartsWith("the data does not move: ", e.Message, StringComparison.Ordinal);
        Assert.Equal((uint)VmMigrationPhase.Idle, pair.Status(pair.Source, pair.Vm.Id).Phase.Value);
        HostCompletion write = pair.Vm.IoQueues[0].Execute(HostCommands.Write(1, 0, 1), new byte[4096]);
        Assert.Equal(Status.Success, write.Status);
    }

    [Fact]
    public void The_source_is_erased_and_proves_it()
    {
        using var pair = new MovePair();
        pair.Options = pair.Options with { EraseSource = true };
        pair.FillSource();

        MigrateReport report = pair.Migrate();

        Assert.Equal((ulong)MovePair.Blocks, report.PagesErased);
        Assert.Equal(0UL, report.PagesLeft);
        Assert.All(pair.Read(pair.Source), b => Assert.Equal(0, b));
        Assert.InRange(report.MovedRatio!.Value, 0.99, 1.05);
    }
}
