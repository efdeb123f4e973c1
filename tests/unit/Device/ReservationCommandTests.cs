using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Emulator.Device;
using Emulator.Wire;

namespace Emulator.UnitTests.Device;

public sealed class ReservationCommandTests : IDisposable
{
    private const ulong KeyA = 0xAAAA_0000_0000_0001;
    private const ulong KeyB = 0xBBBB_0000_0000_0002;

    private readonly Drive _drive = new(TestHost.SmallDrive);
    private readonly TestHost _a;
    private readonly TestHost _b;

    public ReservationCommandTests()
    {
        _a = TestHost.Connect(_drive, new TestClock());
        _b = TestHost.Connect(_drive, _a.Clock, "nqn.2026-11.io.emulator:b", hostId: 2);
    }

    public void Dispose() => _drive.Dispose();

    public static TheoryData<IoOpcode, bool> Commands => new()
    {
        { IoOpcode.Read, false },
        { IoOpcode.Compare, false },
        { IoOpcode.Verify, false },
        { IoOpcode.Write, true },
        { IoOpcode.Flush, true },
        { IoOpcode.WriteZeroes, true },
        { IoOpcode.WriteUncorrectable, true },
        { IoOpcode.DatasetManagement, true },
        { IoOpcode.Copy, true },
    };

    [Theory]
    [MemberData(nameof(Commands))]
    public void Commands_that_write_conflict_with_write_exclusive_and_all_with_exclusive_access(IoOpcode opcode, bool writes)
    {
        Hold(ReservationType.WriteExclusive);
        Status expected = writes ? Status.ReservationConflict : Status.Success;
        TestHost.AssertStatus(expected, _b.Io(opcode, new byte[4096]));
        TestHost.AssertStatus(Status.Success, _a.Io(opcode, new byte[4096]));

        TestHost.AssertStatus(Status.Success, Acquire(_a, KeyA, ReservationType.ExclusiveAccess, action: 1, preempted: KeyA));
        TestHost.AssertStatus(Status.ReservationConflict, _b.Io(opcode, new byte[4096]));
    }

    [Theory]
    [InlineData(AdminOpcode.FormatNvm, 1u, 0u)]
    [InlineData(AdminOpcode.FormatNvm, uint.MaxValue, 0u)]
    [InlineData(AdminOpcode.NamespaceManagement, 1u, 1u)]
    [InlineData(AdminOpcode.NamespaceManagement, uint.MaxValue, 1u)]
    [InlineData(AdminOpcode.NamespaceAttachment, 1u, 1u)]
    [InlineData(AdminOpcode.Sanitize, 0u, 2u)]
    public void Administration_conflicts_as_a_write_does(AdminOpcode opcode, uint nsid, uint cdw10)
    {
        Hold(ReservationType.WriteExclusive);
        TestHost.AssertStatus(Status.ReservationConflict, _b.Admin(opcode, new byte[4096], nsid, cdw10));
        Assert.False(_a.Admin(opcode, new byte[4096], nsid, cdw10).Status.Matches(Status.ReservationConflict));
    }

    [Fact]
    public void Flush_of_all_namespaces_conflicts_with_a_reservation_on_any()
    {
        Hold(ReservationType.WriteExclusive);
        TestHost.AssertStatus(Status.ReservationConflict, _b.Io(IoOpcode.Flush, nsid: uint.MaxValue));
    }

    [Fact]
    public void A_report_lists_registrants_by_their_whole_identifier()
    {
        TestHost.AssertStatus(Status.Success, Register(_b, 0, KeyB));
        Hold(ReservationType.WriteExclusiveRegistrantsOnly);
        _b.AdminQueue.Controller.Disconnect(_b.Clock.Now, _b.AdminQueue);

        byte[] data = Report(_a, 512);
        ReservationStatusExtended status = WireStruct.Read<ReservationStatusExtended>(data);
        Assert.Equal(2u, (uint)status.Gen);
        Assert.Equal(ReservationType.WriteExclusiveRegistrantsOnly, status.Rtype);
        Assert.Equal(2, (ushort)status.Regstrnt);
        Assert.Equal(0, status.Ptpls);
        var entries = MemoryMarshal.Cast<byte, RegisteredControllerExtended>(data.AsSpan(ReservationStatusExtended.Size));
        Assert.Equal((0xFFFF, 0, KeyB, (UInt128)2), Entry(entries[0]));
        Assert.Equal((_a.ControllerId, 1, KeyA, (UInt128)1), Entry(entries[1]));
        Assert.DoesNotContain(data[(3 * 64)..], b => b != 0);
        Assert.Equal(data[..64], Report(_a, 64));
    }

    [Fact]
    public void A_report_without_the_extended_structure_does_not_fit_128_bit_identifiers() =>
        TestHost.AssertStatus(
            Status.HostIdentifierInconsistentFormat, _a.Io(IoOpcode.ReservationReport, new byte[64], cdw10: 15));

