using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Emulator.Host;
using Emulator.Host.Migrate;
using Emulator.Tcp;
using Emulator.Wire;

namespace Emulator.ConformanceTests.Migrate;

/// <summary>emulator migrate with a VM that moves between two QEMUs, and its storage between two drives.</summary>
public sealed class VmMigrationTests
{
    private static readonly string[] WholeJournal = ["begun", "bound", "memory", "switch", "arrived", "done"];

    [Theory]
    [InlineData("drive")]
    [InlineData("host")]
    public void The_VM_is_fenced_before_it_is_paused_and_runs_there_before_its_path_opens(string through)
    {
        using var vm = new ScriptedVm();
        using MovePair pair = Pair(vm, through);
        using var writer = new MultipathWriter(pair.Host, 1);
        List<string> seen = Watch(vm, pair);

        MigrateReport report = pair.Migrate();

        Assert.Equal(
            [
                "source migrate-set-capabilities Brownout Ready",
                "source migrate-set-parameters Brownout Ready",
                "destination migrate-incoming Brownout Ready",
                "source migrate Brownout Ready",
                "source stop Blackout Ready",
                "source migrate-continue Blackout Ready",
                "destination cont Blackout Ready",
            ],
            seen);
        Assert.Equal(("postmigrate", "running"), (vm.StateAtSource, vm.StateAtDestination));
        Assert.Equal(WholeJournal, StepsOf(pair));
        Assert.Equal((26, MigratePhase.Done), (report.QemuDowntimeMs, report.Phase));
        Assert.True(report.PausedAtSeconds < report.ResumedAtSeconds);
        AssertThere(pair, writer);
    }

    [Fact]
    public async Task The_VM_is_paused_when_the_fence_has_turned_nothing_away_for_a_while()
    {
        var quiet = TimeSpan.FromSeconds(1);
        using var vm = new ScriptedVm();
        using MovePair pair = Pair(vm);
        pair.Options = pair.Options with { DrainMs = quiet.TotalMilliseconds };
        long paused = 0;
        vm.AtCommand = command =>
        {
            if (command == "source stop")
                paused = Stopwatch.GetTimestamp();
        };
        Task<long>? lastSent = null;

        pair.Migrate(step =>
        {
            if (step == "pause")
                lastSent = Task.Run(() => SendTurnedAway(pair, 5));
        });

        Assert.True(Stopwatch.GetElapsedTime(await lastSent!, paused) >= quiet);
    }

    [Fact]
    public async Task A_VM_that_goes_on_sending_what_the_fence_turns_away_is_paused_all_the_same()
    {
        using var vm = new ScriptedVm();
        using MovePair pair = Pair(vm);
        pair.Options = pair.Options with { DrainMs = 100 };
        using var stop = new CancellationTokenSource();
        Task? sender = null;

        MigrateReport report = pair.Migrate(step =>
        {
            if (step == "pause")
                sender = Task.Run(() => SendTurnedAway(pair, int.MaxValue, stop.Token));
        });

        await stop.CancelAsync();
        await sender!;
        Assert.Equal(MigratePhase.Done, report.Phase);
        Assert.True(pair.Status(pair.Source, pair.Vm.Id).CommandsFenced > 0);
    }

    /// <returns>When the last one was sent.</returns>
    private static long SendTurnedAway(MovePair pair, int commands, CancellationToken stop = default)
    {
        long sent = 0;
        for (int i = 0; i < commands && !stop.IsCancellationRequested; i++)
        {
            Thread.Sleep(10);
            sent = Stopwatch.GetTimestamp();
            Assert.Equal(Status.AsymmetricAccessInaccessible, pair.Vm.IoQueues[0].Execute(HostCommands.Flush(1), []).Status);
        }

        return sent;
    }

