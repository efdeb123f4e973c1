using Emulator.Core;
using Emulator.Device;
using Emulator.Migration;
using Emulator.Wire;
using static Emulator.Wire.VmMigrationFlags;
using static Emulator.Wire.VmStorageStateFlags;

namespace Emulator.UnitTests.Device;

/// <summary>Log pages D1h and D2h of a source, feature D1h of a destination, and what the destination then is.</summary>
public sealed class StorageStateTests : IDisposable
{
    private readonly Drive _source;
    private readonly Drive _destination;
    private readonly TestHost _from;
    private readonly TestHost _to;

    public StorageStateTests()
    {
        _source = new Drive(TwoNamespaces with { LastControllerId = 0xFF });
        _destination = new Drive(TwoNamespaces with { FirstControllerId = 0x100, LastControllerId = 0x1FF });
        var clock = new TestClock();
        _from = TestHost.Connect(_source, clock);
        _to = TestHost.Connect(_destination, clock);
    }

    internal static DriveOptions TwoNamespaces => new()
    {
        CapacityBytes = 16 << 20,
        Namespaces = [new NamespaceOptions { SizeBytes = 8 << 20 }, new NamespaceOptions { SizeBytes = 4 << 20, BlockBytes = 512 }],
        Ftl = new Emulator.Ftl.FtlOptions { SeparatesHotAndCold = true },
    };

    public void Dispose()
    {
        _source.Dispose();
        _destination.Dispose();
    }

    [Fact]
    public void After_a_restore_the_destination_tells_the_state_that_the_source_told()
    {
        SetUp(_from);
        byte[] state = _from.ReadStateBytes();
        _to.SetMigration(Active | Destination);
        _to.SendState(state);
        AssertSameState(_from.ReadState(), _to.ReadState(), exceptPlaces: true);
    }

    [Fact]
    public void After_a_restore_the_destination_answers_as_the_source_did()
    {
        SetUp(_from);
        _to.SetMigration(Active | Destination);
        _to.SendState(_from.ReadStateBytes());

        foreach ((FeatureId feature, uint nsid, uint cdw11) in Features)
        {
            foreach (FeatureSelect select in new[] { FeatureSelect.Current, FeatureSelect.Saved })
            {
                byte[] here = new byte[512], there = new byte[512];
                uint expected = _from.GetFeature(feature, here, nsid, cdw11, select).Dw0;
                CommandOutcome answer = _to.GetFeature(feature, there, nsid, cdw11, select);
                TestHost.AssertStatus(Status.Success, answer);
                Assert.True(expected == answer.Dw0, $"{feature} {select}: {answer.Dw0:X} is not {expected:X}");
                Assert.Equal(here, there);
            }
        }

        foreach ((LogPageId page, int length) in new[] { (LogPageId.ChangedAttachedNamespaceList, 4096), (LogPageId.ReservationNotification, 64), (LogPageId.SmartHealth, 512), (LogPageId.ErrorInformation, 4096) })
            Assert.Equal(_from.GetLog(page, length), _to.GetLog(page, length));
        foreach (IdentifyCns cns in new[] { IdentifyCns.Namespace, IdentifyCns.NamespaceIdentificationDescriptors, IdentifyCns.ActiveNamespaceList })
            Assert.Equal(_from.Identify(cns, 1), _to.Identify(cns, 1));
        Assert.Equal(Reservation(_from), Reservation(_to));
        Assert.Equal(
            _from.ReadRanges(LogPageId.VmWrittenRanges).Ranges.Select(range => range with { ReadsAsZero = true }),
            _to.ReadRanges(LogPageId.VmWrittenRanges).Ranges.Select(range => range with { ReadsAsZero = true }));
        Assert.Equal((uint)_from.ReadStatus().Threshold, (uint)_to.ReadStatus().Threshold);
    }

