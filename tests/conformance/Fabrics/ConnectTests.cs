using Emulator.Tcp;
using Emulator.Wire;

namespace Emulator.ConformanceTests;

/// <summary>The Connect command and its refusals (Base 2.1, 6.3).</summary>
public sealed class ConnectTests(TargetFixture target) : IClassFixture<TargetFixture>
{
    private const int RecfmtOffset = 40;
    private const int QidOffset = 42;
    private const int SqsizeOffset = 44;
    private const int CattrOffset = 46;
    private const int CntlidOffset = 16;
    private const int SubnqnOffset = 256;
    private const int HostnqnOffset = 512;
    private const uint InData = 1u << 16;

    private const string AllowedHost = "nqn.2026-11.io.emulator:allowed";

    [Theory]
    [InlineData(RecfmtOffset, 1, nameof(Status.ConnectIncompatibleFormat), 0u)]
    [InlineData(RecfmtOffset, 0xFFFF, nameof(Status.ConnectIncompatibleFormat), 0u)]
    [InlineData(QidOffset, 0xFFFF, nameof(Status.ConnectInvalidParameters), InData | CntlidOffset)]
    [InlineData(SqsizeOffset, 0, nameof(Status.ConnectInvalidParameters), (uint)SqsizeOffset)]
    [InlineData(SqsizeOffset, 256, nameof(Status.ConnectInvalidParameters), (uint)SqsizeOffset)]
    [InlineData(SqsizeOffset, 0xFFFF, nameof(Status.ConnectInvalidParameters), (uint)SqsizeOffset)]
    [InlineData(CattrOffset, 0x20, nameof(Status.ConnectInvalidParameters), (uint)CattrOffset)]
    [InlineData(CattrOffset, 0x80, nameof(Status.ConnectInvalidParameters), (uint)CattrOffset)]
    public void A_command_with_one_field_wrong_is_refused_and_a_right_one_accepted_afterwards(
        int offset, ushort value, string status, uint result)
    {
        using RawHost raw = target.OpenRaw();
        ConnectCommand command = RawHost.ConnectCommandOf(0);
        WireStruct.Write<U16Le>(WireStruct.Bytes(ref command)[offset..], value);
        CompletionEntry refused = raw.Connect(command, raw.ConnectDataOf(ConnectData.AnyDynamicController));
        Assert.Equal(Statuses.Named(status).WithDoNotRetry(), refused.Status);
        Assert.Equal(result, refused.Dw0.Value);
        raw.ConnectAdmin();
        raw.Enable();
    }

    [Theory]
    [InlineData("nqn.2026-11.io.emulator:nobody")]
    [InlineData("nqn.2026-11.io.emulator:drive00")]
    [InlineData("nqn.2026-11.io.emulator:drive")]
    [InlineData("NQN.2026-11.io.emulator:drive0")]
    [InlineData("")]
    public void An_unknown_subsystem_is_an_invalid_parameter(string subsystem)
    {
        using RawHost raw = target.OpenRaw();
        ConnectData data = raw.ConnectDataOf(ConnectData.AnyDynamicController);
        Assert.True(TextField.TryWriteTerminated(data.Subnqn, subsystem));
        AssertInvalidParameter(raw.Connect(RawHost.ConnectCommandOf(0), data), InData | SubnqnOffset);
    }

    [Fact]
    public void A_host_name_without_an_end_is_an_invalid_parameter()
    {
        using RawHost raw = target.OpenRaw();
        ConnectData data = raw.ConnectDataOf(ConnectData.AnyDynamicController);
        ((Span<byte>)data.Hostnqn).Fill((byte)'n');
        AssertInvalidParameter(raw.Connect(RawHost.ConnectCommandOf(0), data), InData | HostnqnOffset);
    }

    [Fact]
    public void A_host_without_a_name_connects_where_every_host_may()
    {
        using RawHost raw = target.OpenRaw();
        ConnectData data = raw.ConnectDataOf(ConnectData.AnyDynamicController);
        ((Span<byte>)data.Hostnqn).Clear();
        Assert.Equal(Status.Success, raw.Connect(RawHost.ConnectCommandOf(0), data).Status);
    }

