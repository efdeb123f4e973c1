using Emulator.Device;
using Emulator.Wire;
using static Emulator.Wire.VmMigrationFlags;

namespace Emulator.UnitTests.Device;

public sealed class VmMigrationFeatureTests : IDisposable
{
    private const string ManagerNqn = "nqn.2026-11.io.emulator:hypervisor";

    private readonly TestClock _clock = new();
    private Drive _drive = new(TestHost.SmallDrive);

    public void Dispose() => _drive.Dispose();

    [Fact]
    public void Settings_can_be_read_back_as_dword_and_as_status_page()
    {
        TestHost host = Connect();
        host.SetMigration(Active | NoPrefetch | NoPriority, threshold: 262144);
        Assert.Equal(Active | NoPrefetch | NoPriority, host.GetMigration());

        byte[] data = new byte[VmMigrationStatus.Size];
        TestHost.AssertStatus(Status.Success, host.GetFeature(FeatureId.VmMigration, data));
        Assert.Equal(host.GetLog(LogPageId.VmMigrationStatus, data.Length), data);
        VmMigrationStatus status = WireStruct.Read<VmMigrationStatus>(data);
        Assert.Equal(1, (ushort)status.Version);
        Assert.Equal(host.ControllerId, (ushort)status.Target);
        Assert.Equal(((uint)host.ControllerId << 16) | 0x501, (uint)status.Flags);
        Assert.Equal((uint)VmMigrationPhase.Brownout, (uint)status.Phase);
        Assert.Equal(262144u, (uint)status.Threshold);
        Assert.Equal(1ul, (ulong)status.Round);
    }

    [Theory]
    [InlineData(4)]
    [InlineData(30)]
    [InlineData(4096)]
    public void Get_transfers_as_much_as_was_asked_for(int length)
    {
        TestHost host = Connect();
        byte[] data = new byte[length];
        TestHost.AssertStatus(Status.Success, host.GetFeature(FeatureId.VmMigration, data));
        Assert.Equal(1, data[0]);
        Assert.DoesNotContain(data[Math.Min(length, 4)..], b => b == 0xA5);
    }

    [Theory]
    [InlineData(FeatureSelect.Default, 0u)]
    [InlineData(FeatureSelect.Saved, 0u)]
    public void Defaults_are_those_of_an_idle_VM(FeatureSelect select, uint flags)
    {
        TestHost host = Connect();
        host.SetMigration(Active, threshold: 5);
        byte[] data = new byte[VmMigrationStatus.Size];
        CommandOutcome outcome = host.GetFeature(FeatureId.VmMigration, data, select: select);
        Assert.Equal(flags | ((uint)host.ControllerId << 16), outcome.Dw0);
        Assert.Equal(0u, (uint)WireStruct.Read<VmMigrationStatus>(data).Threshold);
    }

    [Fact]
    public void The_feature_can_be_changed_but_neither_saved_nor_set_for_a_namespace()
    {
        TestHost host = Connect();
        Assert.Equal(4u, host.GetFeature(FeatureId.VmMigration, select: FeatureSelect.SupportedCapabilities).Dw0);
        TestHost.AssertStatus(Status.FeatureNotSaveable, host.SetFeature(FeatureId.VmMigration, 1, save: true));
        Assert.Equal(None, host.GetMigration());
    }

    [Theory]
    [InlineData(0u)]
    [InlineData(1u)]
    [InlineData(uint.MaxValue)]
    public void Any_active_namespace_may_be_named_and_the_controller_is_meant(uint nsid)
    {
        TestHost host = Connect();
        TestHost.AssertStatus(Status.Success, host.TrySetMigration(Active, nsid: nsid));
        TestHost.AssertStatus(Status.Success, host.GetFeature(FeatureId.VmMigration, nsid: nsid));
        TestHost.AssertStatus(Status.Success, host.TryGetLog(LogPageId.VmDirtyRanges, 64, out _, nsid: nsid));
    }

    [Fact]
    public void A_namespace_that_is_not_active_is_refused()
    {
        TestHost host = Connect();
        TestHost.AssertStatus(Status.InvalidField, host.TrySetMigration(Active, nsid: 2));
        TestHost.AssertStatus(Status.InvalidNamespaceOrFormat, host.TrySetMigration(Active, nsid: 17));
        Assert.Equal(None, host.GetMigration());
    }

