using Emulator.Core;
using Emulator.Device;
using Emulator.Host;
using Emulator.Host.Migrate;
using Emulator.Wire;

namespace Emulator.ConformanceTests.Migrate;

/// <summary>A migration that fails or is interrupted is taken back; one whose process died is gone on with, or taken back.</summary>
public sealed class MigrationFailureTests
{
    private static readonly string[] BeforeTheSwitch = ["bind", "source", "move", "halt", "finish", "switch"];

    public static TheoryData<string, string> StepsBeforeTheSwitch => EachWay(BeforeTheSwitch);

    public static TheoryData<string, string> AllSteps => EachWay([.. BeforeTheSwitch, "arrive", "leave"]);

    [Theory]
    [MemberData(nameof(StepsBeforeTheSwitch))]
    public void A_failure_before_the_switch_is_taken_back_and_the_VM_runs_on_at_the_source(string failing, string through)
    {
        using MovePair pair = Pair(through);
        using var vm = new MultipathWriter(pair.Host, 1);

        MigrateException e = Assert.Throws<MigrateException>(() => pair.Migrate(step =>
        {
            if (step == failing)
                throw new MigrateException("injected");
        }));

        Assert.Equal("injected; the VM runs on at the source", e.Message);
        Assert.Equal(ExitCode.RolledBack, e.ExitCode);
        AssertAtHome(pair, vm);
    }

    [Theory]
    [InlineData(1, "drive")]
    [InlineData(5, "drive")]
    [InlineData(1, "host")]
    [InlineData(5, "host")]
    public void Ctrl_C_takes_it_back(int looks, string through)
    {
        using MovePair pair = Pair(through);
        using var vm = new MultipathWriter(pair.Host, 1);
        int looked = 0;

        MigrateException e = Assert.Throws<MigrateException>(() => pair.Migrate(isInterrupted: () => ++looked >= looks));

        Assert.Equal(ExitCode.Interrupted, e.ExitCode);
        AssertAtHome(pair, vm);
    }

    [Theory]
    [MemberData(nameof(AllSteps))]
    public void Another_process_goes_on_where_one_died(string last, string through)
    {
        using MovePair pair = Pair(through);
        using var vm = new MultipathWriter(pair.Host, 1);
        Die(pair, last);
        byte[] here = [], there = [];

        MigrateReport report = pair.Resume(step =>
        {
            if (step == "switch")
                (here, there) = (pair.Read(pair.Source), pair.Read(pair.Destination));
        });

        Assert.Equal(MigratePhase.Done, report.Phase);
        Assert.Equal(here, there);
        long writes = vm.Writes;
        TestTarget.Eventually("the VM writes at the destination", () => vm.Writes > writes + 100);
        vm.StopAndVerify();
        Assert.Equal([AnaState.Inaccessible, AnaState.Optimized], pair.Host.States);
    }

    [Theory]
    [MemberData(nameof(StepsBeforeTheSwitch))]
    public void Another_process_takes_back_what_one_that_died_had_begun(string last, string through)
    {
        using MovePair pair = Pair(through);
        using var vm = new MultipathWriter(pair.Host, 1);
        Die(pair, last);

        pair.TakeBack();

        AssertAtHome(pair, vm);
    }

    [Fact]
    public void What_has_switched_is_not_taken_back()
    {
        using var pair = new MovePair();
        Die(pair, "leave");

        Assert.Equal(ExitCode.Unfinished, Assert.Throws<MigrateException>(pair.TakeBack).ExitCode);
        pair.Resume();
        Assert.Equal(MigratePhase.Done, pair.Report!.Phase);
    }

