using Emulator.Device;
using Emulator.Ftl;
using Emulator.Wire;

namespace Emulator.UnitTests.Device;

/// <summary>Directive Send and Receive, and streams of Write (Base 2.1, 8.1.8).</summary>
public sealed class DirectiveTests : IDisposable
{
    private const uint StreamsEnabled = 1u << (int)DirectiveType.Streams;

    private readonly TestClock _clock = new();
    private readonly Drive _drive = new(new DriveOptions { CapacityBytes = 64 << 20, MaxNamespaces = 4 });
    private readonly TestHost _host;

    public DirectiveTests() => _host = TestHost.Connect(_drive, _clock);

    public void Dispose() => _drive.Dispose();

    [Fact]
    public void The_controller_offers_directives_and_says_what_they_do()
    {
        Assert.NotEqual(0, _host.IdentifyController().Oacs & (ushort)OptionalAdminCommands.Directives);
        var effects = WireStruct.Read<CommandsSupportedAndEffects>(_host.GetLog(LogPageId.CommandsSupportedAndEffects, 4096));
        Assert.Equal(1u, effects.Acs[(byte)AdminOpcode.DirectiveSend] & 1);
        Assert.Equal(1u, effects.Acs[(byte)AdminOpcode.DirectiveReceive] & 1);
    }

    [Fact]
    public void Streams_are_supported_and_off_until_a_host_enables_them()
    {
        IdentifyDirectiveParameters parameters = Parameters();
        Assert.Equal((3u, 1u, 0u), ((uint)parameters.Dirs, (uint)parameters.Dire, (uint)parameters.Dirclr));
        Enable();
        Assert.Equal(1u | StreamsEnabled, (uint)Parameters().Dire);
        Assert.Equal(1u, (uint)Parameters(TestHost.Connect(_drive, _clock, hostId: 77)).Dire);
        Enable(enable: false);
        Assert.Equal(1u, (uint)Parameters().Dire);
    }

    [Fact]
    public void A_broadcast_namespace_enables_streams_in_every_one_that_is_attached()
    {
        TestHost.AssertStatus(Status.Success, Send(DirectiveType.Identify, 1, cdw12: 1 | 1 << 8, nsid: uint.MaxValue));
        Assert.Equal(1u | StreamsEnabled, (uint)Parameters().Dire);
    }

    // DTYPE, DOPER, DSPEC, CDW12, NSID.
    [Theory]
    [InlineData(0, 0, 0, 0, 1)]
    [InlineData(0, 2, 0, 0, 1)]
    [InlineData(0, 1, 0, 0x001, 1)]
    [InlineData(0, 1, 0, 0x201, 1)]
    [InlineData(0, 1, 0, 0x103, 1)]
    [InlineData(0, 1, 0, 0x1_0101, 1)]
    [InlineData(1, 3, 0, 0, 1)]
    [InlineData(2, 1, 0, 0, 1)]
    [InlineData(0x80, 1, 0, 0, 1)]
    [InlineData(1, 1, 5, 0, uint.MaxValue)]
    [InlineData(1, 1, 5, 0, 3)]
    public void Directive_Send_refuses(int type, byte operation, ushort specific, uint cdw12, uint nsid)
    {
        Enable();
        TestHost.AssertStatus(Status.InvalidField, Send((DirectiveType)type, operation, specific, cdw12, nsid));
    }

    // DTYPE, DOPER, CDW12, NSID.
    [Theory]
    [InlineData(0, 0, 0, 1)]
    [InlineData(0, 2, 0, 1)]
    [InlineData(0, 1, 0, uint.MaxValue)]
    [InlineData(1, 0, 0, 1)]
    [InlineData(1, 4, 0, 1)]
    [InlineData(1, 3, 0x1_0000, 1)]
    [InlineData(1, 3, 1, uint.MaxValue)]
    [InlineData(2, 1, 0, 1)]
    [InlineData(1, 1, 0, 3)]
    public void Directive_Receive_refuses(int type, byte operation, uint cdw12, uint nsid)
    {
        Enable();
        byte[] data = new byte[4096];
        TestHost.AssertStatus(Status.InvalidField, Receive((DirectiveType)type, operation, data, cdw12, nsid: nsid));
    }

    [Theory]
    [InlineData(0u)]
    [InlineData(9u)]
    public void A_namespace_that_cannot_be_is_told_from_one_that_is_not_attached(uint nsid)
    {
        TestHost.AssertStatus(Status.InvalidNamespaceOrFormat, Send(DirectiveType.Identify, 1, cdw12: 0x101, nsid: nsid));
        TestHost.AssertStatus(
            Status.InvalidNamespaceOrFormat, Receive(DirectiveType.Identify, 1, new byte[4096], nsid: nsid));
    }