    [Theory]
    [InlineData(0, 0x100u, 0u, 0u, 0u)]
    [InlineData(0, 0u, 1u, 0u, 0u)]
    [InlineData(0, 0u, 0u, 0x80u, 0u)]
    [InlineData(0, 0u, 0u, 0u, 1u)]
    [InlineData(0x40, 0u, 0u, 0u, 0u)]
    [InlineData(0x8000, 0u, 0u, 0u, 0u)]
    public void Reserved_fields_of_Set_are_checked(int cdw11, uint cdw10, uint cdw13, uint cdw14, uint cdw15)
    {
        TestHost host = Connect();
        CommandOutcome outcome = host.Admin(
            AdminOpcode.SetFeatures,
            cdw10: (uint)FeatureId.VmMigration | cdw10,
            cdw11: 1 | (uint)cdw11,
            cdw13: cdw13,
            cdw14: cdw14,
            cdw15: cdw15);
        TestHost.AssertStatus(Status.InvalidField, outcome);
        Assert.Equal(None, host.GetMigration());
    }

    [Theory]
    [InlineData(0x400u, 0u, 0u)]
    [InlineData(0x800u, 0u, 0u)]
    [InlineData(0u, 1u, 0u)]
    [InlineData(0u, 0u, 1u)]
    public void Reserved_fields_of_Get_are_checked(uint cdw10, uint cdw11, uint cdw12)
    {
        TestHost host = Connect();
        CommandOutcome outcome = host.Admin(
            AdminOpcode.GetFeatures, cdw10: (uint)FeatureId.VmMigration | cdw10, cdw11: cdw11, cdw12: cdw12);
        TestHost.AssertStatus(Status.InvalidField, outcome);
    }

    [Theory]
    [InlineData(0u, true)]
    [InlineData(1u, true)]
    [InlineData(2u, false)]
    [InlineData(127u, false)]
    public void The_UUID_index_is_0_or_that_of_the_command_set(uint index, bool accepted)
    {
        TestHost host = Connect();
        Status expected = accepted ? Status.Success : Status.InvalidField;
        uint feature = (uint)FeatureId.VmMigration;
        TestHost.AssertStatus(expected, host.Admin(AdminOpcode.SetFeatures, cdw10: feature, cdw14: index));
        TestHost.AssertStatus(expected, host.Admin(AdminOpcode.GetFeatures, cdw10: feature, cdw14: index));
        TestHost.AssertStatus(expected, host.TryGetLog(LogPageId.VmWrittenRanges, 64, out _, cdw14: index));
    }

    [Fact]
    public void Where_nobody_manages_every_host_manages_itself_only()
    {
        TestHost host = Connect();
        TestHost other = Connect("nqn.2026-11.io.emulator:other");
        host.SetMigration(Active, target: host.ControllerId);
        Assert.Equal(Active, host.GetMigration());
        foreach (ushort target in new ushort[] { other.ControllerId, 200, 0x8000, 0xFFFF })
            AssertEverythingIs(Status.OperationDenied, host, target);
        Assert.Equal(None, other.GetMigration());
    }

    [Fact]
    public void A_manager_steers_every_VM_and_no_VM_steers_any()
    {
        RebuildWithManager();
        TestHost manager = Connect(ManagerNqn);
        TestHost vm = Connect();
        manager.SetMigration(Active | NoRetention, target: vm.ControllerId);
        Assert.Equal(Active | NoRetention, manager.GetMigration(vm.ControllerId));
        Assert.Equal(None, manager.GetMigration());
        AssertEverythingIs(Status.OperationDenied, vm, 0);
        AssertEverythingIs(Status.OperationDenied, vm, vm.ControllerId);
        AssertEverythingIs(Status.OperationDenied, vm, manager.ControllerId);
        Assert.Equal(Active | NoRetention, manager.GetMigration(vm.ControllerId));
    }

    [Theory]
    [InlineData(200)]
    [InlineData(0x7FFF)]
    [InlineData(0x8000)]
    [InlineData(0xFFFE)]
    [InlineData(0xFFFF)]
    public void A_target_that_there_is_not_is_an_invalid_field(int target)
    {
        RebuildWithManager();
        AssertEverythingIs(Status.InvalidField, Connect(ManagerNqn), (ushort)target);
    }