    [Fact]
    public void A_delta_holds_what_changed_since_the_last_whole_read_and_brings_the_destination_up_to_date()
    {
        SetUp(_from);
        _from.SetMigration(Active);
        _to.SetMigration(Active | Destination);
        _to.SendState(_from.ReadStateBytes());

        _from.Write(300, 3);
        TestHost.AssertStatus(Status.Success, _from.SetFeature(FeatureId.Arbitration, 3));
        byte[] first = _from.ReadStateBytes(LogPageId.VmDirtyState);
        StateContainer delta = StateHost.Parse(first);
        Assert.True(delta.IsDelta);
        Assert.Contains(new StateAttributeId(InterfaceAttribute.Feature, (uint)FeatureId.Arbitration), delta.Attributes.Keys);
        Assert.DoesNotContain(new StateAttributeId(InterfaceAttribute.Feature, (uint)FeatureId.ErrorRecovery), delta.Attributes.Keys);
        Assert.DoesNotContain(delta.Attributes.Keys, id => id.Type == (ushort)InterfaceAttribute.Namespace && id.Section == StateSectionType.Interface);
        _to.SendState(first, Delta);

        // What was changed and then put back is not in the second delta, and comes back all the same.
        TestHost.AssertStatus(Status.Success, _from.SetFeature(FeatureId.Arbitration, 5));
        _from.Write(400, 1);
        _from.SetMigration(Active | Halted);
        _to.SendState(_from.ReadStateBytes(LogPageId.VmDirtyState), Delta);
        Assert.Equal(5u, _to.GetFeature(FeatureId.Arbitration).Dw0);
        AssertSameState(_from.ReadState(), _to.ReadState(), exceptPlaces: true);
    }

    [Fact]
    public void What_is_gone_at_the_source_goes_at_the_destination()
    {
        _from.Write(0, 10);
        TestHost.AssertStatus(Status.Success, _from.Transfer(IoOpcode.WriteUncorrectable, 40, 2, default));
        _from.SetMigration(Active);
        _to.SetMigration(Active | Destination);
        _to.SendState(_from.ReadStateBytes());
        Assert.True(_destination.Namespaces.Find(1)!.IsUncorrectable(new BlockRange(40, 1)));

        _from.Write(40, 2);
        byte[] delta = _from.ReadStateBytes(LogPageId.VmDirtyState);
        Assert.Contains(
            new StateAttributeId(TranslationAttribute.Marked, StateAttributeId.KeyOf(1, 0)), StateHost.Parse(delta).Removed);
        _to.SendState(delta, Delta);
        Assert.False(_destination.Namespaces.Find(1)!.IsUncorrectable(new BlockRange(40, 2)));
    }

    [Fact]
    public void Sections_are_selected_and_one_that_the_whole_read_left_out_comes_whole_in_the_delta()
    {
        _from.SetMigration(Active);
        Assert.Equal(StateSections.Interface, _from.ReadState(sections: StateSections.Interface).Sections);
        StateContainer delta = _from.ReadState(LogPageId.VmDirtyState);
        Assert.Equal(StateSections.All, delta.Sections);
        Assert.Contains(new StateAttributeId(ActivityAttribute.Activity, 0), delta.Attributes.Keys);
        Assert.DoesNotContain(new StateAttributeId(InterfaceAttribute.HostNqn, 0), delta.Attributes.Keys);
        TestHost.AssertStatus(
            Status.InvalidField, _from.TryGetLog(LogPageId.VmStorageState, 64, out _, specific: 0x10));
    }

    [Fact]
    public void A_state_that_is_read_in_pieces_is_of_one_piece()
    {
        SetUp(_from);
        byte[] first = _from.GetLog(LogPageId.VmStorageState, 64);
        _from.Write(500, 4);
        int length = (int)(ulong)WireStruct.Read<StateContainerHeader>(first).TotalBytes;
        byte[] rest = _from.GetLog(LogPageId.VmStorageState, length - 64, offset: 64);
        StateHost.Parse([.. first, .. rest]);
        Assert.All(_from.GetLog(LogPageId.VmStorageState, 64, offset: (ulong)length), b => Assert.Equal(0, b));
        TestHost.AssertStatus(
            Status.InvalidField, _from.TryGetLog(LogPageId.VmStorageState, 64, out _, offset: (ulong)length + 4));
    }

