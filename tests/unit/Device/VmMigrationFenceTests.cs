using Emulator.Core;
using Emulator.Device;
using Emulator.Wire;
using static Emulator.Wire.VmMigrationFlags;

namespace Emulator.UnitTests.Device;

public sealed class VmMigrationFenceTests : IDisposable
{
    private const string ManagerNqn = "nqn.2026-11.io.emulator:hypervisor";

    private readonly TestClock _clock = new();
    private readonly Drive _drive = new(TestHost.SmallDrive with { Managers = [ManagerNqn] });
    private readonly TestHost _manager;
    private readonly TestHost _vm;

    public VmMigrationFenceTests()
    {
        _manager = TestHost.Connect(_drive, _clock, ManagerNqn, hostId: 9);
        _vm = TestHost.Connect(_drive, _clock, keepAliveMilliseconds: 5000);
    }

    public void Dispose() => _drive.Dispose();

    [Theory]
    [InlineData(IoOpcode.Read)]
    [InlineData(IoOpcode.Write)]
    [InlineData(IoOpcode.Flush)]
    [InlineData(IoOpcode.WriteZeroes)]
    [InlineData(IoOpcode.WriteUncorrectable)]
    [InlineData(IoOpcode.Compare)]
    [InlineData(IoOpcode.Verify)]
    [InlineData(IoOpcode.DatasetManagement)]
    [InlineData(IoOpcode.Copy)]
    public void A_halted_VM_is_sent_elsewhere_while_the_manager_goes_on(IoOpcode opcode)
    {
        Set(Active | Halted);
        CommandOutcome fenced = _vm.Io(opcode, new byte[4096]);
        Assert.Equal(Status.AsymmetricAccessInaccessible, fenced.Status);
        Assert.True(_manager.Io(opcode, new byte[4096]).IsSuccess);

        Set(Active);
        Assert.True(_vm.Io(opcode, new byte[4096]).IsSuccess);
    }

    [Fact]
    public void What_the_fence_turns_away_is_counted()
    {
        _vm.Write(0, 1);
        Set(Active | Halted);
        Assert.Equal(0u, _manager.ReadStatus(_vm.ControllerId).CommandsFenced);
        for (int i = 0; i < 3; i++)
            Assert.Equal(Status.AsymmetricAccessInaccessible, _vm.Io(IoOpcode.Flush).Status);
        Assert.True(_manager.Io(IoOpcode.Flush).IsSuccess);
        Assert.Equal(3u, _manager.ReadStatus(_vm.ControllerId).CommandsFenced);
    }

    [Fact]
    public void A_halted_VM_cannot_format_what_is_being_moved()
    {
        Set(Active | Halted);
        TestHost.AssertStatus(Status.AsymmetricAccessInaccessible, _vm.Admin(AdminOpcode.FormatNvm, nsid: 1));
        Assert.Empty(_manager.ReadDirty(target: _vm.ControllerId).Ranges);
    }

    [Fact]
    public void A_fenced_write_changes_nothing()
    {
        byte[] data = new byte[4096];
        Set(Active | Halted);
        data.AsSpan().Fill(1);
        _vm.Transfer(IoOpcode.Write, 0, 1, data);
        Assert.Empty(_manager.ReadDirty(target: _vm.ControllerId).Ranges);
        _manager.Transfer(IoOpcode.Read, 0, 1, data);
        Assert.All(data, b => Assert.Equal(0, b));
    }

    [Fact]
    public void Under_the_fence_the_VM_reconnects_and_keeps_itself_alive()
    {
        Set(Active | Halted);
        Assert.True(_vm.Admin(AdminOpcode.KeepAlive).IsSuccess);
        _vm.ResetController();
        _vm.SetConfiguration(default);
        _vm.Reconnect(5000);
        Assert.True(_vm.Admin(AdminOpcode.KeepAlive).IsSuccess);
        Assert.Equal(Status.AsymmetricAccessInaccessible, _vm.Io(IoOpcode.Flush).Status);
    }

    [Theory]
    [InlineData(None)]
    [InlineData(Active)]
    public void The_keep_alive_timer_stands_still_while_halted_and_goes_on_where_it_stood(VmMigrationFlags resumed)
    {
        _vm.Wait(SimDuration.FromMilliseconds(3000));
        Set(Active | Halted);
        _vm.Wait(SimDuration.FromMilliseconds(60_000));
        Set(resumed);
        _vm.Wait(SimDuration.FromMilliseconds(1999));
        Assert.Null(_vm.Endpoint.Closed);
        _vm.Wait(SimDuration.FromMilliseconds(1));
        Assert.Equal(CloseReason.KeepAliveExpired, _vm.Endpoint.Closed);
    }

    [Fact]
    public void A_keep_alive_of_a_halted_VM_counts_from_when_it_runs_again()
    {
        _vm.Wait(SimDuration.FromMilliseconds(3000));
        Set(Active | Halted);
        _vm.Wait(SimDuration.FromMilliseconds(1000));
        _vm.Admin(AdminOpcode.KeepAlive);
        _vm.Wait(SimDuration.FromMilliseconds(60_000));
        Set(Active);
        _vm.Wait(SimDuration.FromMilliseconds(4999));
        Assert.Null(_vm.Endpoint.Closed);
    }

