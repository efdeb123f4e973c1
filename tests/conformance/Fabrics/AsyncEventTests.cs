using Emulator.Tcp;
using Emulator.Wire;

namespace Emulator.ConformanceTests;

/// <summary>Asynchronous Event Request and Abort over the wire (Base 2.1, 5.1.1 and 5.1.2).</summary>
[Trait(TestDoor.Trait, TestDoor.Any)]
public sealed class AsyncEventTests(TargetFixture target) : IClassFixture<TargetFixture>
{
    private const int Limit = 4;

    [Fact]
    public void A_request_too_many_is_refused_and_the_others_stay()
    {
        using HostController controller = target.Connect();
        HostQueue admin = controller.Admin;
        int[] outstanding =
            [.. Enumerable.Range(0, Limit).Select(_ => admin.Begin(HostCommands.AsynchronousEventRequest()))];
        Assert.Equal(
            Status.AsyncEventRequestLimitExceeded.WithDoNotRetry(),
            admin.Execute(HostCommands.AsynchronousEventRequest()).Status);
        Assert.True(admin.Execute(HostCommands.KeepAlive()).IsSuccess);
        Assert.DoesNotContain(outstanding, admin.IsDone);
    }

    [Fact]
    public void Identify_tells_the_limit()
    {
        using HostController controller = target.Connect();
        controller.Identify();
        Assert.Equal(Limit - 1, controller.Identity.Aerl);
    }

    [Fact]
    public void An_outstanding_request_can_be_aborted()
    {
        using HostController controller = target.Connect();
        HostQueue admin = controller.Admin;
        int kept = admin.Begin(HostCommands.AsynchronousEventRequest());
        int aborted = admin.Begin(HostCommands.AsynchronousEventRequest());
        HostCompletion abort = admin.Execute(HostCommands.Abort(0, admin.Entry(aborted).Cid));
        Assert.Equal((Status.Success, 0u), (abort.Status, abort.Dw0 & 1));
        Assert.Equal(Status.CommandAbortRequested, admin.Wait(aborted).Status);
        Assert.False(admin.IsDone(kept));
    }

    [Theory]
    [InlineData(0, 0x4321)]
    [InlineData(1, 0)]
    [InlineData(0xFFFF, 0)]
    public void A_command_that_is_not_outstanding_is_not_aborted(ushort queueId, ushort commandId)
    {
        using HostController controller = target.Connect();
        HostCompletion abort = controller.Admin.Execute(HostCommands.Abort(queueId, commandId));
        Assert.Equal((Status.Success, 1u), (abort.Status, abort.Dw0 & 1));
    }

    [Fact]
    public void A_reset_answers_outstanding_requests_and_new_ones_can_be_sent()
    {
        using HostController controller = target.Connect();
        int[] outstanding =
            [.. Enumerable.Range(0, Limit).Select(_ => controller.Admin.Begin(HostCommands.AsynchronousEventRequest()))];
        controller.Disable();
        foreach (int request in outstanding)
            Assert.Equal(Status.AbortedSqDeletion, controller.Admin.Wait(request).Status);
        controller.Enable();
        for (int i = 0; i < Limit; i++)
            controller.Admin.Begin(HostCommands.AsynchronousEventRequest());
        Assert.True(controller.Admin.Execute(HostCommands.KeepAlive()).IsSuccess);
        Assert.Equal(Limit, controller.Admin.Outstanding);
    }
}