    [Fact]
    public void A_VM_that_QEMU_pauses_by_itself_is_fenced_then_and_not_told_to_run_twice()
    {
        using var vm = new ScriptedVm { DirtyBytesPerSecond = 0 };
        using MovePair pair = Pair(vm);
        using var writer = new MultipathWriter(pair.Host, 1);
        List<string> seen = Watch(vm, pair);

        pair.Migrate();

        Assert.Equal("source migrate-continue Blackout Ready", seen[^1]);
        Assert.DoesNotContain(seen, line => line.Contains(" stop ", StringComparison.Ordinal) || line.Contains(" cont ", StringComparison.Ordinal));
        AssertThere(pair, writer);
    }

    [Theory]
    [InlineData("source migrate-set-capabilities", "refuses migrate-set-capabilities: no")]
    [InlineData("source migrate-set-parameters", "refuses migrate-set-parameters: no")]
    [InlineData("destination migrate-incoming", "refuses migrate-incoming: no")]
    [InlineData("source migrate", "refuses migrate: no")]
    [InlineData("source stop", "refuses stop: no")]
    public void What_QEMU_refuses_before_the_switch_is_taken_back(string command, string problem)
    {
        using var vm = new ScriptedVm();
        using MovePair pair = Pair(vm);
        using var writer = new MultipathWriter(pair.Host, 1);
        vm.Refusals[command] = "no";

        MigrateException e = Assert.Throws<MigrateException>(() => pair.Migrate());

        Assert.EndsWith(problem + "; the VM runs on at the source", e.Message, StringComparison.Ordinal);
        Assert.Equal(ExitCode.RolledBack, e.ExitCode);
        AssertAtHome(pair, vm, writer);
    }

    [Fact]
    public void Memory_that_does_not_arrive_is_told_in_QEMUs_words_and_taken_back()
    {
        using var vm = new ScriptedVm { LinkBytesPerSecond = 1e6 };
        using MovePair pair = Pair(vm);
        using var writer = new MultipathWriter(pair.Host, 1);
        int looks = 0;

        MigrateException e = Assert.Throws<MigrateException>(() => pair.Migrate(isInterrupted: () =>
        {
            if (vm.Commands.Contains("source migrate") && ++looks == 3)
                vm.Break("Unable to write to socket: Broken pipe");
            return false;
        }));

        Assert.Equal("QEMU does not move the memory: Unable to write to socket: Broken pipe; the VM runs on at the source", e.Message);
        Assert.Equal(ExitCode.RolledBack, e.ExitCode);
        AssertAtHome(pair, vm, writer);
    }

    [Theory]
    [InlineData(100e6)]
    [InlineData(0)]
    public void A_QEMU_that_is_gone_at_the_destination_when_the_VM_is_handed_over_leaves_it_where_it_is(double dirtyBytesPerSecond)
    {
        using var vm = new ScriptedVm { DirtyBytesPerSecond = dirtyBytesPerSecond };
        using MovePair pair = Pair(vm);
        using var writer = new MultipathWriter(pair.Host, 1);
        vm.AtCommand = command =>
        {
            if (command == "source migrate-continue")
                vm.Destination.Die();
        };

        MigrateException e = Assert.Throws<MigrateException>(() => pair.Migrate());

        Assert.Equal("QEMU at the source could not hand the VM over: failed; the VM runs on at the source", e.Message);
        Assert.Equal(ExitCode.RolledBack, e.ExitCode);
        AssertAtHome(pair, vm, writer);
    }

    [Fact]
    public void A_QEMU_that_ends_at_the_source_while_memory_moves_is_rolled_back_when_the_VM_is_started_again()
    {
        using var vm = new ScriptedVm();
        using MovePair pair = Pair(vm);
        vm.Deaths.Add("source migrate");

        MigrateException e = Assert.Throws<MigrateException>(() => pair.Migrate());

        Assert.Equal(ExitCode.Unfinished, e.ExitCode);
        Assert.StartsWith("the migration could not be taken back: ", e.Message, StringComparison.Ordinal);
        Assert.Equal((uint)VmMigrationPhase.Idle, pair.Status(pair.Source, pair.Vm.Id).Phase.Value);

        vm.Deaths.Clear();
        vm.RestartSource();
        pair.TakeBack();
        using var writer = new MultipathWriter(pair.Host, 1);
        AssertAtHome(pair, vm, writer);
    }

