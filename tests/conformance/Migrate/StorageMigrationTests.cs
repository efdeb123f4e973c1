using Emulator.Host.Migrate;
using Emulator.Wire;
using Xunit.Abstractions;

namespace Emulator.ConformanceTests.Migrate;

/// <summary>emulator migrate without QEMU: the VM stays, its storage moves to another drive under it.</summary>
public sealed class StorageMigrationTests(ITestOutputHelper output)
{
    [Fact]
    public void A_VM_that_writes_all_the_time_is_on_the_other_drive_and_both_were_equal_at_the_switch()
    {
        using var pair = new MovePair();
        using var vm = new MultipathWriter(pair.Host, 1);
        TestTarget.Eventually("the VM has written something", () => vm.Writes > 2000);
        byte[] here = [], there = [];

        MigrateReport report = pair.Migrate(step =>
        {
            if (step == "switch")
                (here, there) = (pair.Read(pair.Source), pair.Read(pair.Destination));
        });

        Assert.Equal(here, there);
        vm.StopAndVerify();
        Assert.Equal([AnaState.Inaccessible, AnaState.Optimized], pair.Host.States);
        Assert.Equal(MigratePhase.Done, report.Phase);
        output.WriteLine(
            $"{vm.Writes} writes, {report.Rounds} rounds, {report.BytesMoved >> 10} KiB moved, black-out {report.BlackoutMs:F1} ms, predicted {report.PredictedBlackoutMs:F1} ms");
    }

    [Theory]
    [InlineData(DirectTransferScheme.DirtyBlockTracking)]
    [InlineData(DirectTransferScheme.Mirroring)]
    [InlineData(DirectTransferScheme.LowRedundancy)]
    [InlineData(DirectTransferScheme.SourceLowRedundancy)]
    [InlineData(DirectTransferScheme.AsynchronousMirroring)]
    public void A_VM_that_writes_all_the_time_moves_by_a_scheme(DirectTransferScheme scheme)
    {
        using var pair = new MovePair();
        pair.Options = pair.Options with { Scheme = scheme };
        using var vm = new MultipathWriter(pair.Host, 1);
        TestTarget.Eventually("the VM has written something", () => vm.Writes > 500);

        MigrateReport report = pair.Migrate();

        vm.StopAndVerify();
        Assert.Equal([AnaState.Inaccessible, AnaState.Optimized], pair.Host.States);
        Assert.Equal(MigratePhase.Done, report.Phase);
        output.WriteLine($"{scheme}: {vm.Writes} writes, {report.BytesMoved >> 10} KiB moved, black-out {report.BlackoutMs:F1} ms");
    }

    [Fact]
    public void The_snapshot_of_the_switch_holds_what_the_source_held_then()
    {
        using var pair = new MovePair();
        pair.Options = pair.Options with { SnapshotAtSwitch = true };
        using var vm = new MultipathWriter(pair.Host, 2);
        TestTarget.Eventually("the VM has written something", () => vm.Writes > 2000);

        MigrateReport report = pair.Migrate();
        long writes = vm.Writes;
        TestTarget.Eventually("the VM goes on writing", () => vm.Writes > writes + 200);
        vm.Stop();

        SnapshotReport snapshot = Assert.Single(report.Snapshots!);
        byte[] atSwitch = pair.Read(pair.Source);
        Assert.NotEqual(atSwitch, pair.Read(pair.Destination));
        var restore = new SubmissionEntry
        {
            Opcode = (byte)AdminOpcode.Snapshot,
            Nsid = snapshot.Nsid,
            Cdw10 = (uint)SnapshotAction.Restore,
            Cdw11 = snapshot.Id,
        };
        pair.Manage(pair.Destination, out _).Succeed("Snapshot restore", restore);
        Assert.Equal(atSwitch, pair.Read(pair.Destination));
    }
}
