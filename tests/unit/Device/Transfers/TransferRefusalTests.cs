using Emulator.Core;
using Emulator.Device;
using Emulator.Wire;

namespace Emulator.UnitTests.Device.Transfers;

/// <summary>What Direct Transfer refuses at once, and what it tells of destinations that are none. The VM goes on.</summary>
public sealed class TransferRefusalTests
{
    private delegate void Spoil(ref DirectTransferRequest request);

    private static readonly Dictionary<string, Spoil> Malformations = new()
    {
        ["version"] = (ref DirectTransferRequest request) => request.Version = 2,
        ["size"] = (ref DirectTransferRequest request) => request.StructureSize = 512,
        ["mode"] = (ref DirectTransferRequest request) => request.Mode = 9,
        ["form"] = (ref DirectTransferRequest request) => request.Form = 2,
        ["stored in short commands"] = (ref DirectTransferRequest request) =>
            (request.Form, request.CommandBytes) = ((byte)DirectTransferForm.Stored, 4096),
        ["transport"] = (ref DirectTransferRequest request) => request.Trtype = (byte)TransportType.Rdma,
        ["family"] = (ref DirectTransferRequest request) => request.Adrfam = 0,
        ["target"] = (ref DirectTransferRequest request) => request.TargetThere = 0xFFFF,
        ["flags"] = (ref DirectTransferRequest request) => request.Flags = 1u << 31,
        ["snapshot in another mode"] = (ref DirectTransferRequest request) => request.Snapshot = 1,
        ["delta without snapshot"] = (ref DirectTransferRequest request) => request.Mode = (byte)DirectTransferMode.SnapshotDelta,
        ["checksum in another mode"] = (ref DirectTransferRequest request) => request.ChecksumShift = 1,
        ["long range"] = (ref DirectTransferRequest request) =>
            (request.Mode, request.ChecksumShift) = ((byte)DirectTransferMode.Checksums, 15),
        ["queues"] = (ref DirectTransferRequest request) => request.Queues = 9,
        ["share"] = (ref DirectTransferRequest request) => request.SharePercent = 101,
        ["depth"] = (ref DirectTransferRequest request) => request.Depth = 129,
        ["odd length"] = (ref DirectTransferRequest request) => request.CommandBytes = 12_288,
        ["short length"] = (ref DirectTransferRequest request) => request.CommandBytes = 2048,
        ["long length"] = (ref DirectTransferRequest request) => request.CommandBytes = 2 << 20,
        ["reserved"] = (ref DirectTransferRequest request) => request.Reserved47 = 1,
        ["secret"] = (ref DirectTransferRequest request) => request.Secret[111] = 1,
        ["scheme"] = (ref DirectTransferRequest request) => request.Scheme = 6,
        ["scheme with checksums"] = (ref DirectTransferRequest request) =>
            (request.Mode, request.Scheme) = ((byte)DirectTransferMode.Checksums, (byte)DirectTransferScheme.Mirroring),
        ["scheme in stored form"] = (ref DirectTransferRequest request) =>
            (request.Form, request.Scheme) = ((byte)DirectTransferForm.Stored, (byte)DirectTransferScheme.Mirroring),
        ["fall-back of no rounds"] = (ref DirectTransferRequest request) =>
            (request.Scheme, request.FallBack) = ((byte)DirectTransferScheme.Mirroring, 1),
        ["fall-back"] = (ref DirectTransferRequest request) =>
            (request.Scheme, request.FallBack) = ((byte)DirectTransferScheme.DirtyBlockTracking, 3),
        ["rounds without a scheme"] = (ref DirectTransferRequest request) => request.MostRounds = 1,
        ["threshold of another scheme"] = (ref DirectTransferRequest request) =>
            (request.Scheme, request.PendingThreshold) = ((byte)DirectTransferScheme.Mirroring, 1),
        ["threshold"] = (ref DirectTransferRequest request) =>
            (request.Scheme, request.PendingThreshold) = ((byte)DirectTransferScheme.AsynchronousMirroring, 65_537),
        ["delay"] = (ref DirectTransferRequest request) =>
            (request.Scheme, request.PendingDelay) = ((byte)DirectTransferScheme.AsynchronousMirroring, 1_000_001),
        ["reserved parameters"] = (ref DirectTransferRequest request) => request.Reserved1012[11] = 1,
        ["no subsystem"] = (ref DirectTransferRequest request) => request.Subnqn[0] = 0,
        ["no host"] = (ref DirectTransferRequest request) => ((Span<byte>)request.Hostnqn).Clear(),
        ["host not ended"] = (ref DirectTransferRequest request) => ((Span<byte>)request.Hostnqn).Fill((byte)'x'),
    };

    public static TheoryData<string> Malformed => [.. Malformations.Keys];

    [Theory]
    [MemberData(nameof(Malformed))]
    public void A_malformed_field_is_invalid_field(string what)
    {
        using var rig = new TransferRig();
        rig.Activate();
        DirectTransferRequest request = rig.Request();
        Malformations[what](ref request);

        TestHost.AssertStatus(Status.InvalidField, rig.TryStart(request));
        Assert.Equal(DirectTransferPhase.None, rig.Phase);
    }

