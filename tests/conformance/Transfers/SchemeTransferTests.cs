using Emulator.Tcp;
using Emulator.Wire;
using Xunit.Abstractions;

namespace Emulator.ConformanceTests.Transfers;

/// <summary>Schemes between two processes, with a VM that checks what it reads all the way.</summary>
public sealed class SchemeTransferTests(ITestOutputHelper output)
{
    private const string TwoNamespaces = """{ "size": "64MiB" }, { "size": "16MiB", "blockSize": 512 }""";

    public static TheoryData<DirectTransferScheme> Schemes =>
    [
        DirectTransferScheme.DirtyBlockTracking, DirectTransferScheme.Mirroring, DirectTransferScheme.LowRedundancy,
        DirectTransferScheme.SourceLowRedundancy, DirectTransferScheme.AsynchronousMirroring,
    ];

    [Theory]
    [MemberData(nameof(Schemes))]
    public async Task A_vm_that_checks_what_it_reads_is_at_the_destination_byte_by_byte(DirectTransferScheme scheme)
    {
        using TransferPair pair = await TransferPair.Start(namespaces: TwoNamespaces);
        using var vm = new VerifyingVm(pair, (ulong)scheme, 1, 2);
        TestTarget.Eventually("the VM has written something", () => vm.Commands > 2000);
        StartScheme(pair, scheme);
        pair.WaitFor(DirectTransferPhase.Converged);
        long before = vm.Commands;
        TestTarget.Eventually("the VM goes on", () => vm.Commands > before + 500);
        vm.Stop();

        pair.SetSource(VmMigrationFlags.Active | VmMigrationFlags.Halted);
        pair.Control(DirectTransferAction.Finish);
        DirectTransferProgress progress = pair.WaitFor(DirectTransferPhase.Done);

        foreach (uint nsid in (uint[])[1, 2])
            Assert.Equal(vm.Digest(nsid), TransferPair.Digest(pair.ManagerThere, nsid));
        bool isSourceBehind = scheme is DirectTransferScheme.LowRedundancy or DirectTransferScheme.SourceLowRedundancy;
        if (!isSourceBehind)
            pair.AssertSame(1, 2);
        Assert.Equal(isSourceBehind, progress.LogBytes > 0);
        output.WriteLine(
            $"{scheme}: {vm.Commands} commands, {progress.Requests} of them under way; written {progress.BytesWritten >> 10} KiB, "
            + $"{progress.BytesToSource >> 10} to the source, {progress.BytesToDestination >> 10} to the destination; copied "
            + $"{progress.BytesCopied >> 10}, skipped {progress.BytesSkipped >> 10}, again {progress.BytesMerged >> 10}; deferred "
            + $"{progress.RequestsDeferred}, log {progress.LogBytes >> 10}; {progress.SchemeMicroseconds / 1000} ms; factors "
            + $"{progress.Penalty / 1e6:F3} {progress.TimeFactor / 1e6:F3} {progress.WearOut / 1e6:F3}");

        pair.SetSource(VmMigrationFlags.Completed);
        pair.SetDestination(VmMigrationFlags.Completed);
        using HostController there = pair.ConnectVmThere();
        Assert.Equal(vm.Digest(1), TransferPair.Digest(there, 1));
    }

    [Theory]
    [MemberData(nameof(Schemes))]
    public async Task A_vm_whose_destination_dies_goes_on_with_all_that_it_wrote(DirectTransferScheme scheme)
    {
        using TransferPair pair = await TransferPair.Start(namespaces: TwoNamespaces);
        using var vm = new VerifyingVm(pair, 10 + (ulong)scheme, 1, 2);
        TestTarget.Eventually("the VM has written something", () => vm.Commands > 2000);
        StartScheme(pair, scheme, reconnectSeconds: 1);
        pair.WaitFor(DirectTransferPhase.Converged);
        long before = vm.Commands;
        TestTarget.Eventually("the VM goes on", () => vm.Commands > before + 500);

        pair.KillDestination();
        DirectTransferProgress progress = pair.WaitForEnd(DirectTransferPhase.Failed);
        await pair.StartDestination();
        before = vm.Commands;
        TestTarget.Eventually("the VM goes on at the source", () => vm.Commands > before + 500);
        vm.Stop();

        Assert.Equal((ushort)DirectTransferReason.ConnectionLost, progress.Reason.Value);
        foreach (uint nsid in (uint[])[1, 2])
            Assert.Equal(vm.Digest(nsid), TransferPair.Digest(pair.Manager, nsid));
    }

    internal static void StartScheme(TransferPair pair, DirectTransferScheme scheme, uint reconnectSeconds = 0)
    {
        pair.SetDestination(VmMigrationFlags.Active | VmMigrationFlags.Destination);
        pair.SetSource(VmMigrationFlags.Active);
        DirectTransferRequest request = pair.Request(DirectTransferMode.WholeCapacity);
        (request.Scheme, request.ReconnectSeconds) = ((byte)scheme, reconnectSeconds);
        pair.StartTransfer(request);
    }
}
