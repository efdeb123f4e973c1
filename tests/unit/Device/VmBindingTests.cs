using Emulator.Device;
using Emulator.Migration;
using Emulator.Wire;
using static Emulator.Wire.VmMigrationFlags;
using Range = Emulator.UnitTests.Migration.Range;

namespace Emulator.UnitTests.Device;

/// <summary>Feature D2h: VMs that share a controller, told apart by the streams that they write.</summary>
public sealed class VmBindingTests : IDisposable
{
    private const ushort VmA = 0x8001;
    private const ushort VmB = 0x8002;
    private const ushort StreamA = 11;
    private const ushort StreamB = 12;

    private readonly Drive _drive;
    private readonly TestHost _host;

    public VmBindingTests() => _host = TestHost.ConnectToNewDrive(out _drive);

    public void Dispose() => _drive.Dispose();

    [Fact]
    public void What_carries_the_stream_is_the_VMs_from_the_moment_it_is_bound()
    {
        StorageStateTests.WriteToStream(_host, 0, 1, StreamA);
        Bind(VmA, StreamA);
        Bind(VmB, StreamB);
        StorageStateTests.WriteToStream(_host, 10, 2, StreamA);
        StorageStateTests.WriteToStream(_host, 20, 3, StreamB);
        StorageStateTests.WriteToStream(_host, 25, 1, 77);
        _host.Write(30, 4);

        Assert.Equal([new Range(1, 10, 2)], Written(VmA));
        Assert.Equal([new Range(1, 20, 3)], Written(VmB));
        Assert.Equal([new Range(1, 0, 1), new Range(1, 25, 1), new Range(1, 30, 4)], Written(0));
        Assert.Equal((2ul, VmA), ((ulong)_host.ReadStatus(VmA).GranulesWritten, (ushort)_host.ReadStatus(VmA).Target));
    }

    [Theory]
    [InlineData(IoOpcode.Write)]
    [InlineData(IoOpcode.WriteZeroes)]
    [InlineData(IoOpcode.WriteUncorrectable)]
    [InlineData(IoOpcode.Copy)]
    public void Every_command_that_carries_a_stream_is_told_apart_and_fenced(IoOpcode opcode)
    {
        Bind(VmA, StreamA);
        TestHost.AssertStatus(Status.Success, Change(opcode, 5, StreamA));
        Assert.Equal([5ul], Written(VmA).Select(range => range.Start));
        Assert.Empty(Written(0));

        _host.SetMigration(Active | Halted, target: VmA);
        TestHost.AssertStatus(Status.AsymmetricAccessInaccessible, Change(opcode, 6, StreamA));
        TestHost.AssertStatus(Status.Success, Change(opcode, 7, StreamB));
        _host.Write(8, 1);
        _host.SetMigration(None, target: VmA);
        TestHost.AssertStatus(Status.Success, Change(opcode, 6, StreamA));
    }

    [Fact]
    public void A_round_holds_what_the_VM_changed_and_what_others_changed_where_it_had_written()
    {
        Bind(VmA, StreamA);
        StorageStateTests.WriteToStream(_host, 100, 8, StreamA);
        _host.SetMigration(Active, target: VmA);
        StorageStateTests.WriteToStream(_host, 200, 1, StreamA);
        _host.Write(104, 8);
        _host.Write(300, 8);
        TestHost.AssertStatus(Status.Success, VmMigrationLogTests.Deallocate(_host, 96, 6));
        Assert.Equal(
            [new Range(1, 100, 2, true), new Range(1, 104, 4), new Range(1, 200, 1)],
            _host.ReadDirty(VendorCommandSet.LspAdvance, VmA).Ranges);
        Assert.Empty(_host.ReadDirty(0, VmA).Ranges);
        Assert.Equal(3, _host.ReadDirty(VendorCommandSet.LspUndo, VmA).Ranges.Length);
        Assert.Equal((ushort)VmA, (ushort)_host.ReadDirty(0, VmA).Header.Target);
    }

    [Fact]
    public void Thresholds_and_migrations_are_each_VMs_own()
    {
        Bind(VmA, StreamA);
        Bind(VmB, StreamB);
        _host.RequestEvent();
        _host.SetMigration(Active, threshold: 2, target: VmA);
        _host.SetMigration(Active | Destination, target: VmB);
        StorageStateTests.WriteToStream(_host, 0, 3, StreamA);
        Assert.Equal(Active | ThresholdExceeded, _host.GetMigration(VmA));
        Assert.Equal(Active | Destination, _host.GetMigration(VmB));
        Assert.Equal(None, _host.GetMigration());
        Assert.Equal([0x00D0_0007u], _host.TakeEvents());
    }

