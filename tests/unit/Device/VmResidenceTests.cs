using Emulator.Device;
using Emulator.Flash;
using Emulator.Wire;
using static Emulator.Wire.VmMigrationFlags;

namespace Emulator.UnitTests.Device;

/// <summary>A VM is not served where it is not, whatever happens to the drive: one of two paths to it is the one.</summary>
public sealed class VmResidenceTests : IDisposable
{
    private const string ManagerNqn = "nqn.2026-11.io.emulator:hypervisor";

    private static readonly DriveOptions Options =
        TestHost.SmallDrive with { MediumName = "disk.img", Managers = [ManagerNqn] };

    private readonly MemoryMedium _medium = DrivePersistenceTests.MediumFor(Options);
    private readonly TestClock _clock = new();
    private Drive _drive;
    private TestHost _manager = null!;
    private TestHost _vm = null!;

    public VmResidenceTests()
    {
        _drive = new Drive(Options, _medium);
        Connect();
    }

    public void Dispose()
    {
        _drive.Dispose();
        _medium.Dispose();
    }

    public static TheoryData<bool, VmMigrationFlags[]> Lives => new()
    {
        { false, [Active] },
        { true, [Active | Halted] },
        { false, [Active | Halted, Active] },
        { false, [Active | Halted, None] },
        { true, [Active | Halted, Completed] },
        { false, [Active | Halted, Completed, ClearWritten] },
        { true, [Active | Destination] },
        { true, [Active | Destination, None] },
        { false, [Active | Destination, Completed] },
    };

    [Theory]
    [MemberData(nameof(Lives))]
    public void A_restart_leaves_the_fence_of_a_VM_that_may_be_elsewhere(bool fenced, VmMigrationFlags[] steps)
    {
        foreach (VmMigrationFlags step in steps)
            Set(step);

        Restart(clean: false);
        AssertFenced(fenced);
        Restart(clean: true);
        AssertFenced(fenced);
    }

    [Theory]
    [InlineData(true, Active)]
    [InlineData(true, ClearWritten)]
    [InlineData(false, ClearWritten)]
    public void What_lifts_the_fence_lifts_it_after_a_restart_too(bool wasSource, VmMigrationFlags lifting)
    {
        Set(wasSource ? Active | Halted : Active | Destination);
        Restart(clean: false);
        AssertFenced(true);

        Set(lifting);
        AssertFenced(false);
        Restart(clean: false);
        AssertFenced(false);
    }

    [Fact]
    public void A_VM_that_was_on_its_way_to_a_drive_that_lost_its_power_arrives_with_another_migration()
    {
        Set(Active | Destination);
        Restart(clean: false);
        Set(Active);
        AssertFenced(true);
        Set(None);
        Set(Active | Destination);
        Set(Completed);
        AssertFenced(false);
    }

    [Fact]
    public void On_a_drive_that_waits_for_VMs_they_are_served_once_they_arrived()
    {
        using var waiting = new Drive(Options with { IsStandby = true, FirstControllerId = 0x100, LastControllerId = 0x1FF });
        TestHost manager = TestHost.Connect(waiting, _clock, ManagerNqn, hostId: 9);
        TestHost vm = TestHost.Connect(waiting, _clock);
        Assert.True(manager.Io(IoOpcode.Flush).IsSuccess);
        Assert.Equal((Status.AsymmetricAccessInaccessible, AnaState.Inaccessible), (vm.Io(IoOpcode.Flush).Status, AccessOf(vm)));

        manager.SetMigration(Active | Destination, target: vm.ControllerId);
        Assert.Equal(AnaState.Inaccessible, AccessOf(vm));
        manager.SetMigration(Completed, target: vm.ControllerId);
        Assert.Equal((Status.Success, AnaState.Optimized), (vm.Io(IoOpcode.Flush).Status, AccessOf(vm)));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_drive_that_waits_for_VMs_knows_after_a_restart_who_has_arrived(bool arrived)
    {
        _drive.Dispose();
        _drive = new Drive(Options with { IsStandby = true }, _medium);
        Connect("nqn.2026-11.io.emulator:other");
        AssertFenced(true);
        Set(Active | Destination);
        if (arrived)
            Set(Completed);

        Restart(clean: false, "nqn.2026-11.io.emulator:other");
        AssertFenced(!arrived);
    }

    private static AnaState AccessOf(TestHost host) => WireStruct.Read<AnaGroupDescriptor>(
        host.GetLog(LogPageId.AsymmetricNamespaceAccess, 64).AsSpan(AnaLogHeader.Size)).Anasa;

    private void AssertFenced(bool fenced)
    {
        Assert.Equal(fenced ? AnaState.Inaccessible : AnaState.Optimized, AccessOf(_vm));
        Assert.Equal(fenced ? Status.AsymmetricAccessInaccessible : Status.Success, _vm.Io(IoOpcode.Flush).Status);
        Assert.True(_manager.Io(IoOpcode.Flush).IsSuccess);
    }

    private void Set(VmMigrationFlags flags) => _manager.SetMigration(flags, target: _vm.ControllerId);

    private void Restart(bool clean, string vmNqn = TestHost.DefaultNqn)
    {
        DriveOptions options = _drive.Options;
        if (clean)
            Assert.True(_drive.Shutdown(_clock.Now).IsSuccess);
        else
            _drive.PowerCut(_clock.Now);
        _drive.Dispose();
        _drive = new Drive(options, _medium);
        Connect(vmNqn);
    }

    private void Connect(string vmNqn = TestHost.DefaultNqn)
    {
        _manager = TestHost.Connect(_drive, _clock, ManagerNqn, hostId: 9);
        _vm = TestHost.Connect(_drive, _clock, vmNqn);
    }
}