    [Fact]
    public void A_delta_needs_an_active_source()
    {
        TestHost.AssertStatus(Status.MigrationNotActive, _from.TryGetLog(LogPageId.VmDirtyState, 64, out _));
        _from.SetMigration(Active | Destination);
        TestHost.AssertStatus(Status.MigrationNotActive, _from.TryGetLog(LogPageId.VmDirtyState, 64, out _));
        _from.GetLog(LogPageId.VmStorageState, 64);
    }

    [Fact]
    public void Phase_and_flag_tell_that_a_state_was_applied()
    {
        byte[] state = _from.ReadStateBytes();
        TestHost.AssertStatus(Status.MigrationNotActive, _to.TrySendState(state));
        _to.SetMigration(Active | Destination);
        Assert.Equal((uint)VmMigrationPhase.Receiving, (uint)_to.ReadStatus().Phase);
        TestHost.AssertStatus(Status.Success, _to.TrySendState(state, First | Last | ValidateOnly));
        Assert.Equal((uint)VmMigrationPhase.Receiving, (uint)_to.ReadStatus().Phase);
        _to.SendState(state);
        Assert.Equal(((uint)VmMigrationPhase.Ready, Active | Destination | Ready), ((uint)_to.ReadStatus().Phase, _to.GetMigration()));
        _to.SetMigration(Completed);
        Assert.Equal((uint)VmMigrationPhase.Idle, (uint)_to.ReadStatus().Phase);
        Assert.Equal(VmMigrationFlags.None, _to.GetMigration() & Ready);
        TestHost.AssertStatus(Status.MigrationNotActive, _to.TrySendState(state));
    }

    [Fact]
    public void Chunks_come_in_order_and_nothing_is_applied_before_the_last()
    {
        SetUp(_from);
        byte[] state = _from.ReadStateBytes();
        _to.SetMigration(Active | Destination);
        const int chunk = 1024;
        TestHost.AssertStatus(Status.CommandSequenceError, _to.TrySendState(state[..chunk], VmStorageStateFlags.None, 0));
        TestHost.AssertStatus(Status.InvalidField, _to.TrySendState(state[..chunk], First, 4));
        for (int pass = 0; pass < 2; pass++)
        {
            TestHost.AssertStatus(Status.Success, _to.TrySendState(state[..chunk], First, 0));
            TestHost.AssertStatus(Status.InvalidField, _to.TrySendState(state[chunk..], Last, 0));
            TestHost.AssertStatus(Status.InvalidField, _to.TrySendState(state[chunk..], Last, chunk));
        }

        Assert.Equal((uint)VmMigrationPhase.Receiving, (uint)_to.ReadStatus().Phase);
        Assert.Equal(7u, _to.GetFeature(FeatureId.Arbitration).Dw0);
        TestHost.AssertStatus(Status.Success, _to.TrySendState(state[chunk..], Last, chunk / 4));
        Assert.Equal((uint)VmMigrationPhase.Ready, (uint)_to.ReadStatus().Phase);
        TestHost.AssertStatus(Status.CommandSequenceError, _to.TrySendState(state[chunk..], Last, chunk / 4));
    }

    [Fact]
    public void A_reset_forgets_what_was_collected()
    {
        byte[] state = _from.ReadStateBytes();
        _to.SetMigration(Active | Destination);
        TestHost.AssertStatus(Status.Success, _to.TrySendState(state[..1024], First));
        _to.ResetController();
        TestHost.AssertStatus(Status.CommandSequenceError, _to.TrySendState(state[1024..], Last, 256));
    }

    [Fact]
    public void A_delta_that_is_against_another_state_is_incompatible()
    {
        _from.SetMigration(Active);
        byte[] old = _from.ReadStateBytes();
        _to.SetMigration(Active | Destination);
        byte[] early = _from.ReadStateBytes(LogPageId.VmDirtyState);
        TestHost.AssertStatus(Status.StorageStateIncompatible, _to.TrySendState(early, First | Last | Delta));
        _to.SendState(old);
        _to.SendState(early, Delta);
        _from.ReadStateBytes();
        byte[] late = _from.ReadStateBytes(LogPageId.VmDirtyState);
        TestHost.AssertStatus(Status.StorageStateIncompatible, _to.TrySendState(late, First | Last | Delta));
        TestHost.AssertStatus(Status.InvalidField, _to.TrySendState(late));
        TestHost.AssertStatus(Status.InvalidField, _to.TrySendState(old, First | Last | Delta));
    }

