using Emulator.ConformanceTests.Transfers;
using Emulator.Core;
using Emulator.Device;
using Emulator.Host.Migrate;
using Emulator.Tcp;
using Emulator.Wire;
using Xunit.Abstractions;

namespace Emulator.ConformanceTests.Migrate;

/// <summary>emulator migrate --through host: the process moves the data, by the lists that the source tells.</summary>
public sealed class ThroughHostTests(ITestOutputHelper output)
{
    private const int BlockBytes = 4096;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void A_VM_that_writes_all_the_time_is_on_the_other_drive_and_both_were_equal_at_the_switch(ulong seed)
    {
        using MovePair pair = Pair();
        pair.FillSource();
        using var vm = new MultipathWriter(pair.Host, seed);
        TestTarget.Eventually("the VM has written something", () => vm.Writes > 200);

        MigrateReport report = MoveAndCompare(pair);

        vm.StopAndVerify();
        Assert.Equal([AnaState.Inaccessible, AnaState.Optimized], pair.Host.States);
        Assert.InRange(report.MovedRatio!.Value, 0.5, 1.05);
        Assert.True(report.StateBytes > 0);
        output.WriteLine(
            $"{vm.Writes} writes, {report.Rounds} rounds, {report.BytesMoved >> 10} KiB moved, ratio {report.MovedRatio:F3}, black-out {report.BlackoutMs:F1} ms, predicted {report.PredictedBlackoutMs:F1} ms");
    }

    [Fact]
    public void Data_that_nobody_changes_moves_once()
    {
        using MovePair pair = Pair();
        pair.FillSource();

        MigrateReport report = MoveAndCompare(pair);

        Assert.Equal((ulong)MovePair.Blocks * BlockBytes, report.BytesMoved);
    }

    [Fact]
    public void A_copy_that_takes_longer_than_the_keep_alive_timeout_keeps_its_connections()
    {
        // 64 MiB in 13 s; the timeout is 10.
        using MovePair pair = Pair(options => options with { BytesPerSecond = 5 << 20 });
        pair.FillSource();

        MigrateReport report = MoveAndCompare(pair);

        Assert.True(report.FirstPassSeconds > 12, $"the copy took {report.FirstPassSeconds:F1} s");
        Assert.Equal(0UL, report.BytesRepeated);
    }

    [Fact]
    public void Holes_are_neither_read_nor_sent_and_are_holes_at_the_destination()
    {
        using MovePair pair = Pair();
        byte[] data = Random(1, 8);
        foreach (int block in new[] { 0, 1000, 9000, MovePair.Blocks - 8 })
            Write(pair, block, data);
        Stain(pair, 3000, 4000);

        MigrateReport report = MoveAndCompare(pair);

        Assert.Equal(4UL * 8 * BlockBytes, report.BytesMoved);
        Assert.Equal((ulong)(MovePair.Blocks - 32) * BlockBytes, report.BytesZeroed);
    }

    [Fact]
    public void Only_what_the_VM_wrote_in_its_life_moves_if_that_is_asked_for()
    {
        using MovePair pair = Pair(options => options with { Mode = DirectTransferMode.WrittenRanges });
        Write(pair, 100, Random(1, 16));
        Write(pair, 5000, Random(2, 3));

        MigrateReport report = MoveAndCompare(pair);

        Assert.Equal(19UL * BlockBytes, report.FirstPassBytes);
        Assert.Equal(19UL * BlockBytes, report.BytesMoved);
    }

    [Fact]
    public void A_VM_that_wrote_more_than_its_threshold_moves_whole()
    {
        using MovePair pair = Pair(options => options with { Mode = DirectTransferMode.WrittenRanges });
        SubmissionEntry threshold = HostCommands.SetFeatures(FeatureId.VmMigration, (uint)pair.Vm.Id << 16);
        threshold.Cdw12 = 4;
        pair.Manage(pair.Source, out _).Succeed("Set Features D0h", threshold);
        Write(pair, 100, Random(1, 5));

        MigrateReport report = MoveAndCompare(pair);

        Assert.Equal((ulong)MovePair.Blocks * BlockBytes, report.FirstPassBytes);
    }

    [Fact]
    public void Only_what_changed_since_a_snapshot_moves_to_a_destination_that_holds_it()
    {
        using MovePair pair = Pair();
        Write(pair, 100, Random(1, 16));
        Stain(pair, 100, 16, Random(1, 16));
        using var manager = new DriveClient("source", pair.Source.EndPoint, pair.Options.Subsystem, MovePair.ManagerNqn);
        ushort snapshot = manager.TakeSnapshot(1);
        Write(pair, 110, Random(2, 4));
        pair.Options = pair.Options with { Mode = DirectTransferMode.SnapshotDelta, Snapshot = snapshot };

        MigrateReport report = MoveAndCompare(pair);

        Assert.Equal(4UL * BlockBytes, report.BytesMoved);
    }