    [Theory]
    [InlineData(1, "drive")]
    [InlineData(2, "drive")]
    [InlineData(3, "drive")]
    [InlineData(4, "host")]
    [InlineData(5, "host")]
    [InlineData(6, "host")]
    public void Processes_that_die_again_and_again_come_to_an_end(ulong seed, string through)
    {
        var random = new SeededRandom(seed);
        using MovePair pair = Pair(through);
        using var vm = new MultipathWriter(pair.Host, seed);
        Die(pair, "source");
        bool isOver = false;
        for (int deaths = 0; !isOver; deaths++)
        {
            int steps = deaths < 10 ? random.Below(8) : int.MaxValue;
            try
            {
                pair.Resume(_ =>
                {
                    if (steps-- == 0)
                        throw new DiedException();
                });
                isOver = true;
            }
            catch (DiedException)
            {
                // The next one goes on.
            }
        }

        vm.StopAndVerify();
        Assert.Equal([AnaState.Inaccessible, AnaState.Optimized], pair.Host.States);
    }

    [Fact]
    public void A_second_migration_of_the_VM_waits_for_the_first_to_be_over()
    {
        using var pair = new MovePair();
        Die(pair, "bind");

        UserErrorException e = Assert.Throws<UserErrorException>(() => pair.Migrate());

        Assert.Contains("a migration is not over", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_destination_that_is_too_small_is_refused_before_anything_is_changed()
    {
        using var pair = new MovePair(there => there with { Namespaces = [new NamespaceOptions { SizeBytes = 32 << 20, BlockBytes = 4096 }] });
        AssertRefused(pair, "namespace 1: it has 64.0 MiB at the source and only 32.0 MiB at the destination");
    }

    [Fact]
    public void A_destination_with_other_blocks_is_refused_before_anything_is_changed()
    {
        using var pair = new MovePair(there => there with { Namespaces = [new NamespaceOptions { SizeBytes = 64 << 20, BlockBytes = 512 }] });
        AssertRefused(pair, "namespace 1: its blocks have 4096 bytes at the source and 512 at the destination");
    }

    [Fact]
    public void A_destination_without_managers_is_refused_before_anything_is_changed()
    {
        using var pair = new MovePair(there => there with { Managers = [] });
        AssertRefused(pair, "the destination drive lists no managers");
    }

    private static TheoryData<string, string> EachWay(IEnumerable<string> steps)
    {
        var rows = new TheoryData<string, string>();
        foreach (string step in steps)
        {
            rows.Add(step, "drive");
            rows.Add(step, "host");
        }

        return rows;
    }

    private static MovePair Pair(string through)
    {
        var pair = new MovePair();
        pair.Options = pair.Options with { Through = Enum.Parse<MoveThrough>(through, ignoreCase: true) };
        return pair;
    }

    private static void AssertRefused(MovePair pair, string message)
    {
        MigrateException e = Assert.Throws<MigrateException>(() => pair.Migrate());
        Assert.StartsWith(message, e.Message, StringComparison.Ordinal);
        Assert.Equal(ExitCode.UserError, e.ExitCode);
        Assert.Equal((uint)VmMigrationPhase.Idle, pair.Status(pair.Source, pair.Vm.Id).Phase.Value);
        Assert.False(File.Exists(pair.JournalPath));
    }

    private static void AssertAtHome(MovePair pair, MultipathWriter vm)
    {
        long writes = vm.Writes;
        TestTarget.Eventually("the VM writes at the source", () => vm.Writes > writes + 100);
        vm.StopAndVerify();
        Assert.Equal([AnaState.Optimized, AnaState.Inaccessible], pair.Host.States);
        Assert.Equal((uint)VmMigrationPhase.Idle, pair.Status(pair.Source, pair.Vm.Id).Phase.Value);
        Assert.Equal((uint)VmMigrationPhase.Idle, pair.Status(pair.Destination, pair.Arriving.Id).Phase.Value);
    }

    private static void Die(MovePair pair, string last) => Assert.Throws<DiedException>(() => pair.Migrate(step =>
    {
        if (step == last)
            throw new DiedException();
    }));

    /// <summary>Nobody catches it: connections and journal are closed, as they are when a process is killed.</summary>
    private sealed class DiedException : Exception;
}