    [Theory]
    [InlineData(4 << 20, 4096)]
    [InlineData(8 << 20, 512)]
    public void A_namespace_of_another_size_or_format_is_incompatible(int bytes, int blockBytes)
    {
        using var drive = new Drive(TwoNamespaces with
        {
            Namespaces = [new NamespaceOptions { SizeBytes = bytes, BlockBytes = blockBytes }, TwoNamespaces.Namespaces[1]],
        });
        TestHost other = TestHost.Connect(drive, _from.Clock);
        other.SetMigration(Active | Destination);
        TestHost.AssertStatus(Status.StorageStateIncompatible, other.TrySendState(_from.ReadStateBytes()));
    }

    [Fact]
    public void A_namespace_that_is_missing_is_incompatible()
    {
        using var drive = new Drive(TwoNamespaces with { Namespaces = [TwoNamespaces.Namespaces[0]] });
        TestHost other = TestHost.Connect(drive, _from.Clock);
        other.SetMigration(Active | Destination);
        TestHost.AssertStatus(Status.StorageStateIncompatible, other.TrySendState(_from.ReadStateBytes()));
    }

    [Fact]
    public void Identifiers_of_namespaces_go_with_the_VM()
    {
        using var drive = new Drive(TwoNamespaces with { SubsystemNqn = "nqn.2026-11.io.emulator:elsewhere" });
        TestHost other = TestHost.Connect(drive, _from.Clock);
        byte[] own = other.Identify(IdentifyCns.NamespaceIdentificationDescriptors, 1);
        other.SetMigration(Active | Destination);
        other.SendState(_from.ReadStateBytes());
        byte[] expected = _from.Identify(IdentifyCns.NamespaceIdentificationDescriptors, 1);
        Assert.NotEqual(expected, own);
        Assert.Equal(expected, other.Identify(IdentifyCns.NamespaceIdentificationDescriptors, 1));
    }

    [Fact]
    public void A_host_that_connects_later_finds_what_the_state_says()
    {
        SetUp(_from);
        const string manager = "nqn.2026-11.io.emulator:hypervisor";
        using var drive = new Drive(TwoNamespaces with { Managers = [manager] });
        var clock = new TestClock();
        TestHost vm = TestHost.Connect(drive, clock);
        TestHost hypervisor = TestHost.Connect(drive, clock, manager, hostId: 2);
        ushort target = vm.ControllerId;
        drive.ConnectedControllers.First().Terminate(clock.Now, CloseReason.AssociationLost);
        hypervisor.SetMigration(Active | Destination, target: target);
        hypervisor.SendState(_from.ReadStateBytes(), target: target);
        hypervisor.SetMigration(Completed, target: target);
        vm.Reconnect();
        Assert.Equal(
            _from.GetFeature(FeatureId.AsynchronousEventConfiguration).Dw0,
            vm.GetFeature(FeatureId.AsynchronousEventConfiguration).Dw0);
        Assert.Equal(_from.GetFeature(FeatureId.Arbitration).Dw0, vm.GetFeature(FeatureId.Arbitration).Dw0);
        Assert.Equal(_from.GetLog(LogPageId.ErrorInformation, 64), vm.GetLog(LogPageId.ErrorInformation, 64));
    }

    [Fact]
    public void An_event_that_waited_at_the_source_is_delivered_when_the_VM_has_arrived()
    {
        const string manager = "nqn.2026-11.io.emulator:hypervisor";
        using var drive = new Drive(TwoNamespaces with { Managers = [manager] });
        TestHost vm = TestHost.Connect(drive, _from.Clock);
        TestHost hypervisor = TestHost.Connect(drive, _from.Clock, manager, hostId: 2);
        BringEvent(vm, hypervisor);
        Assert.Empty(vm.TakeEvents());
        hypervisor.SetMigration(Completed, target: vm.ControllerId);
        Assert.Equal([0x0004_0002u], vm.TakeEvents());
    }