    [Theory]
    [InlineData(IoOpcode.ReservationRegister, 3u)]
    [InlineData(IoOpcode.ReservationRegister, 0x4000_0000u)]
    [InlineData(IoOpcode.ReservationRegister, 0xC000_0000u)]
    [InlineData(IoOpcode.ReservationRegister, 0x20u)]
    [InlineData(IoOpcode.ReservationAcquire, 0x103u)]
    [InlineData(IoOpcode.ReservationAcquire, 0x108u)]
    [InlineData(IoOpcode.ReservationAcquire, 0x700u)]
    [InlineData(IoOpcode.ReservationAcquire, 0x0u)]
    [InlineData(IoOpcode.ReservationAcquire, 0x1_0100u)]
    [InlineData(IoOpcode.ReservationRelease, 0x102u)]
    [InlineData(IoOpcode.ReservationRelease, 0x108u)]
    [InlineData(IoOpcode.ReservationRelease, 0x700u)]
    [InlineData(IoOpcode.ReservationRelease, 0x20u)]
    public void A_field_that_means_nothing_is_invalid(IoOpcode opcode, uint cdw10)
    {
        TestHost.AssertStatus(Status.Success, Register(_a, 0, KeyA));
        TestHost.AssertStatus(Status.InvalidField, _a.Io(opcode, Keys(KeyA, KeyA), cdw10: cdw10));
    }

    [Fact]
    public void A_key_of_zero_cannot_be_registered()
    {
        TestHost.AssertStatus(Status.InvalidField, Register(_a, 0, 0));
        TestHost.AssertStatus(Status.InvalidField, Register(_a, 0, 0, cdw10: 2 | 8));
    }

    [Theory]
    [InlineData(IoOpcode.ReservationRegister, 15, 0u)]
    [InlineData(IoOpcode.ReservationAcquire, 15, 0x100u)]
    [InlineData(IoOpcode.ReservationRelease, 7, 0x100u)]
    [InlineData(IoOpcode.ReservationReport, 60, 15u)]
    public void Data_that_is_too_short_is_refused(IoOpcode opcode, int length, uint cdw10) =>
        TestHost.AssertStatus(
            Status.DataSglLengthInvalid,
            _a.Io(opcode, new byte[length], cdw10: cdw10, cdw11: opcode == IoOpcode.ReservationReport ? 1u : 0));

    [Theory]
    [InlineData(0u)]
    [InlineData(17u)]
    [InlineData(uint.MaxValue)]
    public void A_namespace_that_there_cannot_be_is_refused(uint nsid) =>
        TestHost.AssertStatus(
            Status.InvalidNamespaceOrFormat,
            _a.Io(IoOpcode.ReservationReport, new byte[64], nsid, cdw10: 15, cdw11: 1));

    [Fact]
    public void A_host_has_its_registration_on_every_controller_and_after_it_came_back()
    {
        Hold(ReservationType.ExclusiveAccess);
        TestHost second = TestHost.Connect(_drive, _a.Clock);
        TestHost.AssertStatus(Status.Success, second.Transfer(IoOpcode.Write, 0, 1, new byte[4096]));
        _a.ResetController();
        TestHost.AssertStatus(Status.Success, _a.Transfer(IoOpcode.Write, 0, 1, new byte[4096]));
        TestHost.AssertStatus(Status.ReservationConflict, _b.Transfer(IoOpcode.Read, 0, 1, new byte[4096]));
    }

    [Fact]
    public void Notices_queue_as_log_pages_of_the_hosts_concerned_and_raise_an_event()
    {
        TestHost.AssertStatus(Status.Success, Register(_b, 0, KeyB));
        Hold(ReservationType.WriteExclusiveRegistrantsOnly);
        _b.RequestEvent();
        TestHost.AssertStatus(Status.Success, Release(_a, KeyA, ReservationType.WriteExclusiveRegistrantsOnly));
        TestHost.AssertStatus(Status.Success, Release(_a, KeyA, ReservationType.None, action: 1));
        Assert.Equal([0x0080_0006u], _b.TakeEvents());

        Assert.Equal((1ul, ReservationNotificationType.ReservationReleased, 1, 1u), ReadNotice(_b));
        Assert.Equal((2ul, ReservationNotificationType.ReservationPreempted, 0, 1u), ReadNotice(_b));
        Assert.Equal((0ul, ReservationNotificationType.Empty, 0, 0u), ReadNotice(_b));
        Assert.Equal((0ul, ReservationNotificationType.Empty, 0, 0u), ReadNotice(_a));
    }

    [Fact]
    public void Lost_notices_are_counted_in_the_last_that_was_kept()
    {
        for (int i = 0; i < 70; i++)
        {
            Register(_b, 0, KeyB);
            Register(_a, 0, KeyA);
            TestHost.AssertStatus(Status.Success, Acquire(_a, KeyA, ReservationType.None, action: 2, preempted: KeyB));
        }

        Assert.Equal((1ul, ReservationNotificationType.RegistrationPreempted, 63, 1u), ReadNotice(_b));
        for (int i = 0; i < 62; i++)
            ReadNotice(_b);
        Assert.Equal((70ul, ReservationNotificationType.RegistrationPreempted, 0, 1u), ReadNotice(_b));
    }