    [Fact]
    public void What_QEMU_refuses_after_the_switch_is_gone_on_with()
    {
        using var vm = new ScriptedVm();
        using MovePair pair = Pair(vm);
        using var writer = new MultipathWriter(pair.Host, 1);
        vm.Refusals["destination cont"] = "not yet";

        MigrateException e = Assert.Throws<MigrateException>(() => pair.Migrate());

        Assert.Equal(ExitCode.Unfinished, e.ExitCode);
        Assert.EndsWith("refuses cont: not yet; --resume goes on", e.Message, StringComparison.Ordinal);
        Assert.Equal(ExitCode.Unfinished, Assert.Throws<MigrateException>(pair.TakeBack).ExitCode);
        Assert.Equal("postmigrate", vm.StateAtSource);
        vm.Refusals.Clear();
        pair.Resume();
        Assert.Equal(WholeJournal, StepsOf(pair));
        Assert.Equal("running", vm.StateAtDestination);
        AssertThere(pair, writer);
    }

    [Fact]
    public void A_QEMU_at_the_source_that_ends_when_the_VM_has_left_does_not_keep_it_from_arriving()
    {
        using var vm = new ScriptedVm();
        using MovePair pair = Pair(vm);
        using var writer = new MultipathWriter(pair.Host, 1);
        vm.Refusals["destination cont"] = "not yet";
        Assert.Throws<MigrateException>(() => pair.Migrate());
        vm.Source.Die();
        vm.Refusals.Clear();

        pair.Resume();

        Assert.Equal("running", vm.StateAtDestination);
        AssertThere(pair, writer);
    }

    [Fact]
    public void A_QEMU_that_ends_at_the_very_switch_leaves_it_open_where_the_VM_is_and_nothing_is_undone()
    {
        using var vm = new ScriptedVm();
        using MovePair pair = Pair(vm);
        vm.Deaths.Add("source migrate-continue");

        MigrateException e = Assert.Throws<MigrateException>(() => pair.Migrate());

        Assert.Equal(ExitCode.Unfinished, e.ExitCode);
        Assert.EndsWith("whether the VM has left is not known: --resume looks at the destination, and goes on if it is there", e.Message, StringComparison.Ordinal);
        Assert.Equal((uint)VmMigrationPhase.Blackout, pair.Status(pair.Source, pair.Vm.Id).Phase.Value);
        Assert.Equal(["begun", "bound", "memory", "switch"], StepsOf(pair));
    }

    [Theory]
    [InlineData("move")]
    [InlineData("memory")]
    [InlineData("halt")]
    [InlineData("pause")]
    [InlineData("finish")]
    public void Ctrl_C_in_any_phase_before_the_switch_takes_it_back(string phase)
    {
        using var vm = new ScriptedVm();
        using MovePair pair = Pair(vm);
        using var writer = new MultipathWriter(pair.Host, 1);
        bool isInterrupted = false;

        MigrateException e = Assert.Throws<MigrateException>(
            () => pair.Migrate(step => isInterrupted |= step == phase, () => isInterrupted));

        Assert.Equal(ExitCode.Interrupted, e.ExitCode);
        AssertAtHome(pair, vm, writer);
    }

    [Theory]
    [InlineData("hand over")]
    [InlineData("switch")]
    [InlineData("resume")]
    [InlineData("arrive")]
    [InlineData("leave")]
    public void Ctrl_C_at_the_switch_and_after_it_changes_nothing(string phase)
    {
        using var vm = new ScriptedVm();
        using MovePair pair = Pair(vm);
        using var writer = new MultipathWriter(pair.Host, 1);
        bool isInterrupted = false;

        pair.Migrate(step => isInterrupted |= step == phase, () => isInterrupted);

        Assert.True(isInterrupted);
        AssertThere(pair, writer);
    }