    [Fact]
    public void An_event_that_waited_at_the_source_is_delivered_when_the_host_is_heard_at_the_destination()
    {
        BringEvent(_to, hypervisor: _to);
        Assert.Empty(_to.TakeEvents());
        Assert.True(_to.Admin(AdminOpcode.KeepAlive).IsSuccess);
        Assert.Equal([0x0004_0002u], _to.TakeEvents());
    }

    private void BringEvent(TestHost vm, TestHost hypervisor)
    {
        _from.EnableEvents(AsyncEventNotices.AttachedNamespaceAttribute);
        TestHost other = TestHost.Connect(_source, _from.Clock, "nqn.2026-11.io.emulator:other", hostId: 3);
        TestHost.AssertStatus(Status.Success, other.Admin(AdminOpcode.FormatNvm, nsid: 1));
        vm.RequestEvent();
        hypervisor.SetMigration(Active | Destination, target: vm.ControllerId);
        hypervisor.SendState(_from.ReadStateBytes(), target: vm.ControllerId);
    }

    [Theory]
    [InlineData(4096, 65536)]
    [InlineData(65536, 4096)]
    public void The_written_set_survives_another_granule(int granule, int other)
    {
        using var source = new Drive(TwoNamespaces with { TrackingGranuleBytes = granule });
        using var destination = new Drive(TwoNamespaces with { TrackingGranuleBytes = other });
        TestHost from = TestHost.Connect(source, new TestClock());
        TestHost to = TestHost.Connect(destination, from.Clock);
        from.SetMigration(VmMigrationFlags.None, threshold: 1000);
        from.Write(33, 2);
        to.SetMigration(Active | Destination);
        to.SendState(from.ReadStateBytes());
        ulong coarse = 65536 / 4096;
        Assert.Equal((2 * coarse, coarse), to.ReadRanges(LogPageId.VmWrittenRanges).Ranges
            .Select(range => (range.Start, range.Blocks)).Single());
        Assert.Equal((uint)(1000L * granule / other), (uint)to.ReadStatus().Threshold);
    }

    [Fact]
    public void Heat_and_streams_are_kept_and_data_that_comes_is_placed_by_them()
    {
        EnableStreams(_from);
        for (int i = 0; i < 40; i++)
            WriteToStream(_from, 64, 16, stream: 7);
        TestHost.AssertStatus(Status.Success, _from.Io(IoOpcode.Flush));
        _to.SetMigration(Active | Destination);
        _to.SendState(_from.ReadStateBytes());

        StateContainer there = _to.ReadState();
        Assert.Equal(
            _from.ReadState().Attributes[new StateAttributeId(InterfaceAttribute.Streams, 1)].ToArray(),
            there.Attributes[new StateAttributeId(InterfaceAttribute.Streams, 1)].ToArray());
        for (ulong block = 64; block < 80; block++)
            _to.Write(block, 1);
        TestHost.AssertStatus(Status.Success, _to.Io(IoOpcode.Flush));
        var placement = new StateAttributeId(TranslationAttribute.Placement, StateAttributeId.KeyOf(1, 0));
        Assert.Equal(
            _from.ReadState().Attributes[placement].ToArray(), _to.ReadState().Attributes[placement].ToArray());
    }

