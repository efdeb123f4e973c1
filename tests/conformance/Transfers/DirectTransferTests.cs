using Emulator.Tcp;
using Emulator.Wire;
using Xunit.Abstractions;

namespace Emulator.ConformanceTests.Transfers;

/// <summary>Direct transfer between two processes, with a VM that writes at random meanwhile.</summary>
public sealed class DirectTransferTests(ITestOutputHelper output)
{
    private const string TwoNamespaces = """{ "size": "64MiB" }, { "size": "16MiB", "blockSize": 512 }""";

    private const string Transformed = """
        { "size": "64MiB", "compression": "lz4", "encryption": true, "ecc": 8 }, { "size": "16MiB", "blockSize": 512, "encryption": true }
        """;

    [Theory]
    [InlineData(DirectTransferMode.WholeCapacity)]
    [InlineData(DirectTransferMode.WrittenRanges)]
    [InlineData(DirectTransferMode.SnapshotDelta)]
    [InlineData(DirectTransferMode.Checksums)]
    [InlineData(DirectTransferMode.DirtyRanges)]
    [InlineData(DirectTransferMode.WrittenRanges, DirectTransferForm.Stored)]
    public async Task A_vm_that_writes_all_the_time_is_at_the_destination_byte_by_byte(
        DirectTransferMode mode, DirectTransferForm form = DirectTransferForm.Decoded)
    {
        using TransferPair pair = await TransferPair.Start(
            namespaces: form == DirectTransferForm.Stored ? Transformed : TwoNamespaces);
        // Nothing is written yet, so that the destination holds what the snapshot does.
        ushort snapshot = mode == DirectTransferMode.SnapshotDelta ? pair.CreateSnapshot(1) : (ushort)0;
        using var vm = new VmWriter(pair, 1, 1, 2);
        TestTarget.Eventually("the VM has written something", () => vm.Commands > 1000);
        pair.SetDestination(VmMigrationFlags.Active | VmMigrationFlags.Destination);
        pair.SetSource(VmMigrationFlags.Active);
        if (mode is DirectTransferMode.Checksums or DirectTransferMode.DirtyRanges)
            LeavePart(pair);
        DirectTransferRequest request = pair.Request(mode);
        (request.Snapshot, request.Form) = (snapshot, (byte)form);
        pair.StartTransfer(request);
        TestTarget.Eventually("rounds go by", () => pair.Progress().Round > 3);
        vm.Stop();

        pair.SetSource(VmMigrationFlags.Active | VmMigrationFlags.Halted);
        pair.Control(DirectTransferAction.Finish);
        DirectTransferProgress progress = pair.WaitFor(DirectTransferPhase.Done);

        pair.AssertSame(1, 2);
        pair.AssertSameState();
        output.WriteLine(
            $"{vm.Commands} commands of the VM, {progress.Round} rounds, {progress.BytesSent >> 20} MiB sent, "
            + $"{progress.BytesZeroed >> 20} MiB zeroed, {progress.BytesEqual >> 20} MiB equal in {progress.Microseconds / 1000} ms");
        Assert.Equal(0UL, progress.BytesToDo.Value);
        Assert.Equal(0u, progress.ConnectionsLost.Value);
        Assert.Equal(mode == DirectTransferMode.Checksums, progress.BytesEqual > 0);
    }

    /// <summary>A transfer that is cancelled when some rounds have gone by: the destination has what it had then.</summary>
    private static void LeavePart(TransferPair pair)
    {
        pair.StartTransfer(pair.Request(DirectTransferMode.WholeCapacity));
        TestTarget.Eventually("rounds go by", () => pair.Progress().Round > 2);
        pair.Control(DirectTransferAction.Cancel);
    }

    [Fact]
    public async Task Where_no_manager_is_listed_a_host_moves_its_own_data()
    {
        using var destination = new TestTarget();
        using var source = new TestTarget(TestTarget.SmallDrive with { Peers = new TcpPeerConnector() });
        using HostController vm = source.Connect(out HostQueue queue);
        byte[] data = new byte[64 * 1024];
        new Random(1).NextBytes(data);
        Assert.True(queue.Execute(HostCommands.Write(1, 1000, 16), data).IsSuccess);
        vm.Succeed("Set Features D0h", HostCommands.SetFeatures(FeatureId.VmMigration, (uint)VmMigrationFlags.Active));
        DirectTransferRequest request = RequestTo(destination, source.Host.HostNqn);
        vm.Succeed(
            "Direct Transfer Start", new SubmissionEntry { Opcode = (byte)AdminOpcode.DirectTransferStart }, WireStruct.Bytes(ref request));
        TestTarget.Eventually("it has converged", () => PhaseOf(vm) == DirectTransferPhase.Converged);

        using HostController there = destination.Connect(out HostQueue queueThere);
        byte[] moved = new byte[data.Length];
        Assert.True(queueThere.Execute(HostCommands.Read(1, 1000, 16), moved).IsSuccess);
        Assert.Equal(data, moved);
    }

    private static DirectTransferPhase PhaseOf(HostController host)
    {
        byte[] page = new byte[DirectTransferProgress.Size];
        host.Succeed("Get Log Page D8h", HostCommands.GetLogPage(LogPageId.DirectTransferProgress, page.Length), page);
        DirectTransferProgress progress = WireStruct.Read<DirectTransferProgress>(page);
        Assert.True(progress.Phase != (byte)DirectTransferPhase.Failed, TextField.ReadPadded(progress.Text));
        return (DirectTransferPhase)progress.Phase;
    }

    private static DirectTransferRequest RequestTo(TestTarget destination, string hostNqn)
    {
        var request = new DirectTransferRequest
        {
            Version = 1,
            StructureSize = DirectTransferRequest.Size,
            Trtype = (byte)TransportType.Tcp,
            Adrfam = (byte)AddressFamily.Ipv4,
            Flags = (uint)(DirectTransferFlags.NoState | DirectTransferFlags.Activate),
        };
        TextField.WritePadded(request.Traddr, destination.EndPoint.Address.ToString());
        TextField.WritePadded(request.Trsvcid, $"{destination.EndPoint.Port}");
        TextField.TryWriteTerminated(request.Subnqn, destination.Drive.Nqn);
        TextField.TryWriteTerminated(request.Hostnqn, hostNqn);
        return request;
    }
}