    [Fact]
    public void A_VM_that_reconnects_while_halted_has_no_timer_yet()
    {
        Set(Active | Halted);
        _vm.SetConfiguration(default);
        _vm.Reconnect(5000);
        _vm.Wait(SimDuration.FromMilliseconds(60_000));
        Assert.Null(_vm.Endpoint.Closed);
        Set(Active);
        _vm.Wait(SimDuration.FromMilliseconds(5000));
        Assert.Equal(CloseReason.KeepAliveExpired, _vm.Endpoint.Closed);
    }

    [Fact]
    public void The_threshold_event_goes_to_managers_and_names_the_status_page()
    {
        _manager.RequestEvent();
        _vm.RequestEvent();
        Set(None, threshold: 1);
        _vm.Write(0, 2);
        Assert.Equal([0x00D0_0007u], _manager.TakeEvents());
        Assert.Empty(_vm.TakeEvents());
        Assert.Equal(ThresholdExceeded, _manager.GetMigration(_vm.ControllerId));

        _vm.Write(2, 2);
        _manager.RequestEvent();
        Assert.Empty(_manager.TakeEvents());
    }

    [Fact]
    public void An_event_comes_again_only_after_the_status_page_was_read()
    {
        Set(None, threshold: 1);
        _vm.Write(0, 2);
        Assert.Equal(0x00D0_0007u, _manager.RequestEvent().Dw0);
        Set(ClearWritten);
        _vm.Write(0, 2);
        _manager.RequestEvent();
        _manager.GetLog(LogPageId.VmMigrationStatus, 64, retainEvent: true);
        Assert.Empty(_manager.TakeEvents());
        Set(ClearWritten);
        _manager.GetLog(LogPageId.VmMigrationStatus, 64);
        _vm.Write(0, 2);
        Assert.Equal([0x00D0_0007u], _manager.TakeEvents());
    }

    [Fact]
    public void Events_wait_while_halted_until_the_host_is_heard_again()
    {
        using var drive = new Drive(TestHost.SmallDrive);
        TestHost host = TestHost.Connect(drive, _clock);
        host.Write(0, 2);
        host.RequestEvent();
        host.SetMigration(Active | Halted, threshold: 1);
        Assert.Empty(host.TakeEvents());
        host.Admin(AdminOpcode.KeepAlive);
        Assert.Equal([0x00D0_0007u], host.TakeEvents());
    }

    [Fact]
    public void Events_wait_while_halted_until_the_VM_runs_again()
    {
        using var drive = new Drive(TestHost.SmallDrive with { Managers = [ManagerNqn, TestHost.DefaultNqn] });
        TestHost manager = TestHost.Connect(drive, _clock, ManagerNqn, hostId: 9);
        TestHost vm = TestHost.Connect(drive, _clock);
        vm.Write(0, 2);
        vm.RequestEvent();
        manager.SetMigration(Active | Halted, threshold: 1, target: vm.ControllerId);
        manager.SetMigration(Active | Halted | NoPrefetch, target: vm.ControllerId);
        Assert.Empty(vm.TakeEvents());
        manager.SetMigration(Active, target: vm.ControllerId);
        Assert.Equal([0x00D0_0007u], vm.TakeEvents());
    }

    [Fact]
    public void The_fence_is_told_as_a_change_of_access_once_the_VM_runs_again()
    {
        _vm.EnableEvents(AsyncEventNotices.AsymmetricNamespaceAccessChange);
        _vm.RequestEvent();
        Set(Active | Halted);
        Assert.Empty(_vm.TakeEvents());
        Set(Completed);
        Assert.Equal([0x000C_0302u], _vm.TakeEvents());
        byte[] log = _vm.GetLog(LogPageId.AsymmetricNamespaceAccess, 64);
        Assert.Equal(AnaState.Inaccessible, WireStruct.Read<AnaGroupDescriptor>(log.AsSpan(AnaLogHeader.Size)).Anasa);
    }

    [Fact]
    public void A_destination_is_filled_by_the_manager_and_opens_when_it_is_complete()
    {
        Set(Active | Destination);
        Assert.Equal(Status.AsymmetricAccessInaccessible, _vm.Io(IoOpcode.Flush).Status);
        _manager.Write(0, 4);
        Assert.Equal((uint)VmMigrationPhase.Receiving, (uint)_manager.ReadStatus(_vm.ControllerId).Phase);
        TestHost.AssertStatus(
            Status.MigrationNotActive,
            _manager.TryGetLog(LogPageId.VmDirtyRanges, 64, out _, specificIdentifier: _vm.ControllerId));
        Set(Completed);
        Assert.True(_vm.Io(IoOpcode.Flush).IsSuccess);
    }

    private void Set(VmMigrationFlags flags, uint threshold = VendorCommandSet.KeepThreshold) =>
        _manager.SetMigration(flags, threshold, _vm.ControllerId);
}