    [Fact]
    public void Erase_takes_what_the_VM_alone_wrote_and_tells_that_nothing_is_left()
    {
        Bind(VmA, StreamA);
        _host.Write(0, 4);
        StorageStateTests.WriteToStream(_host, 2, 6, StreamA);
        _host.SetMigration(Active | Halted, target: VmA);
        _host.SetMigration(Completed | Erase, target: VmA);
        VmMigrationStatus status = _host.ReadStatus(VmA);
        Assert.Equal((4ul, 0ul), ((ulong)status.PagesErased, (ulong)status.PagesLeft));
        Assert.True(_drive.Namespaces.Find(1)!.IsAllocated(new BlockRange(0, 4)));
        Assert.False(_drive.Namespaces.Find(1)!.IsAllocated(new BlockRange(4, 4)));
    }

    [Fact]
    public void Erase_of_a_VM_with_its_own_controller_tells_what_it_deallocated()
    {
        _host.Write(0, 7);
        TestHost.AssertStatus(Status.Success, VmMigrationLogTests.Deallocate(_host, 0, 2));
        _host.SetMigration(Active | Halted);
        _host.SetMigration(Completed | Erase);
        VmMigrationStatus status = _host.ReadStatus();
        Assert.Equal((5ul, 0ul), ((ulong)status.PagesErased, (ulong)status.PagesLeft));
        Assert.False(_drive.Namespaces.Find(1)!.IsAllocated(new BlockRange(0, 2048)));
        _host.SetMigration(Active);
        Assert.Equal(0ul, (ulong)_host.ReadStatus().PagesErased);
    }

    [Fact]
    public void The_state_of_a_VM_that_shares_its_controller_is_taken_over_by_one_that_does()
    {
        Bind(VmA, StreamA);
        _host.Write(50, 5);
        StorageStateTests.WriteToStream(_host, 7, 3, StreamA);
        byte[] state = _host.ReadStateBytes(target: VmA);
        var written = new StateAttributeId(ActivityAttribute.Written, StateAttributeId.KeyOf(1, 0));
        Assert.Equal(3u, WireStruct.Read<StateSetHeader>(StateHost.Parse(state).Attributes[written].Span[..8]).Units.Value);

        using var other = new Drive(TestHost.SmallDrive);
        TestHost to = TestHost.Connect(other, _host.Clock);
        TestHost.AssertStatus(Status.Success, TryBind(to, VmB, StreamB));
        to.SetMigration(Active | Destination, target: VmB);
        to.SendState(state, target: VmB);
        Assert.Equal([(7ul, 3ul)], to.ReadRanges(LogPageId.VmWrittenRanges, target: VmB).Ranges.Select(range => (range.Start, range.Blocks)));
        Assert.Empty(to.ReadRanges(LogPageId.VmWrittenRanges).Ranges);
        Assert.Equal(Active | Destination | Ready, to.GetMigration(VmB));
    }

    [Fact]
    public void A_namespace_that_is_attached_later_is_tracked_and_a_detached_one_is_not_seen()
    {
        Bind(VmA, StreamA);
        byte[] controllers = new byte[4096];
        WireStruct.Write(controllers, (U16Le)1);
        WireStruct.Write(controllers.AsSpan(2), (U16Le)_host.ControllerId);
        TestHost.AssertStatus(Status.Success, _host.Admin(AdminOpcode.NamespaceAttachment, controllers, nsid: 1, cdw10: 1));
        TestHost.AssertStatus(Status.Success, _host.Admin(AdminOpcode.NamespaceAttachment, controllers, nsid: 1));
        StorageStateTests.WriteToStream(_host, 3, 1, StreamA);
        Assert.Equal([new Range(1, 3, 1)], Written(VmA));
        TestHost.AssertStatus(Status.Success, _host.Admin(AdminOpcode.NamespaceAttachment, controllers, nsid: 1, cdw10: 1));
        Assert.Empty(Written(VmA));
    }

    [Fact]
    public void Get_Features_tells_the_binding()
    {
        Bind(VmA, StreamA);
        CommandOutcome outcome = _host.GetFeature(FeatureId.VmBinding, cdw11: VmA);
        TestHost.AssertStatus(Status.Success, outcome);
        Assert.Equal(StreamA | ((uint)_host.ControllerId << 16), outcome.Dw0);
        TestHost.AssertStatus(Status.OperationDenied, _host.GetFeature(FeatureId.VmBinding, cdw11: VmB));
        TestHost.AssertStatus(Status.InvalidField, _host.GetFeature(FeatureId.VmBinding, cdw11: VmA | 0x1_0000));
        TestHost.AssertStatus(Status.InvalidField, _host.GetFeature(FeatureId.VmBinding, cdw11: 0));
    }

