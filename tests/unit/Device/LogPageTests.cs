using Emulator.Core;
using Emulator.Device;
using Emulator.Wire;

namespace Emulator.UnitTests.Device;

public sealed class LogPageTests : IDisposable
{
    private readonly Drive _drive;
    private readonly TestHost _host;

    public LogPageTests() => _host = TestHost.ConnectToNewDrive(out _drive);

    public void Dispose() => _drive.Dispose();

    [Fact]
    public void Every_page_that_is_listed_can_be_read_and_no_other()
    {
        byte[] listed = _host.GetLog(LogPageId.SupportedLogPages, 1024);
        for (int id = 0; id < 256; id++)
        {
            bool isListed = (listed[4 * id] & 1) != 0;
            byte action = id == (int)LogPageId.PersistentEvent ? (byte)1 : (byte)0;
            CommandOutcome outcome = _host.TryGetLog((LogPageId)id, 64, out _, specific: action);
            Assert.Equal(!isListed, Status.InvalidLogPage.Matches(outcome.Status));
        }
    }

    [Theory]
    [InlineData(0ul, 0)]
    [InlineData(508ul, 0)]
    [InlineData(512ul, 0)]
    [InlineData(516ul, 0x002)]
    [InlineData(ulong.MaxValue - 3, 0x002)]
    [InlineData(2ul, 0x002)]
    public void An_offset_beyond_the_page_or_within_a_dword_is_an_invalid_field(ulong offset, ushort expected) =>
        TestHost.AssertStatus(new Status(expected), _host.TryGetLog(LogPageId.SmartHealth, 8, out _, offset));

    [Fact]
    public void What_is_behind_the_end_of_a_page_is_zero()
    {
        byte[] data = _host.GetLog(LogPageId.FirmwareSlotInformation, 1024);
        Assert.Equal(1, data[0]);
        Assert.All(data[512..], value => Assert.Equal(0, value));
    }

    [Fact]
    public void A_page_reads_the_same_in_pieces()
    {
        byte[] whole = _host.GetLog(LogPageId.CommandsSupportedAndEffects, 4096);
        for (int offset = 0; offset < 4096; offset += 1020)
        {
            int length = Math.Min(1020, 4096 - offset);
            Assert.Equal(whole[offset..(offset + length)], _host.GetLog(LogPageId.CommandsSupportedAndEffects, length, (ulong)offset));
        }
    }

    [Theory]
    [InlineData(0u, 0)]
    [InlineData(0xFFFF_FFFFu, 0)]
    [InlineData(1u, 0x002)]
    [InlineData(17u, 0x00B)]
    public void Pages_of_the_controller_take_no_namespace(uint nsid, ushort expected) =>
        TestHost.AssertStatus(new Status(expected), _host.TryGetLog(LogPageId.SmartHealth, 512, out _, nsid: nsid));

    [Theory]
    [InlineData(1u << 23)]
    [InlineData(1u << 7)]
    [InlineData(1u)]
    public void Index_offsets_reserved_bits_and_UUIDs_are_invalid_for_standard_pages(uint cdw14) =>
        TestHost.AssertStatus(Status.InvalidField, _host.TryGetLog(LogPageId.SmartHealth, 512, out _, cdw14: cdw14));

    [Fact]
    public void A_length_beyond_the_buffer_is_an_invalid_length() =>
        TestHost.AssertStatus(
            Status.DataSglLengthInvalid,
            _host.Admin(AdminOpcode.GetLogPage, new byte[8], uint.MaxValue, cdw10: 2 | 0xFFFFu << 16, cdw11: 0xFFFF));

    [Fact]
    public void Failed_commands_are_in_the_error_log_newest_first_until_a_reset()
    {
        _host.GetFeature(FeatureId.LbaRangeType);
        _host.Transfer(IoOpcode.Read, 1 << 20, 1, new byte[4096]);

        byte[] log = _host.GetLog(LogPageId.ErrorInformation, 64 * 64);

        ref readonly ErrorInformationEntry newest = ref WireStruct.Read<ErrorInformationEntry>(log.AsSpan(0, 64));
        Assert.Equal((2ul, 1, 1ul << 20, 1u), (newest.Ecnt.Value, newest.Sqid.Value, newest.Lba.Value, newest.Nsid.Value));
        Assert.True(Status.LbaOutOfRange.Matches(new Status((ushort)(newest.Sts >> 1))));
        ref readonly ErrorInformationEntry older = ref WireStruct.Read<ErrorInformationEntry>(log.AsSpan(64, 64));
        Assert.Equal((1ul, (byte)AdminOpcode.GetFeatures), (older.Ecnt.Value, older.Opc));
        Assert.All(log[128..], value => Assert.Equal(0, value));
        Assert.Equal(2, _host.GetLog(LogPageId.SmartHealth, 512)[176]);

        _host.ResetController();
        Assert.All(_host.GetLog(LogPageId.ErrorInformation, 64), value => Assert.Equal(0, value));
    }

    [Fact]
    public void The_error_of_a_creation_says_how_much_room_it_takes()
    {
        var wanted = new NamespaceManagementData { Nsze = 1 << 20, Ncap = 1 << 20 };
        _host.Admin(AdminOpcode.NamespaceManagement, WireStruct.Bytes(ref wanted));
        byte[] log = _host.GetLog(LogPageId.ErrorInformation, 64);
        Assert.Equal(1ul << 32, WireStruct.Read<ErrorInformationEntry>(log).Csinfo.Value);
    }