    [Fact]
    public void Operations_of_streams_need_them_to_be_enabled()
    {
        TestHost.AssertStatus(Status.InvalidField, Receive(DirectiveType.Streams, 1, new byte[32]));
        TestHost.AssertStatus(Status.InvalidField, Send(DirectiveType.Streams, 2));
    }

    [Fact]
    public void Data_shorter_than_the_command_asks_for_is_refused_and_longer_data_is_cleared()
    {
        Enable();
        TestHost.AssertStatus(Status.DataSglLengthInvalid, Receive(DirectiveType.Streams, 1, new byte[16], dwords: 8));
        byte[] data = [.. Enumerable.Repeat((byte)0xEE, 64)];
        TestHost.AssertStatus(Status.Success, Receive(DirectiveType.Streams, 1, data, dwords: 1));
        Assert.NotEqual(0, data[0]);
        Assert.All(data[4..], b => Assert.Equal(0, b));
    }

    [Fact]
    public void The_parameters_tell_what_there_is()
    {
        Enable();
        StreamsParameters parameters = StreamParameters();
        ushort limit = parameters.Msl;
        Assert.Equal(new FtlOptions().HostFrontiers, (int)limit);
        Assert.Equal(
            (limit, 0, 0, 0),
            ((ushort)parameters.Nssa, (ushort)parameters.Nsso, (ushort)parameters.Nsa, (ushort)parameters.Nso));
        Assert.True(parameters.Sws >= 1 && parameters.Sgs >= 1);
        StreamsParameters whole = StreamParameters(nsid: uint.MaxValue);
        Assert.Equal((limit, limit), ((ushort)whole.Msl, (ushort)whole.Nssa));
        Assert.Equal(0u, (uint)whole.Sws);
    }

    [Fact]
    public void A_write_opens_its_stream_and_a_release_closes_it()
    {
        Enable();
        TestHost.AssertStatus(Status.Success, Write(stream: 700));
        TestHost.AssertStatus(Status.Success, Write(stream: 5));
        TestHost.AssertStatus(Status.Success, Write(stream: 700));
        Assert.Equal([5, 700], OpenStreams());
        Assert.Equal([5, 700], OpenStreams(nsid: uint.MaxValue));
        Assert.Equal((2, 2), ((ushort)StreamParameters().Nsso, (ushort)StreamParameters().Nso));
        TestHost.AssertStatus(Status.Success, Send(DirectiveType.Streams, 1, specific: 5));
        TestHost.AssertStatus(Status.Success, Send(DirectiveType.Streams, 1, specific: 6));
        Assert.Equal([700], OpenStreams());
    }

    [Theory]
    [InlineData(0x0, 7, true)]
    [InlineData(0x1, 0, true)]
    [InlineData(0x1, 0xFFFF, true)]
    [InlineData(0x2, 7, false)]
    [InlineData(0xF, 7, false)]
    public void With_streams_enabled_a_write_names_no_other_directive(uint type, ushort specific, bool succeeds)
    {
        TestHost.AssertStatus(Status.Success, Write(specific, type));
        Enable();
        TestHost.AssertStatus(succeeds ? Status.Success : Status.InvalidField, Write(specific, type));
    }

    [Fact]
    public void With_every_stream_open_the_one_written_longest_ago_gives_way()
    {
        Enable();
        int limit = StreamParameters().Msl;
        for (ushort id = 1; id <= limit; id++)
            Write(id);
        Write(1);
        Write(1000);
        Assert.Equal([1, .. Enumerable.Range(3, limit - 2), 1000], OpenStreams().Select(id => (int)id));
    }

    [Fact]
    public void Streams_for_exclusive_use_are_taken_from_those_for_all_and_given_back()
    {
        Enable();
        int limit = StreamParameters().Msl;
        Write(9);
        CommandOutcome granted = Receive(DirectiveType.Streams, 3, [], cdw12: 2);
        TestHost.AssertStatus(Status.Success, granted);
        Assert.Equal(2u, granted.Dw0);
        StreamsParameters parameters = StreamParameters();
        Assert.Equal((limit - 2, 2, 0), ((ushort)parameters.Nssa, (ushort)parameters.Nsa, (ushort)parameters.Nso));
        TestHost.AssertStatus(Status.InvalidField, Receive(DirectiveType.Streams, 3, [], cdw12: 1));

        for (ushort id = 1; id <= 3; id++)
            Write(id);
        Assert.Equal([2, 3], OpenStreams());
        Assert.Equal(0, (ushort)StreamParameters().Nsso);
        TestHost.AssertStatus(Status.Success, Send(DirectiveType.Streams, 2));
        TestHost.AssertStatus(Status.Success, Send(DirectiveType.Streams, 2));
        Assert.Equal((limit, 0), ((ushort)StreamParameters().Nssa, (ushort)StreamParameters().Nsa));
        Assert.Empty(OpenStreams());
    }