    [Theory]
    [InlineData("memory")]
    [InlineData("halt")]
    [InlineData("pause")]
    [InlineData("finish")]
    [InlineData("hand over")]
    [InlineData("switch")]
    [InlineData("resume")]
    [InlineData("arrive")]
    [InlineData("leave")]
    public void Another_process_goes_on_where_one_died(string last)
    {
        using var vm = new ScriptedVm();
        using MovePair pair = Pair(vm);
        using var writer = new MultipathWriter(pair.Host, 1);
        Die(pair, step => step == last);

        pair.Resume();

        Assert.Equal(("postmigrate", "running"), (vm.StateAtSource, vm.StateAtDestination));
        Assert.Equal(1, vm.Commands.Count(command => command == "source migrate"));
        AssertThere(pair, writer);
    }

    [Fact]
    public void A_process_that_died_while_memory_moves_is_followed_by_one_that_finds_it_moving()
    {
        using var vm = new ScriptedVm { LinkBytesPerSecond = 40e6, DirtyBytesPerSecond = 10e6 };
        using MovePair pair = Pair(vm);
        using var writer = new MultipathWriter(pair.Host, 1);
        Die(pair, _ => false, () => vm.Commands.Contains("source migrate"));

        pair.Resume();

        Assert.Equal(1, vm.Commands.Count(command => command == "source migrate"));
        AssertThere(pair, writer);
    }

    [Theory]
    [InlineData("memory")]
    [InlineData("halt")]
    [InlineData("pause")]
    [InlineData("finish")]
    [InlineData("hand over")]
    public void Another_process_takes_back_what_one_that_died_had_begun(string last)
    {
        using var vm = new ScriptedVm();
        using MovePair pair = Pair(vm);
        using var writer = new MultipathWriter(pair.Host, 1);
        Die(pair, step => step == last);

        pair.TakeBack();

        AssertAtHome(pair, vm, writer);
    }

    [Fact]
    public void A_VM_that_writes_memory_faster_than_it_moves_stays_unless_somebody_insists()
    {
        using var vm = new ScriptedVm { LinkBytesPerSecond = 100e6, DirtyBytesPerSecond = 1e12 };
        using MovePair pair = Pair(vm);
        pair.Options = pair.Options with { PatienceSeconds = 1 };
        using var writer = new MultipathWriter(pair.Host, 1);

        MigrateException e = Assert.Throws<MigrateException>(() => pair.Migrate());

        Assert.Equal(ExitCode.NotConverging, e.ExitCode);
        Assert.Matches("of memory are left at .*; --force-switch switches all the same; the VM runs on at the source$", e.Message);
        Assert.Equal("running", vm.StateAtSource);
        Assert.Contains("source migrate_cancel", vm.Commands);
        pair.Options = pair.Options with { ForceSwitch = true };
        Assert.Equal(MigratePhase.Done, pair.Migrate().Phase);
        AssertThere(pair, writer);
    }

    [Theory]
    [InlineData("the VM at the source is paused, not running")]
    [InlineData("QEMU at the destination is running; it has to be started with -incoming")]
    [InlineData("the machine is pc-q35-7.2-machine at the source and pc-q35-6.0-machine at the destination")]
    [InlineData("the VM has 64 MiB of RAM at the source and 32 MiB at the destination")]
    public void QEMUs_that_do_not_fit_are_told_before_anything_is_changed(string problem)
    {
        using var vm = new ScriptedVm();
        if (problem.Contains("paused", StringComparison.Ordinal))
            vm.StateAtSource = "paused";
        else if (problem.Contains("-incoming", StringComparison.Ordinal))
            vm.StateAtDestination = "running";
        else if (problem.Contains("machine", StringComparison.Ordinal))
            vm.MachineAtDestination = "pc-q35-6.0-machine";
        else
            vm.RamAtDestination /= 2;
        using MovePair pair = Pair(vm);

        MigrateException e = Assert.Throws<MigrateException>(() => pair.Migrate());

        Assert.Equal((problem, ExitCode.UserError), (e.Message, e.ExitCode));
        Assert.Empty(vm.Commands);
        Assert.False(File.Exists(pair.JournalPath));
    }