    [Theory]
    [InlineData(0x8u, 0)]
    [InlineData(0x6u, 1)]
    public void A_notice_that_is_masked_makes_no_page(uint mask, int pages)
    {
        TestHost.AssertStatus(
            Status.Success, _b.SetFeature(FeatureId.ReservationNotificationMask, mask, nsid: uint.MaxValue));
        Assert.Equal(mask, _b.GetFeature(FeatureId.ReservationNotificationMask, nsid: 1).Dw0);
        Register(_b, 0, KeyB);
        Register(_a, 0, KeyA);
        TestHost.AssertStatus(Status.Success, Release(_a, KeyA, ReservationType.None, action: 1));
        Assert.Equal(pages == 0, ReadNotice(_b).Type == ReservationNotificationType.Empty);
        _b.ResetController();
        Assert.Equal(0u, _b.GetFeature(FeatureId.ReservationNotificationMask, nsid: 1).Dw0);
    }

    [Theory]
    [InlineData(FeatureId.ReservationNotificationMask, 1u, 1u)]
    [InlineData(FeatureId.ReservationNotificationMask, 0x10u, 1u)]
    [InlineData(FeatureId.ReservationNotificationMask, 2u, 0u)]
    [InlineData(FeatureId.ReservationNotificationMask, 2u, 2u)]
    [InlineData(FeatureId.ReservationNotificationMask, 2u, 17u)]
    [InlineData(FeatureId.ReservationPersistence, 1u, 1u)]
    [InlineData(FeatureId.ReservationPersistence, 2u, 1u)]
    public void Features_refuse_what_they_cannot_keep(FeatureId feature, uint value, uint nsid) =>
        TestHost.AssertStatus(Status.InvalidField, _a.SetFeature(feature, value, nsid: nsid));

    [Theory]
    [InlineData(FeatureId.ReservationNotificationMask)]
    [InlineData(FeatureId.ReservationPersistence)]
    public void Features_are_got_for_one_namespace(FeatureId feature)
    {
        TestHost.AssertStatus(Status.InvalidField, _a.GetFeature(feature, nsid: uint.MaxValue));
        TestHost.AssertStatus(Status.Success, _a.GetFeature(feature, nsid: 1));
        TestHost.AssertStatus(Status.Success, _a.SetFeature(feature, 0, nsid: 1));
        TestHost.AssertStatus(Status.FeatureNotSaveable, _a.SetFeature(feature, 0, nsid: 1, save: true));
    }

    private static (int, int, ulong, UInt128) Entry(RegisteredControllerExtended entry) =>
        (entry.Cntlid, entry.Rcsts, entry.Rkey, BinaryPrimitives.ReadUInt128LittleEndian(entry.Hostid));

    private static (ulong Count, ReservationNotificationType Type, int More, uint Nsid) ReadNotice(TestHost host)
    {
        byte[] data = host.GetLog(LogPageId.ReservationNotification, 64);
        ReservationNotification page = WireStruct.Read<ReservationNotification>(data);
        return (page.Lpc, page.Rnlpt, page.Nalp, page.Nsid);
    }

    private void Hold(ReservationType type)
    {
        TestHost.AssertStatus(Status.Success, Register(_a, 0, KeyA));
        TestHost.AssertStatus(Status.Success, Acquire(_a, KeyA, type));
    }

    private static byte[] Keys(ulong first, ulong second)
    {
        byte[] data = new byte[16];
        BinaryPrimitives.WriteUInt64LittleEndian(data, first);
        BinaryPrimitives.WriteUInt64LittleEndian(data.AsSpan(8), second);
        return data;
    }

    private static CommandOutcome Register(TestHost host, ulong key, ulong newKey, uint cdw10 = 0) =>
        host.Io(IoOpcode.ReservationRegister, Keys(key, newKey), cdw10: cdw10);

    private static CommandOutcome Acquire(
        TestHost host, ulong key, ReservationType type, uint action = 0, ulong preempted = 0) =>
        host.Io(IoOpcode.ReservationAcquire, Keys(key, preempted), cdw10: action | ((uint)type << 8));

    private static CommandOutcome Release(TestHost host, ulong key, ReservationType type, uint action = 0) =>
        host.Io(IoOpcode.ReservationRelease, Keys(key, 0), cdw10: action | ((uint)type << 8));

    private static byte[] Report(TestHost host, int length)
    {
        byte[] data = new byte[length];
        TestHost.AssertStatus(
            Status.Success, host.Io(IoOpcode.ReservationReport, data, cdw10: (uint)(length / 4) - 1, cdw11: 1));
        return data;
    }
}