    [Fact]
    public void When_another_host_has_every_stream_to_itself_writes_go_on_without_one()
    {
        TestHost other = TestHost.Connect(_drive, _clock, hostId: 42);
        Enable();
        Enable(other);
        CommandOutcome granted = Receive(DirectiveType.Streams, 3, [], cdw12: ushort.MaxValue, host: other);
        Assert.Equal((uint)(ushort)StreamParameters().Msl, granted.Dw0);
        TestHost.AssertStatus(Status.StreamResourceAllocationFailed, Receive(DirectiveType.Streams, 3, [], cdw12: 1));
        TestHost.AssertStatus(Status.Success, Write(3));
        Assert.Empty(OpenStreams());
    }

    [Fact]
    public void A_reset_disables_the_streams_of_a_host_that_has_no_other_controller()
    {
        Enable();
        Write(3);
        TestHost second = TestHost.Connect(_drive, _clock);
        Assert.True(second.SetConfiguration(default).IsSuccess);
        Assert.Equal(1u | StreamsEnabled, (uint)Parameters().Dire);
        Assert.True(_host.SetConfiguration(default).IsSuccess);
        TestHost third = TestHost.Connect(_drive, _clock);
        Assert.Equal(1u, (uint)Parameters(third).Dire);
    }

    [Fact]
    public void Format_closes_the_streams_of_the_namespace()
    {
        Enable();
        Write(3);
        TestHost.AssertStatus(Status.Success, _host.Admin(AdminOpcode.FormatNvm, nsid: 1));
        Assert.Empty(OpenStreams());
        Assert.Equal(1u | StreamsEnabled, (uint)Parameters().Dire);
    }

    [Fact]
    public void Writing_to_streams_allocates_nothing_even_if_each_write_opens_one()
    {
        Enable();
        byte[] data = new byte[4096];
        Exercise();
        long before = GC.GetAllocatedBytesForCurrentThread();
        Exercise();
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());

        void Exercise()
        {
            for (uint id = 1; id < 300; id++)
                _host.Io(IoOpcode.Write, data, cdw10: id, cdw12: 1 << 20, cdw13: id << 16);
        }
    }

    private void Enable(TestHost? host = null, bool enable = true) => TestHost.AssertStatus(
        Status.Success, Send(DirectiveType.Identify, 1, cdw12: (enable ? 1u : 0) | 1 << 8, host: host));

    private CommandOutcome Send(
        DirectiveType type, byte operation, ushort specific = 0, uint cdw12 = 0, uint nsid = 1, TestHost? host = null) =>
        (host ?? _host).Admin(
            AdminOpcode.DirectiveSend, default, nsid, 0, operation | ((uint)type << 8) | ((uint)specific << 16), cdw12);

    private CommandOutcome Receive(
        DirectiveType type,
        byte operation,
        byte[] data,
        uint cdw12 = 0,
        uint nsid = 1,
        int? dwords = null,
        TestHost? host = null) =>
        (host ?? _host).Admin(
            AdminOpcode.DirectiveReceive,
            data,
            nsid,
            (uint)Math.Max(0, (dwords ?? (data.Length / 4)) - 1),
            operation | ((uint)type << 8),
            cdw12);

    private IdentifyDirectiveParameters Parameters(TestHost? host = null)
    {
        byte[] data = new byte[4096];
        TestHost.AssertStatus(Status.Success, Receive(DirectiveType.Identify, 1, data, host: host));
        return WireStruct.Read<IdentifyDirectiveParameters>(data);
    }

    private StreamsParameters StreamParameters(uint nsid = 1)
    {
        byte[] data = new byte[StreamsParameters.Size];
        TestHost.AssertStatus(Status.Success, Receive(DirectiveType.Streams, 1, data, nsid: nsid));
        return WireStruct.Read<StreamsParameters>(data);
    }

    private ushort[] OpenStreams(uint nsid = 1)
    {
        byte[] data = new byte[1024];
        TestHost.AssertStatus(Status.Success, Receive(DirectiveType.Streams, 2, data, nsid: nsid));
        return [.. Enumerable.Range(1, BitConverter.ToUInt16(data)).Select(i => BitConverter.ToUInt16(data, i * 2))];
    }

    private CommandOutcome Write(ushort stream, uint type = 1) =>
        _host.Io(IoOpcode.Write, new byte[4096], cdw12: type << 20, cdw13: (uint)stream << 16);
}
