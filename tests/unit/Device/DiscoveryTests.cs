using Emulator.Core;
using Emulator.Device;
using Emulator.Wire;

namespace Emulator.UnitTests.Device;

public sealed class DiscoveryTests
{
    private static readonly DiscoveryEntry Drive0 =
        new("nqn.2026-11.io.emulator:drive0", AddressFamily.Ipv4, "127.0.0.1", 4420, PortId: 1);

    private static readonly DiscoveryEntry Drive1 =
        new("nqn.2026-11.io.emulator:drive1", AddressFamily.Ipv6, "::1", 4421, PortId: 2);

    private readonly DiscoverySubsystem _service = new([Drive0, Drive1]);
    private readonly TestClock _clock = new();
    private readonly TestHost _host;

    public DiscoveryTests() => _host = TestHost.Connect(_service, _clock);

    [Fact]
    public void Identify_says_that_it_is_a_discovery_controller()
    {
        IdentifyController id = _host.IdentifyController();
        Assert.Equal(ControllerType.Discovery, id.Cntrltype);
        Assert.Equal(_host.ControllerId, id.Cntlid.Value);
        Assert.Equal((uint)AsyncEventNotices.DiscoveryLogPageChange, id.Oaes.Value);
    }

    [Fact]
    public void The_log_page_has_an_entry_for_each_subsystem_and_address()
    {
        byte[] page = _host.GetLog(LogPageId.Discovery, 3 * 1024);

        ref readonly DiscoveryLogHeader header = ref WireStruct.Read<DiscoveryLogHeader>(page);
        Assert.Equal((1ul, 2ul, 0), (header.Genctr.Value, header.Numrec.Value, header.Recfmt.Value));
        AssertEntry(Drive0, page.AsSpan(1024, 1024));
        AssertEntry(Drive1, page.AsSpan(2048, 1024));
    }

    [Fact]
    public void The_log_page_can_be_read_in_pieces()
    {
        byte[] whole = _host.GetLog(LogPageId.Discovery, 3 * 1024);
        byte[] piece = _host.GetLog(LogPageId.Discovery, 512, offset: 1024 + 256);
        Assert.Equal(whole[1280..1792], piece);
        Assert.All(_host.GetLog(LogPageId.Discovery, 64, offset: 3 * 1024), value => Assert.Equal(0, value));
        TestHost.AssertStatus(Status.InvalidField, _host.TryGetLog(LogPageId.Discovery, 64, out _, offset: (3 * 1024) + 4));
    }

    [Fact]
    public void A_change_is_notified_to_who_asked_for_it_and_to_nobody_else()
    {
        TestHost other = TestHost.Connect(_service, _clock, hostId: 2);
        Assert.NotEqual(_host.ControllerId, other.ControllerId);
        _host.EnableEvents(AsyncEventNotices.DiscoveryLogPageChange);
        _host.RequestEvent();
        other.RequestEvent();

        _service.Publish([Drive0]);

        Assert.Equal([0x0070_F002u], _host.TakeEvents());
        Assert.Empty(other.TakeEvents());
        Assert.Equal(2ul, WireStruct.Read<DiscoveryLogHeader>(_host.GetLog(LogPageId.Discovery, 1024)).Genctr.Value);
    }

    [Fact]
    public void An_io_queue_is_refused()
    {
        ConnectOutcome outcome = _host.TryConnect(1, _host.ControllerId, 0, out _);
        Assert.True(Status.ConnectInvalidParameters.Matches(outcome.Status));
        Assert.Equal(42u, outcome.Dw0);
    }

    [Theory]
    [InlineData(AdminOpcode.NamespaceManagement)]
    [InlineData(AdminOpcode.FormatNvm)]
    [InlineData(AdminOpcode.FirmwareCommit)]
    [InlineData(AdminOpcode.CreateIoSubmissionQueue)]
    public void Commands_of_other_controllers_are_invalid_opcodes(AdminOpcode opcode) =>
        TestHost.AssertStatus(Status.InvalidOpcode, _host.Admin(opcode));

    [Fact]
    public void Other_pages_features_and_identify_structures_are_not_there()
    {
        TestHost.AssertStatus(Status.InvalidLogPage, _host.TryGetLog(LogPageId.SmartHealth, 512, out _));
        TestHost.AssertStatus(Status.InvalidField, _host.TryIdentify(IdentifyCns.ActiveNamespaceList, out _));
        TestHost.AssertStatus(Status.InvalidField, _host.GetFeature(FeatureId.NumberOfQueues));
        TestHost.AssertStatus(Status.InvalidField, _host.SetFeature(FeatureId.Arbitration, 0));
    }

    [Fact]
    public void A_host_without_keep_alive_is_gone_after_two_idle_minutes()
    {
        _host.Wait(SimDuration.FromSeconds(119));
        _host.IdentifyController();
        _host.Wait(SimDuration.FromSeconds(119));
        Assert.Null(_host.Endpoint.Closed);
        _host.Wait(SimDuration.FromSeconds(1));
        Assert.Equal(CloseReason.KeepAliveExpired, _host.Endpoint.Closed);
        Assert.Equal(SimTime.Never, _service.NextEvent);
    }

    [Fact]
    public void Connections_beyond_the_limit_are_told_to_try_again()
    {
        for (int i = 1; i < DiscoverySubsystem.MostControllers; i++)
            TestHost.Connect(_service, _clock, hostId: (ulong)i);
        ConnectOutcome outcome = _host.TryConnect(0, ConnectData.AnyDynamicController, 0, out _);
        Assert.Equal(Status.ConnectControllerBusy, outcome.Status);
    }

    private static void AssertEntry(DiscoveryEntry expected, ReadOnlySpan<byte> bytes)
    {
        ref readonly DiscoveryLogEntry entry = ref WireStruct.Read<DiscoveryLogEntry>(bytes);
        Assert.Equal(TransportType.Tcp, entry.Trtype);
        Assert.Equal(expected.Family, entry.Adrfam);
        Assert.Equal(SubsystemType.Nvm, entry.Subtype);
        Assert.Equal(0xFFFF, entry.Cntlid.Value);
        Assert.True(entry.Asqsz.Value >= 32);
        Assert.Equal(expected.Address, TextField.ReadPadded(entry.Traddr));
        Assert.Equal(expected.Port.ToString(System.Globalization.CultureInfo.InvariantCulture), TextField.ReadPadded(entry.Trsvcid));
        Assert.Equal(expected.SubsystemNqn, System.Text.Encoding.UTF8.GetString(TextField.Terminated(entry.Subnqn)));
    }
}