    [Fact]
    public void A_block_that_cannot_be_read_cannot_be_read_at_the_destination_and_its_neighbours_can()
    {
        using MovePair pair = Pair();
        pair.FillSource();
        Succeed(pair.Vm.IoQueues[0], HostCommands.Io(IoOpcode.WriteUncorrectable, 1, 777, 1));

        pair.Migrate();

        pair.Manage(pair.Destination, out HostQueue queue);
        pair.Manage(pair.Source, out HostQueue source);
        byte[] block = new byte[BlockBytes], expected = new byte[BlockBytes];
        Assert.True(queue.Execute(HostCommands.Read(1, 777, 1), block).Status.Matches(Status.UnrecoveredReadError));
        foreach (ulong neighbour in new ulong[] { 776, 778 })
        {
            Assert.Equal(Status.Success, queue.Execute(HostCommands.Read(1, neighbour, 1), block).Status);
            Assert.Equal(Status.Success, source.Execute(HostCommands.Read(1, neighbour, 1), expected).Status);
            Assert.Equal(expected, block);
        }
    }

    [Fact]
    public void Two_namespaces_with_unlike_blocks_move()
    {
        DriveOptions two = TestTarget.SmallDrive;
        using var pair = new MovePair(here => here with { CapacityBytes = two.CapacityBytes, Namespaces = two.Namespaces }, isBoth: true);
        pair.Options = pair.Options with { Through = MoveThrough.Host };
        pair.FillSource();
        byte[] odd = new byte[13 * 512];
        new SeededRandom(5).Fill(odd);
        Succeed(pair.Vm.IoQueues[0], HostCommands.Write(2, 1001, 13), odd);

        MoveAndCompare(pair);

        pair.Manage(pair.Destination, out HostQueue there);
        byte[] read = new byte[odd.Length];
        Succeed(there, HostCommands.Read(2, 1001, 13), read);
        Assert.Equal(odd, read);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Killed_in_the_first_pass_and_in_rounds_it_is_resumed_and_both_are_equal(ulong seed)
    {
        var random = new SeededRandom(seed);
        using MovePair pair = Pair(options => options with { BytesPerSecond = 100 << 20 });
        pair.FillSource();
        using var vm = new MultipathWriter(pair.Host, seed);
        Kill(() => pair.Migrate(isInterrupted: Death(random)));
        for (int deaths = 1; deaths < 6; deaths++)
            Kill(() => pair.Resume(isInterrupted: Death(random)));

        MigrateReport report = MoveAndCompare(pair, isResumed: true);

        vm.StopAndVerify();
        Assert.Equal(MigratePhase.Done, report.Phase);
    }

    [Fact]
    public void A_round_that_a_process_took_and_did_not_move_is_moved_by_the_next()
    {
        using MovePair pair = Pair();
        pair.FillSource();
        Kill(() => pair.Migrate(step =>
        {
            if (step == "halt")
                throw new DiedException();
        }));
        byte[] lost = Random(9, 4);
        Write(pair, 4321, lost);
        TakeRound(pair);

        MoveAndCompare(pair, isResumed: true);

        pair.Manage(pair.Destination, out HostQueue there);
        byte[] read = new byte[lost.Length];
        Succeed(there, HostCommands.Read(1, 4321, 4), read);
        Assert.Equal(lost, read);
    }

    [Fact]
    public void What_is_durable_of_the_first_pass_is_not_moved_again()
    {
        using MovePair pair = Pair();
        pair.FillSource();
        Kill(() => pair.Migrate(step =>
        {
            if (step == "halt")
                throw new DiedException();
        }));

        MigrateReport report = pair.Resume();

        Assert.Equal(0UL, report.FirstPassBytes);
        Assert.Equal(0UL, report.BytesMoved);
        Assert.Equal(pair.Read(pair.Source), pair.Read(pair.Destination));
    }

    [Theory]
    [InlineData("source")]
    [InlineData("destination")]
    public void A_connection_that_is_lost_is_made_anew(string which)
    {
        using MovePair pair = Pair(options => options with { BytesPerSecond = 128 << 20 });
        using var proxy = new CuttableProxy { Target = which == "source" ? pair.Source.EndPoint : pair.Destination.EndPoint };
        pair.Options = which == "source"
            ? pair.Options with { From = proxy.EndPoint.ToString() }
            : pair.Options with { To = proxy.EndPoint.ToString() };
        pair.FillSource();
        using var vm = new MultipathWriter(pair.Host, 1);
        int looks = 0;

        MigrateReport report = MoveAndCompare(pair, isInterrupted: () =>
        {
            if (++looks is 10 or 20)
            {
                proxy.Cut();
                _ = Task.Delay(200).ContinueWith(_ => proxy.Restore(), TaskScheduler.Default);
            }

            // The VM is not slowed by the link that the lists and the data come over, and would be ahead of them for long.
            if (looks == 60)
                vm.Stop();
            return false;
        });

        vm.StopAndVerify();
        Assert.True(report.BytesRepeated > 0);
    }

    [Fact]
    public void A_destination_that_stays_away_leaves_the_VM_where_it_is()
    {
        using MovePair pair = Pair(options => options with { BytesPerSecond = 4 << 20, ReconnectSeconds = 1 });
        pair.FillSource();
        int looks = 0;

        MigrateException e = Assert.Throws<MigrateException>(() => pair.Migrate(isInterrupted: () =>
        {
            if (++looks == 20)
                pair.Destination.Dispose();
            return false;
        }));

        Assert.Equal(Emulator.Host.ExitCode.RolledBack, e.ExitCode);
        Assert.Equal((uint)VmMigrationPhase.Idle, pair.Status(pair.Source, pair.Vm.Id).Phase.Value);
        Succeed(pair.Vm.IoQueues[0], HostCommands.Write(1, 0, 1), new byte[BlockBytes]);
    }

    private static MovePair Pair(Func<MigrateOptions, MigrateOptions>? change = null)
    {
        var pair = new MovePair();
        pair.Options = pair.Options with { Through = MoveThrough.Host };
        pair.Options = change?.Invoke(pair.Options) ?? pair.Options;
        return pair;
    }

    /// <summary>Moves the VM, and looks that both drives hold the same when nothing changes any more.</summary>
    private static MigrateReport MoveAndCompare(MovePair pair, Func<bool>? isInterrupted = null, bool isResumed = false)
    {
        byte[] here = [], there = [];
        void Compare(string step)
        {
            if (step == "switch")
                (here, there) = (pair.Read(pair.Source), pair.Read(pair.Destination));
        }

        MigrateReport report = isResumed ? pair.Resume(Compare, isInterrupted) : pair.Migrate(Compare, isInterrupted);
        Assert.True(here.Length > 0);
        Assert.True(here.AsSpan().SequenceEqual(there));
        return report;
    }

    /// <summary>Has the process die after some looks.</summary>
    private static Func<bool> Death(SeededRandom random)
    {
        int looks = random.Below(60);
        return () => looks-- > 0 ? false : throw new DiedException();
    }

    private static void Kill(Action migrate) => Assert.Throws<DiedException>(migrate);

    /// <summary>As a process does that dies before it moves what it was told.</summary>
    private static void TakeRound(MovePair pair)
    {
        SubmissionEntry entry = HostCommands.GetLogPage(LogPageId.VmDirtyRanges, 4096);
        entry.Cdw10 |= (uint)VendorCommandSet.LspAdvance << 8;
        entry.Cdw11 |= (uint)pair.Vm.Id << 16;
        pair.Manage(pair.Source, out _).Succeed("Get Log Page D3h", entry, new byte[4096]);
    }

    private static byte[] Random(ulong seed, int blocks)
    {
        byte[] data = new byte[blocks * BlockBytes];
        new SeededRandom(seed).Fill(data);
        return data;
    }

    private static void Write(MovePair pair, int block, byte[] data) =>
        Succeed(pair.Vm.IoQueues[0], HostCommands.Write(1, (ulong)block, data.Length / BlockBytes), data);

    /// <summary>The destination holds something from before.</summary>
    private static void Stain(MovePair pair, int block, int blocks, byte[]? data = null)
    {
        pair.Manage(pair.Destination, out HostQueue queue);
        for (int at = 0; at < blocks; at += 16)
        {
            int count = Math.Min(16, blocks - at);
            byte[] part = data?[(at * BlockBytes)..((at + count) * BlockBytes)] ?? Random(99, count);
            Succeed(queue, HostCommands.Write(1, (ulong)(block + at), count), part);
        }
    }

    private static void Succeed(HostQueue queue, SubmissionEntry entry, Span<byte> data = default) =>
        Assert.Equal(Status.Success, queue.Execute(entry, data).Status);

    /// <summary>Nobody catches it: connections and journal are closed, as they are when a process is killed.</summary>
    private sealed class DiedException : Exception;
}