    [Theory]
    [InlineData(0x7FFF, 1, 0u)]
    [InlineData(0xFFFF, 1, 0u)]
    [InlineData(0x8003, 0, 0u)]
    [InlineData(0x8003, 1, 1u << 16)]
    [InlineData(0x8003, 1, 1u << 31)]
    [InlineData(0x8001, 13, 0u)]
    [InlineData(0x8003, 11, 0u)]
    [InlineData(0x8001, 12, 1u << 31)]
    public void What_cannot_be_bound_is_an_invalid_field(ushort handle, ushort stream, uint flags)
    {
        Bind(VmA, StreamA);
        TestHost.AssertStatus(Status.InvalidField, TryBind(_host, handle, stream, flags));
        Assert.Equal(StreamA | ((uint)_host.ControllerId << 16), _host.GetFeature(FeatureId.VmBinding, cdw11: VmA).Dw0);
    }

    [Fact]
    public void To_bind_again_as_it_is_changes_nothing_and_unbinding_forgets()
    {
        Bind(VmA, StreamA);
        StorageStateTests.WriteToStream(_host, 0, 1, StreamA);
        Bind(VmA, StreamA);
        Assert.Single(Written(VmA));
        _host.SetMigration(Active, target: VmA);
        TestHost.AssertStatus(Status.MigrationBusy, TryBind(_host, VmA, StreamA, VendorCommandSet.Unbind));
        _host.SetMigration(None, target: VmA);
        TestHost.AssertStatus(Status.Success, TryBind(_host, VmA, StreamA, VendorCommandSet.Unbind));
        TestHost.AssertStatus(Status.OperationDenied, _host.TryGetLog(LogPageId.VmWrittenRanges, 64, out _, specificIdentifier: VmA));
        StorageStateTests.WriteToStream(_host, 1, 1, StreamA);
        Bind(VmA, StreamA);
        Assert.Empty(Written(VmA));
    }

    [Fact]
    public void There_is_a_limit_to_handles()
    {
        for (ushort i = 0; i < 256; i++)
            Bind((ushort)(0x8000 + i), (ushort)(1 + i));
        TestHost.AssertStatus(Status.LimitReached, TryBind(_host, 0x9000, 1000));
    }

    [Fact]
    public void Where_managers_are_listed_they_alone_bind_and_name_handles()
    {
        const string managerNqn = "nqn.2026-11.io.emulator:hypervisor";
        using var drive = new Drive(TestHost.SmallDrive with { Managers = [managerNqn] });
        TestHost vm = TestHost.Connect(drive, _host.Clock);
        TestHost manager = TestHost.Connect(drive, _host.Clock, managerNqn, hostId: 9);
        TestHost.AssertStatus(Status.OperationDenied, TryBind(vm, VmA, StreamA));
        TestHost.AssertStatus(Status.Success, TryBind(manager, VmA, StreamA, controller: vm.ControllerId));
        TestHost.AssertStatus(Status.InvalidField, TryBind(manager, VmB, StreamB, controller: 0x55));
        StorageStateTests.WriteToStream(vm, 4, 1, StreamA);
        Assert.Equal([new Range(1, 4, 1)], manager.ReadRanges(LogPageId.VmWrittenRanges, target: VmA).Ranges);
        TestHost.AssertStatus(Status.OperationDenied, vm.TryGetLog(LogPageId.VmWrittenRanges, 64, out _, specificIdentifier: VmA));
        TestHost.AssertStatus(Status.InvalidField, manager.TryGetLog(LogPageId.VmWrittenRanges, 64, out _, specificIdentifier: VmB));
    }

    private Range[] Written(ushort target) => _host.ReadRanges(LogPageId.VmWrittenRanges, target: target).Ranges;

    private void Bind(ushort handle, ushort stream) =>
        TestHost.AssertStatus(Status.Success, TryBind(_host, handle, stream));

    private static CommandOutcome TryBind(
        TestHost host, ushort handle, ushort stream, uint flags = 0, ushort controller = 0) => host.SetFeature(
            FeatureId.VmBinding, handle | ((uint)controller << 16), nsid: uint.MaxValue, cdw12: stream | flags);

    private CommandOutcome Change(IoOpcode opcode, ulong block, ushort stream)
    {
        uint cdw12 = (uint)DirectiveType.Streams << NvmCommandFields.DtypeShift;
        uint cdw13 = (uint)stream << NvmCommandFields.DspecShift;
        var source = new CopyDescriptor { Slba = 1000 };
        Span<byte> data = opcode switch
        {
            IoOpcode.Copy => WireStruct.Bytes(ref source),
            IoOpcode.Write => new byte[4096],
            _ => default,
        };
        return _host.Io(opcode, data, cdw10: (uint)block, cdw12: cdw12, cdw13: cdw13);
    }
}
