using Emulator.Core;
using Emulator.Device;
using Emulator.Wire;

namespace Emulator.UnitTests.Device;

public sealed class AssociationTests : IDisposable
{
    private readonly Drive _drive = new(TestHost.SmallDrive);
    private readonly TestClock _clock = new();

    public void Dispose() => _drive.Dispose();

    [Fact]
    public void A_host_that_reconnects_has_its_controller_identifier_again()
    {
        TestHost host = TestHost.Connect(_drive, _clock);
        TestHost other = TestHost.Connect(_drive, _clock, "nqn.2026-11.io.emulator:other", hostId: 2);
        ushort before = host.ControllerId;
        Assert.NotEqual(before, other.ControllerId);

        host.SetConfiguration(default);
        host.Reconnect();

        Assert.Equal(before, host.ControllerId);
    }

    [Fact]
    public void A_second_connection_of_a_host_leaves_the_first_alone_before_that_is_enabled()
    {
        var first = TestHost.Connect(_drive, _clock);
        first.SetConfiguration(default);
        first.Reconnect();
        ConnectOutcome early = first.TryConnect(0, ConnectData.AnyDynamicController, 0, out TestEndpoint earlyEndpoint);

        ConnectOutcome second = first.TryConnect(0, ConnectData.AnyDynamicController, 0, out _);

        Assert.Equal(Status.Success, second.Status);
        Assert.Null(earlyEndpoint.Closed);
        Assert.NotEqual(early.Queue!.Controller.Id, second.Queue!.Controller.Id);
    }

    [Fact]
    public void A_reset_aborts_the_requests_for_events_that_are_outstanding()
    {
        TestHost host = TestHost.Connect(_drive, _clock);
        Assert.Equal(OutcomeKind.Pending, host.RequestEvent().Kind);

        host.ResetController();

        (_, CommandOutcome outcome) = Assert.Single(host.Endpoint.Posted);
        Assert.Equal(Status.AbortedSqDeletion, outcome.Status);
    }

    [Fact]
    public void A_silent_host_loses_its_association_when_the_keep_alive_time_is_over()
    {
        TestHost host = TestHost.Connect(_drive, _clock, keepAliveMilliseconds: 5000);
        host.Wait(SimDuration.FromMilliseconds(4999));
        Assert.Null(host.Endpoint.Closed);

        host.Wait(SimDuration.FromMilliseconds(1));

        Assert.Equal(CloseReason.KeepAliveExpired, host.Endpoint.Closed);
    }

    [Fact]
    public void Commands_before_the_controller_is_enabled_are_out_of_sequence()
    {
        TestHost host = TestHost.Connect(_drive, _clock);
        host.SetConfiguration(default);
        TestHost.AssertStatus(Status.CommandSequenceError, host.Admin(AdminOpcode.KeepAlive));
    }

    [Fact]
    public void A_read_of_a_fresh_namespace_gives_zeroes()
    {
        TestHost host = TestHost.Connect(_drive, _clock);
        byte[] data = new byte[8192];

        TestHost.AssertStatus(Status.Success, host.Transfer(IoOpcode.Read, startLba: 7, blockCount: 2, data));

        Assert.All(data, value => Assert.Equal(0, value));
    }
}
