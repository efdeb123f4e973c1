using System.Runtime.InteropServices;
using Emulator.Device;
using Emulator.Wire;

namespace Emulator.UnitTests.Device;

/// <summary>Properties, Disconnect, Abort and the requests for events, as every controller over fabrics has them.</summary>
public sealed class FabricsCommandTests : IDisposable
{
    private readonly Drive _drive;
    private readonly TestHost _host;

    public FabricsCommandTests() => _host = TestHost.ConnectToNewDrive(out _drive);

    public void Dispose() => _drive.Dispose();

    [Fact]
    public void Capabilities_version_and_status_can_be_read()
    {
        ControllerCapabilities capabilities = new(Value(Get(ControllerProperty.Cap, wide: true)));
        Assert.Equal((255, true, 1), (capabilities.Mqes, capabilities.Cqr, capabilities.Css));
        Assert.Equal(ControllerProperty.Version210, Value(Get(ControllerProperty.Vs)));
        Assert.Equal(1ul, Value(Get(ControllerProperty.Csts)));
        Assert.True(new ControllerConfiguration((uint)Value(Get(ControllerProperty.Cc))).En);
    }

    [Theory]
    [InlineData(ControllerProperty.Cap, false)]
    [InlineData(ControllerProperty.Vs, true)]
    [InlineData(ControllerProperty.Nssr, false)]
    [InlineData(ControllerProperty.Crto, false)]
    [InlineData(ControllerProperty.Aqa, false)]
    [InlineData(0x1000u, false)]
    public void A_property_that_is_not_there_or_of_another_size_is_an_invalid_field(uint offset, bool wide) =>
        TestHost.AssertStatus(Status.InvalidField, Get(offset, wide));

    [Fact]
    public void Shutdown_is_complete_when_it_was_asked_for()
    {
        _host.SetConfiguration(new ControllerConfiguration { En = true, Iosqes = 6, Iocqes = 4, Shn = ShutdownNotification.Normal });
        Assert.Equal(ShutdownStatus.Complete, new ControllerStatus((uint)Value(Get(ControllerProperty.Csts))).Shst);
    }

    [Fact]
    public void A_configuration_that_cannot_be_served_is_fatal()
    {
        _host.SetConfiguration(default);
        _host.SetConfiguration(new ControllerConfiguration { En = true, Mps = 1 });
        ControllerStatus status = new((uint)Value(Get(ControllerProperty.Csts)));
        Assert.Equal((false, true), (status.Rdy, status.Cfs));
    }

    [Fact]
    public void Requests_for_events_are_limited_and_can_be_aborted()
    {
        int limit = _host.IdentifyController().Aerl + 1;
        for (int i = 0; i < limit; i++)
            Assert.Equal(OutcomeKind.Pending, _host.RequestEvent().Kind);
        TestHost.AssertStatus(Status.AsyncEventRequestLimitExceeded, _host.RequestEvent());

        ushort last = (ushort)(_host.Entry(0, 0, 0, 0, 0, 0, 0, 0).Cid - 2);
        Assert.Equal(0u, _host.Admin(AdminOpcode.Abort, cdw10: (uint)last << 16).Dw0);

        (ushort commandId, CommandOutcome outcome) = Assert.Single(_host.Endpoint.Posted);
        Assert.Equal(last, commandId);
        TestHost.AssertStatus(Status.CommandAbortRequested, outcome);
        Assert.Equal(1u, _host.Admin(AdminOpcode.Abort, cdw10: (uint)last << 16).Dw0);
    }

    [Fact]
    public void An_io_queue_can_be_disconnected_and_the_admin_queue_cannot()
    {
        QueuePair queue = _host.IoQueue(1);
        SubmissionEntry disconnect = Fabrics(new DisconnectCommand
        {
            Opcode = (byte)AdminOpcode.Fabrics,
            Fctype = FabricsCommandType.Disconnect,
        });
        TestHost.AssertStatus(Status.InvalidQueueType, _host.Submit(_host.AdminQueue, disconnect, []));
        TestHost.AssertStatus(Status.Success, _host.Submit(queue, disconnect, []));
        Assert.Equal(CloseReason.Disconnected, ((TestEndpoint)queue.Endpoint).Closed);
        Assert.True(_host.TryConnect(1, _host.ControllerId, 0, out _).Status.IsSuccess);
    }

    private CommandOutcome Get(uint offset, bool wide = false) =>
        _host.Submit(
            _host.AdminQueue,
            Fabrics(new PropertyGetCommand
            {
                Opcode = (byte)AdminOpcode.Fabrics,
                Fctype = FabricsCommandType.PropertyGet,
                Attrib = wide ? (byte)1 : (byte)0,
                Ofst = offset,
            }),
            []);

    private static ulong Value(CommandOutcome outcome)
    {
        TestHost.AssertStatus(Status.Success, outcome);
        return outcome.Dw0 | ((ulong)outcome.Dw1 << 32);
    }

    private static SubmissionEntry Fabrics<T>(T command)
        where T : unmanaged => MemoryMarshal.Cast<T, SubmissionEntry>(new Span<T>(ref command))[0];
}