    [Fact]
    public void Health_counts_what_hosts_read_and_wrote()
    {
        byte[] data = new byte[512 * 1000];
        _host.Transfer(IoOpcode.Write, 0, 125, data);
        _host.Transfer(IoOpcode.Write, 0, 1, data.AsSpan(0, 4096));
        _host.Transfer(IoOpcode.Read, 0, 1, data.AsSpan(0, 4096));
        _host.Wait(SimDuration.FromSeconds(7200));

        SmartHealth health = WireStruct.Read<SmartHealth>(_host.GetLog(LogPageId.SmartHealth, SmartHealth.Size));

        Assert.Equal((1, 2), ((int)health.Dur.Value, (int)health.Duw.Value));
        Assert.Equal((1, 2), ((int)health.Hrc.Value, (int)health.Hwc.Value));
        Assert.Equal((2, 310, 100), ((int)health.Poh.Value, health.Ctemp.Value, health.Avsp));
    }

    [Fact]
    public void Access_to_namespaces_can_be_read_without_the_namespaces()
    {
        byte[] log = _host.GetLog(LogPageId.AsymmetricNamespaceAccess, 64, specific: 1);
        Assert.Equal(0u, WireStruct.Read<AnaGroupDescriptor>(log.AsSpan(16)).Nnv.Value);
        Assert.All(log[48..], value => Assert.Equal(0, value));
    }

    [Fact]
    public void Persistent_events_are_read_through_a_context_newest_first()
    {
        TestHost.AssertStatus(Status.CommandSequenceError, _host.TryGetLog(LogPageId.PersistentEvent, 512, out _));
        _host.Admin(AdminOpcode.FormatNvm, nsid: 1);
        _host.ResetController();

        byte[] header = _host.GetLog(LogPageId.PersistentEvent, 512, specific: 3);
        TestHost.AssertStatus(Status.CommandSequenceError, _host.TryGetLog(LogPageId.PersistentEvent, 512, out _, specific: 1));
        int length = (int)WireStruct.Read<PersistentEventLogHeader>(header).Tll.Value;
        byte[] log = _host.GetLog(LogPageId.PersistentEvent, length + 4 - (length % 4));

        var types = new List<PersistentEventType>();
        for (int offset = 512; offset < length;)
        {
            ref readonly PersistentEventHeader found = ref WireStruct.Read<PersistentEventHeader>(log.AsSpan(offset));
            types.Add(found.Et);
            offset += found.Ehl + 3 + found.El;
        }

        Assert.Equal(WireStruct.Read<PersistentEventLogHeader>(header).Tnev.Value, (uint)types.Count);
        Assert.Equal(
            [
                PersistentEventType.PowerOnOrReset,
                PersistentEventType.FormatNvmCompletion,
                PersistentEventType.FormatNvmStart,
                PersistentEventType.PowerOnOrReset,
            ],
            types);
        _host.GetLog(LogPageId.PersistentEvent, 4, specific: 2);
        TestHost.AssertStatus(Status.CommandSequenceError, _host.TryGetLog(LogPageId.PersistentEvent, 512, out _));
    }

    [Fact]
    public void Allocated_blocks_are_reported_as_runs_of_pages()
    {
        byte[] block = new byte[4096];
        foreach (ulong lba in new ulong[] { 3, 4, 9 })
            _host.Transfer(IoOpcode.Write, lba, 1, block);
        _host.Io(IoOpcode.WriteUncorrectable, cdw10: 5, cdw12: 0);

        byte[] data = new byte[64];
        TestHost.AssertStatus(Status.Success, LbaStatus(data, start: 0, blocks: 0));
        Assert.Equal((2u, LbaStatusCompletion.Complete), HeaderOf(data));
        Assert.Equal((3ul, 2u, 2), DescriptorOf(data, 0));
        Assert.Equal((9ul, 0u, 2), DescriptorOf(data, 1));

        TestHost.AssertStatus(Status.Success, LbaStatus(data.AsSpan(0, 24), start: 4, blocks: 100));
        Assert.Equal((1u, LbaStatusCompletion.Incomplete), HeaderOf(data));
        Assert.Equal((4ul, 1u, 2), DescriptorOf(data, 0));
    }

    [Theory]
    [InlineData(0x10u << 24, 0ul, 0x002)]
    [InlineData(0x02u << 24 | 1 << 16, 0ul, 0x002)]
    [InlineData(0x02u << 24, 2048ul, 0x080)]
    [InlineData(0x02u << 24 | 2, 2047ul, 0x080)]
    public void Block_statuses_that_are_not_there_are_refused(uint cdw13, ulong start, ushort expected) =>
        TestHost.AssertStatus(
            new Status(expected),
            _host.Admin(AdminOpcode.GetLbaStatus, new byte[64], 1, (uint)start, (uint)(start >> 32), 15, cdw13));

    private CommandOutcome LbaStatus(Span<byte> data, uint start, ushort blocks) =>
        _host.Admin(AdminOpcode.GetLbaStatus, data, 1, start, 0, (uint)(data.Length / 4) - 1, 2u << 24 | blocks);

    private static (uint Count, LbaStatusCompletion Completion) HeaderOf(byte[] data)
    {
        LbaStatusHeader header = WireStruct.Read<LbaStatusHeader>(data);
        return (header.Nlsd, header.Cmpc);
    }

    private static (ulong Start, uint LastBlock, int Status) DescriptorOf(byte[] data, int index)
    {
        LbaStatusDescriptor found = WireStruct.Read<LbaStatusDescriptor>(data.AsSpan(8 + (16 * index)));
        return (found.Dslba, found.Nlb, found.Stas);
    }
}