    [Fact]
    public void Heat_of_the_source_is_heat_of_the_destination()
    {
        for (int i = 0; i < 30; i++)
            _from.Write(128, 16);
        TestHost.AssertStatus(Status.Success, _from.Io(IoOpcode.Flush));
        _to.SetMigration(Active | Destination);
        _to.SendState(_from.ReadStateBytes());
        var heat = new StateAttributeId(TranslationAttribute.Heat, StateAttributeId.KeyOf(1, 0));
        Assert.Equal(_from.ReadState().Attributes[heat].ToArray(), _to.ReadState().Attributes[heat].ToArray());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void The_cache_is_warm_where_that_of_the_source_was_if_that_is_asked_for(bool isAsked)
    {
        _from.Write(0, 20);
        _to.SetMigration(Active | Destination);
        StateContainer state = _from.ReadState();
        var cached = new StateAttributeId(TranslationAttribute.Cached, StateAttributeId.KeyOf(1, 0));
        Assert.Contains(cached, state.Attributes.Keys);
        _to.SendState(_from.ReadStateBytes(), isAsked ? WarmCache : default);
        _to.Write(0, 20);
        TestHost.AssertStatus(Status.Success, _to.Io(IoOpcode.Flush));
        Assert.DoesNotContain(cached, _to.ReadState().Attributes.Keys);
        _to.SetMigration(Completed);
        _to.Wait(SimDuration.FromSeconds(1));
        Assert.Equal(isAsked, _to.ReadState().Attributes.TryGetValue(cached, out ReadOnlyMemory<byte> warm));
        if (isAsked)
            Assert.Equal(state.Attributes[cached].ToArray(), warm.ToArray());
    }

    [Fact]
    public void Whoever_may_not_manage_the_target_may_neither_read_nor_send()
    {
        const string manager = "nqn.2026-11.io.emulator:hypervisor";
        using var drive = new Drive(TwoNamespaces with { Managers = [manager] });
        TestHost vm = TestHost.Connect(drive, new TestClock());
        TestHost.AssertStatus(Status.OperationDenied, vm.TryGetLog(LogPageId.VmStorageState, 64, out _));
        TestHost.AssertStatus(Status.OperationDenied, vm.TrySendState(_from.ReadStateBytes()));
    }

    private static (FeatureId Feature, uint Nsid, uint Cdw11)[] Features =>
    [
        (FeatureId.Arbitration, 0, 0), (FeatureId.PowerManagement, 0, 0), (FeatureId.TemperatureThreshold, 0, 0),
        (FeatureId.TemperatureThreshold, 0, 1 << 20), (FeatureId.ErrorRecovery, 1, 0), (FeatureId.ErrorRecovery, 2, 0),
        (FeatureId.VolatileWriteCache, 0, 0), (FeatureId.NumberOfQueues, 0, 0), (FeatureId.InterruptCoalescing, 0, 0),
        (FeatureId.WriteAtomicityNormal, 0, 0), (FeatureId.AsynchronousEventConfiguration, 0, 0),
        (FeatureId.Timestamp, 0, 0), (FeatureId.KeepAliveTimer, 0, 0), (FeatureId.HostBehaviorSupport, 0, 0),
        (FeatureId.SanitizeConfig, 0, 0), (FeatureId.SoftwareProgressMarker, 0, 0),
        (FeatureId.HostIdentifier, 0, 1), (FeatureId.ReservationNotificationMask, 1, 0),
        (FeatureId.ReservationNotificationMask, 2, 0), (FeatureId.ReservationPersistence, 1, 0),
    ];

    /// <summary>Leaves traces of every kind.</summary>
    internal static void SetUp(TestHost host)
    {
        host.SetMigration(VmMigrationFlags.None, threshold: 4);
        host.Write(3, 4);
        host.Write(100, 50);
        host.Write(16, 3, nsid: 2, blockBytes: 512);
        host.EnableEvents(AsyncEventNotices.AttachedNamespaceAttribute | AsyncEventNotices.FirmwareActivation);
        Set(FeatureId.Arbitration, 5);
        Set(FeatureId.TemperatureThreshold, 350);
        Set(FeatureId.TemperatureThreshold, 280 | (1 << 20), save: true);
        Set(FeatureId.ErrorRecovery, 77, nsid: 1, save: true);
        Set(FeatureId.VolatileWriteCache, 0);
        Set(FeatureId.WriteAtomicityNormal, 1);
        Set(FeatureId.SanitizeConfig, 1);
        Set(FeatureId.SoftwareProgressMarker, 9, save: true);
        Set(FeatureId.ReservationNotificationMask, 4, nsid: 2);
        var timestamp = new Timestamp { Milliseconds = 123_456_789 };
        TestHost.AssertStatus(Status.Success, host.SetFeature(FeatureId.Timestamp, 0, WireStruct.Bytes(ref timestamp)));
        byte[] behavior = new byte[HostBehaviorSupport.Size];
        behavior[0] = 1;
        TestHost.AssertStatus(Status.Success, host.SetFeature(FeatureId.HostBehaviorSupport, 0, behavior));
        var keys = new ReservationRegisterData { Nrkey = 0x1234 };
        TestHost.AssertStatus(Status.Success, host.Io(IoOpcode.ReservationRegister, WireStruct.Bytes(ref keys)));
        var acquire = new ReservationAcquireData { Crkey = 0x1234 };
        TestHost.AssertStatus(
            Status.Success, host.Io(IoOpcode.ReservationAcquire, WireStruct.Bytes(ref acquire), cdw10: 1u << 8));
        EnableStreams(host);
        WriteToStream(host, 200, 4, stream: 9);
        TestHost.AssertStatus(Status.Success, host.Transfer(IoOpcode.WriteUncorrectable, 1000, 3, default));
        TestHost.AssertStatus(Status.LbaOutOfRange, host.Transfer(IoOpcode.Read, 1 << 30, 1, new byte[4096]));
        Assert.True(host.Transfer(IoOpcode.Read, 3, 1, new byte[4096]).IsSuccess);

        void Set(FeatureId feature, uint value, uint nsid = 0, bool save = false) =>
            TestHost.AssertStatus(Status.Success, host.SetFeature(feature, value, nsid: nsid, save: save));
    }

    internal static void EnableStreams(TestHost host) => TestHost.AssertStatus(
        Status.Success,
        host.Admin(AdminOpcode.DirectiveSend, nsid: 1, cdw11: 1, cdw12: 1 | ((uint)DirectiveType.Streams << 8)));

    internal static CommandOutcome TryWriteToStream(TestHost host, ulong start, int count, ushort stream) => host.Io(
        IoOpcode.Write,
        new byte[count * 4096],
        cdw10: (uint)start,
        cdw12: (uint)(count - 1) | ((uint)DirectiveType.Streams << NvmCommandFields.DtypeShift),
        cdw13: (uint)stream << NvmCommandFields.DspecShift);

    internal static void WriteToStream(TestHost host, ulong start, int count, ushort stream) =>
        TestHost.AssertStatus(Status.Success, TryWriteToStream(host, start, count, stream));

    private static byte[] Reservation(TestHost host)
    {
        byte[] report = new byte[128];
        TestHost.AssertStatus(Status.Success, host.Io(IoOpcode.ReservationReport, report, cdw10: 31, cdw11: 1));

        // CNTLID of the registrant is another, and should be.
        report.AsSpan(64, 2).Clear();
        return report;
    }

    /// <param name="exceptPlaces">What follows from the data, which was not copied, may differ.</param>
    private static void AssertSameState(StateContainer expected, StateContainer actual, bool exceptPlaces)
    {
        Assert.Equal(expected.Sections, actual.Sections);
        Assert.Equal(Comparable(expected), Comparable(actual));

        SortedDictionary<StateAttributeId, string> Comparable(StateContainer state)
        {
            var attributes = new SortedDictionary<StateAttributeId, string>();
            foreach ((StateAttributeId id, ReadOnlyMemory<byte> value) in state.Attributes)
            {
                bool isPlace = id.Section == StateSectionType.Translation
                    && id.Type is (ushort)TranslationAttribute.Allocated or (ushort)TranslationAttribute.Cached
                        or (ushort)TranslationAttribute.Placement;
                bool isOwn = id == new StateAttributeId(InterfaceAttribute.Registers, 0);
                if (!isOwn && !(exceptPlaces && isPlace) && id.Section != StateSectionType.Transport)
                    attributes.Add(id, Convert.ToHexString(value.Span));
            }

            return attributes;
        }
    }
}