    [Fact]
    public void A_subsystem_name_without_an_end_is_an_invalid_parameter()
    {
        using RawHost raw = target.OpenRaw();
        ConnectData data = raw.ConnectDataOf(ConnectData.AnyDynamicController);
        ((Span<byte>)data.Subnqn).Fill((byte)'n');
        AssertInvalidParameter(raw.Connect(RawHost.ConnectCommandOf(0), data), InData | SubnqnOffset);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(0xFFFE)]
    public void The_controller_of_an_admin_queue_is_not_the_hosts_to_choose(ushort controllerId)
    {
        using RawHost raw = target.OpenRaw();
        AssertInvalidParameter(
            raw.Connect(RawHost.ConnectCommandOf(0), raw.ConnectDataOf(controllerId)), InData | CntlidOffset);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1023)]
    [InlineData(1028)]
    public void Data_of_another_length_than_1024_is_refused(int length)
    {
        using RawHost raw = target.OpenRaw();
        ConnectCommand command = RawHost.ConnectCommandOf(0);
        SubmissionEntry entry = WireStruct.Read<SubmissionEntry>(WireStruct.Bytes(ref command));
        Assert.Equal(Status.DataSglLengthInvalid.WithDoNotRetry(), raw.Execute(entry, new byte[length]).Status);
        raw.ConnectAdmin();
    }

    [Fact]
    public void Nothing_but_connect_is_executed_before_connect()
    {
        SubmissionEntry[] commands =
        [
            HostCommands.KeepAlive(),
            HostCommands.Flush(1),
            HostCommands.Identify(IdentifyCns.Controller),
            HostCommands.PropertyGet(ControllerProperty.Csts),
            RawHost.EnableCommand,
            HostCommands.Disconnect(),
        ];
        using RawHost raw = target.OpenRaw();
        foreach (SubmissionEntry command in commands)
            Assert.Equal(Status.CommandSequenceError.WithDoNotRetry(), raw.Execute(command).Status);
        raw.ConnectAdmin();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void A_connection_has_one_queue(ushort secondQueueId)
    {
        using RawHost raw = target.ConnectRaw();
        ushort controllerId = secondQueueId == 0 ? ConnectData.AnyDynamicController : raw.ControllerId;
        CompletionEntry second = raw.Connect(RawHost.ConnectCommandOf(secondQueueId), raw.ConnectDataOf(controllerId));
        Assert.Equal(Status.CommandSequenceError.WithDoNotRetry(), second.Status);
        Assert.True(raw.Execute(HostCommands.KeepAlive()).Status.IsSuccess);
    }

    [Fact]
    public void An_io_queue_needs_the_controller_identifier_of_its_association()
    {
        using RawHost admin = target.ConnectRaw();
        using RawHost raw = target.OpenRaw();
        ushort[] wrong = [0, (ushort)(admin.ControllerId + 100), 0x7FFF, 0xFFFE, ConnectData.AnyDynamicController];
        foreach (ushort id in wrong)
            AssertInvalidParameter(raw.Connect(RawHost.ConnectCommandOf(1), raw.ConnectDataOf(id)), InData | CntlidOffset);
        raw.ConnectIo(admin.ControllerId, 1);
    }

    [Fact]
    public void An_io_queue_of_another_hosts_controller_is_refused()
    {
        using HostController other = target.Connect();
        using RawHost raw = target.OpenRaw();
        AssertInvalidParameter(raw.Connect(RawHost.ConnectCommandOf(1), raw.ConnectDataOf(other.Id)), InData | CntlidOffset);
    }

    [Fact]
    public void An_io_queue_with_another_host_identifier_is_refused()
    {
        using RawHost admin = target.ConnectRaw();
        using RawHost raw = target.OpenRaw();
        ConnectData data = raw.ConnectDataOf(admin.ControllerId);
        ((Span<byte>)data.Hostid)[15] = 1;
        AssertInvalidParameter(raw.Connect(RawHost.ConnectCommandOf(1), data), InData | CntlidOffset);
    }

    [Theory]
    [InlineData(17)]
    [InlineData(0xFFFF)]
    public void A_queue_beyond_the_most_there_can_be_is_refused(ushort queueId)
    {
        using RawHost admin = target.ConnectRaw();
        using RawHost raw = target.OpenRaw();
        AssertInvalidParameter(
            raw.Connect(RawHost.ConnectCommandOf(queueId), raw.ConnectDataOf(admin.ControllerId)), QidOffset);
    }

    [Fact]
    public void A_queue_beyond_the_number_granted_is_refused()
    {
        using HostController controller = target.Connect();
        Assert.Equal(2, controller.RequestQueues(2));
        controller.Identify();
        controller.ConnectIoQueue(controller.IoQueueOptions(2));
        HostCommandException refused = Assert.Throws<HostCommandException>(
            () => controller.ConnectIoQueue(controller.IoQueueOptions(3)));
        Assert.Equal(Status.ConnectInvalidParameters.WithDoNotRetry(), refused.Status);
        Assert.Equal((uint)QidOffset, refused.Completion.Dw0);
    }

    [Fact]
    public void A_queue_that_is_connected_cannot_be_connected_again()
    {
        using RawHost first = target.ConnectRaw(out RawHost admin);
        using RawHost _ = admin;
        using RawHost second = target.OpenRaw();
        CompletionEntry refused = second.Connect(RawHost.ConnectCommandOf(1), second.ConnectDataOf(admin.ControllerId));
        Assert.Equal(Status.CommandSequenceError.WithDoNotRetry(), refused.Status);
        Assert.Equal(Status.Success, first.Execute(HostCommands.Flush(1)).Status);
        second.ConnectIo(admin.ControllerId, 2);
    }

    [Fact]
    public void An_io_queue_before_the_controller_is_enabled_is_out_of_sequence()
    {
        using RawHost admin = target.OpenRaw();
        admin.ConnectAdmin();
        using RawHost raw = target.OpenRaw();
        CompletionEntry refused = raw.Connect(RawHost.ConnectCommandOf(1), raw.ConnectDataOf(admin.ControllerId));
        Assert.Equal(Status.CommandSequenceError.WithDoNotRetry(), refused.Status);
        admin.Enable();
        raw.ConnectIo(admin.ControllerId, 1);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(255)]
    public void The_smallest_and_the_largest_queue_can_be_had(ushort zeroBasedEntries)
    {
        using RawHost admin = target.ConnectRaw();
        using RawHost raw = target.OpenRaw();
        ConnectCommand command = RawHost.ConnectCommandOf(1);
        command.Sqsize = zeroBasedEntries;
        Assert.Equal(Status.Success, raw.Connect(command, raw.ConnectDataOf(admin.ControllerId)).Status);
        for (int i = 2; i < 600; i++)
            Assert.Equal(i % (zeroBasedEntries + 1), raw.Execute(HostCommands.Flush(1)).Sqhd.Value);
    }

    [Theory]
    [InlineData("nqn.2026-11.io.emulator:stranger")]
    [InlineData("")]
    public void A_host_that_is_not_allowed_is_refused(string stranger)
    {
        using var strict = new TestTarget(TestTarget.SmallDrive with { AllowedHosts = [AllowedHost] });
        using RawHost raw = strict.OpenRaw();
        CompletionEntry refused = raw.Connect(
            RawHost.ConnectCommandOf(0), raw.ConnectDataOf(ConnectData.AnyDynamicController, stranger));
        Assert.Equal(Status.ConnectInvalidHost.WithDoNotRetry(), refused.Status);
        using HostController allowed = strict.Connect(strict.Host with { HostNqn = AllowedHost });
        Assert.True(allowed.Status.Rdy);
    }

    [Fact]
    public void A_host_too_many_is_told_to_try_again_and_succeeds_when_another_has_gone()
    {
        using var small = new TestTarget(TestTarget.SmallDrive with { FirstControllerId = 0x10, LastControllerId = 0x11 });
        HostOptions host = small.Host;
        using HostController first = small.Connect(host with { HostNqn = host.HostNqn + "1" });
        HostController second = small.Connect(host with { HostNqn = host.HostNqn + "2" });
        Assert.Equal((0x10, 0x11), (first.Id, second.Id));

        HostCommandException busy = Assert.Throws<HostCommandException>(
            () => small.Connect(host with { HostNqn = host.HostNqn + "3" }));
        Assert.Equal(Status.ConnectControllerBusy, busy.Status);

        second.Dispose();
        TestTarget.Eventually("the controller is gone", () => small.OnReactor(() => small.Drive.ConnectedControllers.Count()) == 1);
        using HostController third = small.Connect(host with { HostNqn = host.HostNqn + "3" });
        Assert.Equal(0x11, third.Id);
    }

    private static void AssertInvalidParameter(CompletionEntry refused, uint result)
    {
        Assert.Equal(Status.ConnectInvalidParameters.WithDoNotRetry(), refused.Status);
        Assert.Equal(result, refused.Dw0.Value);
    }
}