    [Fact]
    public void Start_needs_an_active_source()
    {
        using var rig = new TransferRig();
        TestHost.AssertStatus(Status.MigrationNotActive, rig.TryStart(rig.Request()));
        TestHost.AssertStatus(Status.MigrationNotActive, rig.Control(DirectTransferAction.Pause));
    }

    [Fact]
    public void A_delta_needs_its_snapshot()
    {
        using var rig = new TransferRig();
        rig.Activate();
        DirectTransferRequest request = rig.Request(DirectTransferMode.SnapshotDelta);
        request.Snapshot = 77;
        TestHost.AssertStatus(Status.SnapshotNotFound, rig.TryStart(request));
    }

    [Fact]
    public void A_vm_has_one_transfer_at_a_time()
    {
        using var rig = new TransferRig();
        rig.Activate();
        rig.Start(rig.Request());
        TestHost.AssertStatus(Status.MigrationBusy, rig.TryStart(rig.Request()));
    }

    [Fact]
    public void Short_data_is_not_read()
    {
        using var rig = new TransferRig();
        rig.Activate();
        TestHost.AssertStatus(Status.DataSglLengthInvalid, rig.Manager.Admin(
            AdminOpcode.DirectTransferStart, new byte[DirectTransferRequest.Size - 1], cdw11: (uint)rig.Target << 16));
    }

    [Fact]
    public void A_drive_without_a_way_to_others_says_so()
    {
        TestHost host = TestHost.ConnectToNewDrive(out Drive drive);
        using (drive)
        {
            host.SetMigration(VmMigrationFlags.Active);
            using var rig = new TransferRig();
            DirectTransferRequest request = rig.Request();
            TestHost.AssertStatus(Status.TransferFailed, host.Admin(AdminOpcode.DirectTransferStart, WireStruct.Bytes(ref request)));
            Assert.Equal(0u, host.IdentifyController().Vmas.Capabilities & (uint)VmasCapabilities.DirectTransfer);
        }
    }

    [Fact]
    public void Only_a_manager_steers_transfers()
    {
        using var rig = new TransferRig();
        rig.Activate();
        DirectTransferRequest request = rig.Request();
        TestHost.AssertStatus(Status.OperationDenied, rig.Vm.Admin(AdminOpcode.DirectTransferStart, WireStruct.Bytes(ref request)));
        TestHost.AssertStatus(Status.OperationDenied, rig.Vm.Admin(AdminOpcode.DirectTransferControl));
        TestHost.AssertStatus(Status.OperationDenied, rig.Vm.TryGetLog(LogPageId.DirectTransferProgress, 256, out _));
    }

    [Theory]
    [InlineData(4u, 0u)]
    [InlineData(0x100u, 0u)]
    [InlineData(0u, 1u)]
    public void Control_checks_its_fields(uint cdw10, uint cdw12)
    {
        using var rig = new TransferRig();
        rig.Activate();
        rig.Start(rig.Request());
        TestHost.AssertStatus(Status.InvalidField, rig.Manager.Admin(
            AdminOpcode.DirectTransferControl, cdw10: cdw10, cdw11: (uint)rig.Target << 16, cdw12: cdw12));
    }

    [Fact]
    public void The_commands_are_announced_to_a_drive_that_has_them()
    {
        using var rig = new TransferRig();
        var effects = WireStruct.Read<CommandsSupportedAndEffects>(
            rig.Manager.GetLog(LogPageId.CommandsSupportedAndEffects, CommandsSupportedAndEffects.Size));
        Assert.NotEqual(0u, effects.Acs[(byte)AdminOpcode.DirectTransferStart] & 1u);
        Assert.NotEqual(0u, effects.Acs[(byte)AdminOpcode.DirectTransferControl] & 1u);
        Assert.NotEqual(0u, rig.Manager.IdentifyController().Vmas.Capabilities & (uint)VmasCapabilities.DirectTransfer);
    }

    [Fact]
    public void A_destination_that_does_not_receive_is_told()
    {
        using var rig = new TransferRig();
        rig.Manager.SetMigration(VmMigrationFlags.Active, target: rig.Target);
        AssertFails(rig, rig.Request(), DirectTransferReason.NotReceiving);
    }

    [Fact]
    public void Activate_makes_it_receive()
    {
        using var rig = new TransferRig();
        rig.Vm.Write(3, 4);
        rig.Manager.SetMigration(VmMigrationFlags.Active, target: rig.Target);
        DirectTransferRequest request = rig.Request();
        request.Flags |= (uint)DirectTransferFlags.Activate;
        rig.Start(request);
        rig.RunUntil(DirectTransferPhase.Converged);
        rig.AssertSame();
    }