    [Fact]
    public void A_socket_that_is_not_QEMUs_is_told_before_anything_is_changed()
    {
        using var vm = new ScriptedVm();
        using MovePair pair = Pair(vm);
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        _ = other.AcceptTcpClientAsync().ContinueWith(
            client => client.Result.GetStream().Write("SSH-2.0-OpenSSH_9.2\r\n"u8), TaskScheduler.Default);
        pair.Options = pair.Options with { QmpFrom = other.LocalEndpoint.ToString() };

        QmpException e = Assert.Throws<QmpException>(() => pair.Migrate());

        Assert.Equal($"what is at {other.LocalEndpoint} does not speak QMP", e.Message);
        Assert.Equal((uint)VmMigrationPhase.Idle, pair.Status(pair.Source, pair.Vm.Id).Phase.Value);
        Assert.False(File.Exists(pair.JournalPath));
    }

    private static MovePair Pair(ScriptedVm vm, string through = "drive")
    {
        var pair = new MovePair();
        pair.Options = pair.Options with
        {
            Through = Enum.Parse<MoveThrough>(through, ignoreCase: true),
            QmpFrom = vm.Source.Address,
            QmpTo = vm.Destination.Address,
            RamUri = "tcp:192.0.2.2:4445",
            RamListen = "tcp:0.0.0.0:4445",
        };
        return pair;
    }

    /// <summary>Notes what both drives are at when a command changes something at a QEMU.</summary>
    private static List<string> Watch(ScriptedVm vm, MovePair pair)
    {
        var seen = new List<string>();
        vm.AtCommand = command => seen.Add(
            $"{command} {(VmMigrationPhase)pair.Status(pair.Source, pair.Vm.Id).Phase.Value} "
            + $"{(VmMigrationPhase)pair.Status(pair.Destination, pair.Arriving.Id).Phase.Value}");
        return seen;
    }

    private static void Die(MovePair pair, Func<string, bool> at, Func<bool>? look = null) => Assert.Throws<DiedException>(() => pair.Migrate(
        step =>
        {
            if (at(step))
                throw new DiedException();
        },
        () => look != null && look() ? throw new DiedException() : false));

    /// <summary>What was begun; marks of how far the data is are no steps.</summary>
    private static string[] StepsOf(MovePair pair) =>
    [
        .. File.ReadAllLines(pair.JournalPath)
            .Select(line => JsonDocument.Parse(line).RootElement)
            .Where(record => !record.TryGetProperty("mark", out _))
            .Select(record => record.GetProperty("step").GetString()!),
    ];

    private static void AssertThere(MovePair pair, MultipathWriter writer)
    {
        long writes = writer.Writes;
        TestTarget.Eventually("the VM writes at the destination", () => writer.Writes > writes + 100);
        writer.StopAndVerify();
        Assert.Equal([AnaState.Inaccessible, AnaState.Optimized], pair.Host.States);
    }

    private static void AssertAtHome(MovePair pair, ScriptedVm vm, MultipathWriter writer)
    {
        Assert.Equal(("running", "inmigrate"), (vm.StateAtSource, vm.StateAtDestination));
        long writes = writer.Writes;
        TestTarget.Eventually("the VM writes at the source", () => writer.Writes > writes + 100);
        writer.StopAndVerify();
        Assert.Equal([AnaState.Optimized, AnaState.Inaccessible], pair.Host.States);
        Assert.Equal((uint)VmMigrationPhase.Idle, pair.Status(pair.Source, pair.Vm.Id).Phase.Value);
        Assert.Equal((uint)VmMigrationPhase.Idle, pair.Status(pair.Destination, pair.Arriving.Id).Phase.Value);
        Assert.Equal("rolledBack", StepsOf(pair)[^1]);
    }

    /// <summary>Nobody catches it: connections and journal are closed, as they are when a process is killed.</summary>
    private sealed class DiedException : Exception;
}