    [Fact]
    public void A_VM_is_steered_while_its_host_is_gone_and_is_found_as_it_was_left()
    {
        RebuildWithManager();
        TestHost manager = Connect(ManagerNqn);
        TestHost vm = Connect();
        ushort target = vm.ControllerId;
        manager.SetMigration(Active, target: target);
        vm.Write(3, 1);
        vm.AdminQueue.Controller.Disconnect(_clock.Now, vm.AdminQueue);
        manager.SetMigration(Active | Halted, target: target);
        Assert.Equal([new(1, 3, 1)], manager.ReadDirty(target: target).Ranges);

        vm.Reconnect();
        Assert.Equal(target, vm.ControllerId);
        TestHost.AssertStatus(Status.AsymmetricAccessInaccessible, vm.Transfer(IoOpcode.Read, 0, 1, new byte[4096]));
    }

    [Theory]
    [InlineData(None, true)]
    [InlineData(Active, false)]
    [InlineData(Active | Halted, false)]
    public void An_identifier_is_taken_from_a_host_that_is_gone_unless_its_VM_is_in_a_migration(
        VmMigrationFlags flags, bool isTaken)
    {
        _drive.Dispose();
        _drive = new Drive(TestHost.SmallDrive with { LastControllerId = 1 });
        TestHost gone = Connect();
        gone.Write(0, 4);
        gone.SetMigration(flags);
        gone.AdminQueue.Controller.Disconnect(_clock.Now, gone.AdminQueue);

        const string otherNqn = "nqn.2026-11.io.emulator:other";
        if (!isTaken)
        {
            Assert.Equal(Status.ConnectControllerBusy, TryConnect(otherNqn));
            return;
        }

        TestHost other = Connect(otherNqn);
        Assert.Equal(0ul, (ulong)other.ReadStatus().GranulesWritten);
        other.Write(0, 1);
        Assert.Equal(1ul, (ulong)other.ReadStatus().GranulesWritten);
    }

    [Fact]
    public void Erase_leaves_nothing_of_the_data_of_the_VM_that_moved_away()
    {
        RebuildWithManager();
        TestHost manager = Connect(ManagerNqn);
        TestHost vm = Connect();
        byte[] data = new byte[4096];
        data.AsSpan().Fill(0x5A);
        TestHost.AssertStatus(Status.Success, vm.Transfer(IoOpcode.Write, 9, 1, data));
        manager.SetMigration(Active | Halted, target: vm.ControllerId);
        manager.SetMigration(Completed | Erase, target: vm.ControllerId);
        TestHost.AssertStatus(Status.Success, manager.Transfer(IoOpcode.Read, 9, 1, data));
        Assert.All(data, b => Assert.Equal(0, b));
    }

    [Fact]
    public void Erase_is_denied_while_another_VM_has_the_namespace_too()
    {
        TestHost vm = Connect();
        Connect("nqn.2026-11.io.emulator:other");
        vm.SetMigration(Active);
        TestHost.AssertStatus(Status.OperationDenied, vm.TrySetMigration(Completed | Erase));
        Assert.Equal(Active, vm.GetMigration());
        vm.SetMigration(Completed);
    }

    private static void AssertEverythingIs(Status status, TestHost host, ushort target)
    {
        TestHost.AssertStatus(status, host.TrySetMigration(Active, target: target));
        TestHost.AssertStatus(status, host.GetFeature(FeatureId.VmMigration, cdw11: (uint)target << 16));
        foreach (LogPageId page in new[] { LogPageId.VmMigrationStatus, LogPageId.VmDirtyRanges, LogPageId.VmWrittenRanges })
            TestHost.AssertStatus(status, host.TryGetLog(page, 64, out _, specificIdentifier: target));
    }

    private Status TryConnect(string nqn)
    {
        var command = new ConnectCommand { Fctype = FabricsCommandType.Connect, Sqsize = 31 };
        var data = new ConnectData { Cntlid = ConnectData.AnyDynamicController };
        TextField.TryWriteTerminated(data.Subnqn, _drive.Nqn);
        TextField.TryWriteTerminated(data.Hostnqn, nqn);
        return _drive.Connect(_clock.Now, command, data, new TestEndpoint()).Status;
    }

    private void RebuildWithManager()
    {
        _drive.Dispose();
        _drive = new Drive(TestHost.SmallDrive with { Managers = [ManagerNqn] });
    }

    private TestHost Connect(string nqn = TestHost.DefaultNqn) =>
        TestHost.Connect(_drive, _clock, nqn, hostId: (ulong)nqn.Length);
}