    [Fact]
    public void A_host_that_is_no_manager_there_is_told()
    {
        using var rig = new TransferRig();
        rig.Activate();
        DirectTransferRequest request = rig.Request();
        TextField.TryWriteTerminated(request.Hostnqn, "nqn.2026-11.io.emulator:nobody");
        AssertFails(rig, request, DirectTransferReason.NotAManager, Status.OperationDenied);
    }

    [Fact]
    public void A_host_that_may_not_connect_is_told()
    {
        using var rig = new TransferRig(changeDestination: options => options with { AllowedHosts = [TransferRig.VmNqn] });
        rig.Activate();
        DirectTransferRequest request = rig.Request();
        TextField.TryWriteTerminated(request.Hostnqn, "nqn.2026-11.io.emulator:nobody");
        AssertFails(rig, request, DirectTransferReason.ConnectRefused);
    }

    [Fact]
    public void Nobody_at_the_address_is_told()
    {
        using var rig = new TransferRig();
        rig.Activate();
        rig.Link.Cut();
        AssertFails(rig, rig.Request(), DirectTransferReason.CannotConnect);
    }

    [Fact]
    public void A_destination_that_is_too_small_is_told()
    {
        using var rig = new TransferRig(changeDestination: options => options with
        {
            Namespaces = [new NamespaceOptions { SizeBytes = 8 << 20 }, new NamespaceOptions { SizeBytes = 1 << 20, BlockBytes = 512 }],
        });
        rig.Activate();
        AssertFails(rig, rig.Request(), DirectTransferReason.NamespaceTooSmall);
    }

    [Fact]
    public void A_destination_with_other_blocks_is_told()
    {
        using var rig = new TransferRig(changeDestination: options => options with
        {
            Namespaces = [new NamespaceOptions { SizeBytes = 8 << 20 }, new NamespaceOptions { SizeBytes = 2 << 20 }],
        });
        rig.Activate();
        AssertFails(rig, rig.Request(), DirectTransferReason.NamespaceFormat);
    }

    [Fact]
    public void A_destination_without_a_namespace_is_told()
    {
        using var rig = new TransferRig(changeDestination: options => options with { Namespaces = [new NamespaceOptions { SizeBytes = 8 << 20 }] });
        rig.Activate();
        AssertFails(rig, rig.Request(), DirectTransferReason.NamespaceMissing);
    }

    [Fact]
    public void A_namespace_that_is_formatted_to_other_blocks_ends_the_transfer()
    {
        using var rig = new TransferRig(linkBytesPerSecond: 1_000_000);
        rig.Vm.Write(0, 64);
        rig.Activate();
        rig.Start(rig.Request());
        rig.Run(SimDuration.FromMilliseconds(50));
        TestHost.AssertStatus(Status.Success, rig.Vm.Admin(AdminOpcode.FormatNvm, nsid: 1, cdw10: rig.Vm.IdentifyNamespace().Flbas ^ 1u));
        rig.RunUntil(DirectTransferPhase.Failed);
        Assert.Equal(DirectTransferReason.NamespaceChanged, rig.Reason);
    }

    [Fact]
    public void A_namespace_that_is_formatted_alike_is_only_a_change()
    {
        using var rig = new TransferRig(linkBytesPerSecond: 5_000_000);
        rig.Vm.Write(0, 64);
        rig.Activate();
        rig.Start(rig.Request());
        rig.Run(SimDuration.FromMilliseconds(50));
        uint format = rig.Vm.IdentifyNamespace().Flbas;
        TestHost.AssertStatus(Status.Success, rig.Vm.Admin(AdminOpcode.FormatNvm, nsid: 1, cdw10: format));
        rig.HaltAndFinish();
        rig.RunUntil(DirectTransferPhase.Done);
        rig.AssertSame();
    }

    [Fact]
    public void A_namespace_that_is_deleted_ends_the_transfer()
    {
        using var rig = new TransferRig(linkBytesPerSecond: 1_000_000);
        rig.Vm.Write(0, 64);
        rig.Activate();
        rig.Start(rig.Request());
        rig.Run(SimDuration.FromMilliseconds(50));
        TestHost.AssertStatus(Status.Success, rig.Manager.Admin(AdminOpcode.NamespaceManagement, nsid: 2, cdw10: 1));
        rig.RunUntil(DirectTransferPhase.Failed);
        Assert.Equal(DirectTransferReason.NamespaceChanged, rig.Reason);
        rig.Vm.Write(0, 64);
    }

    private static void AssertFails(TransferRig rig, DirectTransferRequest request, DirectTransferReason reason, Status refusal = default)
    {
        rig.Vm.Write(11, 2);
        rig.Start(request);
        rig.RunUntil(DirectTransferPhase.Failed);
        Assert.Equal(reason, rig.Reason);
        Assert.NotEqual("", rig.Text);
        Assert.True(refusal.Matches(new Status(rig.Progress.PeerStatus)));
        TestHost.AssertStatus(Status.TransferFailed, rig.Control(DirectTransferAction.Finish));

        // The VM goes on, and what there was to send is dirty.
        rig.Vm.Write(5, 2);
        Assert.NotEqual(0UL, rig.Progress.BytesDirty.Value);
    }
}
