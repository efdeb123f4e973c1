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
}
