using System.Buffers.Binary;
using Emulator.Core;
using Emulator.Device;
using Emulator.Wire;

namespace Emulator.UnitTests.Device;

/// <summary>Controllers that a front door makes and numbers itself.</summary>
public sealed class AssignedControllerTests : IDisposable
{
    private const string Vm = "nqn.2026-11.io.emulator:vm";
    private const string Other = "nqn.2026-11.io.emulator:other";

    private readonly AssigningDoor _door = new(new Drive(TestHost.SmallDrive with { LastControllerId = 4 }));
    private readonly TestClock _clock = new();

    public void Dispose() => _door.Drive.Dispose();

    [Fact]
    public void A_new_host_gets_the_number_and_the_namespaces_that_are_configured()
    {
        TestHost host = Connect(Vm, 3);

        Assert.Equal(3, host.ControllerId);
        Assert.Equal([3], _door.Drive.Namespaces.Find(1)!.AttachedControllers);
    }

    [Fact]
    public void A_host_that_comes_back_by_another_number_has_its_VM_and_namespaces_as_before()
    {
        TestHost host = Connect(Vm, 1);
        host.Write(10, 3);
        Leave(host);

        host = Connect(Vm, 2);

        Assert.Equal((2, 3ul), (host.ControllerId, Written(host)));
        Assert.Equal([2], _door.Drive.Namespaces.Find(1)!.AttachedControllers);
    }

    [Fact]
    public void Two_hosts_that_come_back_by_each_others_numbers_exchange_them()
    {
        TestHost vm = Connect(Vm, 1);
        TestHost other = Connect(Other, 2);
        vm.Write(10, 3);
        other.Write(20, 5);
        Leave(vm);
        Leave(other);

        vm = Connect(Vm, 2);
        other = Connect(Other, 1);

        Assert.Equal((3ul, 5ul), (Written(vm), Written(other)));
        Assert.Equal([1, 2], _door.Drive.Namespaces.Find(1)!.AttachedControllers);
    }

    [Fact]
    public void A_host_that_is_gone_keeps_its_VM_when_a_new_one_comes_by_its_number()
    {
        TestHost vm = Connect(Vm, 1);
        vm.Write(10, 3);
        Leave(vm);

        TestHost other = Connect(Other, 1);

        Assert.Equal(0ul, Written(other));
        Assert.Equal(3ul, Written(Connect(Vm, 3)));
    }

    [Fact]
    public void The_number_of_a_connected_host_is_refused()
    {
        TestHost vm = Connect(Vm, 1);
        _door.NextId = 1;

        Assert.Equal(Status.ConnectControllerBusy, vm.TryConnect(0, ConnectData.AnyDynamicController, 0, out _).Status);
    }

    [Fact]
    public void The_drive_has_a_number_for_a_host_that_left_and_the_lowest_free_one_for_others()
    {
        TestHost vm = Connect(Vm, 2);
        Assert.Equal((ushort)1, NumberFor(Other));
        Assert.Equal((ushort)1, NumberFor(Vm));

        Leave(vm);

        Assert.Equal((ushort)2, NumberFor(Vm));
        Assert.Equal((ushort)1, NumberFor(Other));
    }

    private ushort? NumberFor(string nqn)
    {
        var data = new ConnectData();
        BinaryPrimitives.WriteUInt128LittleEndian(data.Hostid, nqn == Vm ? 1u : 2u);
        Assert.True(TextField.TryWriteTerminated(data.Hostnqn, nqn));
        return _door.Drive.NumberFor(data);
    }

    private TestHost Connect(string nqn, ushort id)
    {
        _door.NextId = id;
        return TestHost.Connect(_door, _clock, nqn, hostId: nqn == Vm ? 1ul : 2);
    }

    private void Leave(TestHost host) => host.AdminQueue.Controller.Disconnect(_clock.Now, host.AdminQueue);

    private static ulong Written(TestHost host) => host.ReadStatus().GranulesWritten;

    /// <summary>Numbers controllers as a test says.</summary>
    private sealed class AssigningDoor(Drive drive) : ISubsystem
    {
        public Drive Drive => drive;

        public ushort NextId { get; set; }

        public string Nqn => drive.Nqn;

        public int MaxTransferBytes => drive.MaxTransferBytes;

        public int InCapsuleDataBytes => drive.InCapsuleDataBytes;

        public SimTime NextEvent => drive.NextEvent;

        public ConnectOutcome Connect(SimTime now, in ConnectCommand command, in ConnectData data, IQueueEndpoint endpoint) =>
            command.Qid == 0
                ? drive.ConnectAssigned(now, command, data, endpoint, NextId)
                : drive.Connect(now, command, data, endpoint);

        public void Advance(SimTime now) => drive.Advance(now);

        public void Fault(SimTime now) => drive.Fault(now);
    }
}
