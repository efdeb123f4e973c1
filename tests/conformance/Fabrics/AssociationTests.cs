using Emulator.Tcp;
using Emulator.Wire;

namespace Emulator.ConformanceTests;

/// <summary>Queues come and go, and with the admin queue the association (Base 2.1, 3.1.3.3 and 6.2).</summary>
public sealed class AssociationTests(TargetFixture target) : IClassFixture<TargetFixture>
{
    [Fact]
    public void The_whole_start_of_an_association_succeeds_as_a_host_does_it()
    {
        using HostController controller = HostController.ConnectWithQueues(target.Host, ioQueues: 4);
        Assert.Equal(controller.Id, controller.Identity.Cntlid.Value);
        Assert.Equal(4, controller.IoQueues.Count);
        foreach (HostQueue queue in controller.IoQueues)
            new Bystander(queue).AssertUndisturbed();
    }

    [Fact]
    public void Disconnect_closes_an_io_queue_after_its_response_and_it_can_be_connected_again()
    {
        using HostController controller = target.Connect(out HostQueue queue);
        Assert.True(queue.Execute(HostCommands.Disconnect()).IsSuccess);
        Assert.True(queue.WaitForClose(TestTarget.Patience));
        using HostQueue again = HostQueue.Connect(controller.Options, controller.IoQueueOptions(1));
        new Bystander(again).AssertUndisturbed();
    }

    [Fact]
    public void The_admin_queue_cannot_be_disconnected()
    {
        using HostController controller = target.Connect();
        Assert.Equal(
            Status.InvalidQueueType.WithDoNotRetry(), controller.Admin.Execute(HostCommands.Disconnect()).Status);
        Assert.True(controller.Status.Rdy);
    }

    [Fact]
    public void An_io_connection_that_is_lost_leaves_the_association_and_can_be_made_again()
    {
        using HostController controller = target.Connect(out HostQueue queue);
        HostQueue second = target.ConnectIoQueue(controller);
        queue.Close();
        new Bystander(second).AssertUndisturbed();
        HostQueue? again = null;
        TestTarget.Eventually("the queue can be connected again", () => TryConnect(controller, 1, out again));
        using (again)
            new Bystander(again!).AssertUndisturbed();
        Assert.True(controller.Status.Rdy);
    }

    [Fact]
    public void When_the_admin_connection_is_lost_so_are_the_io_connections()
    {
        using HostController controller = target.Connect(out HostQueue first);
        HostQueue second = target.ConnectIoQueue(controller);
        controller.Admin.Close();
        Assert.True(first.WaitForClose(TestTarget.Patience));
        Assert.True(second.WaitForClose(TestTarget.Patience));
    }

    [Fact]
    public void A_fatal_error_on_an_io_connection_leaves_the_other_queues()
    {
        using HostController controller = target.Connect(out HostQueue queue);
        using var raw = new RawHost(target.EndPoint, target.Drive.Nqn, PduDigests.None);
        raw.Initialize();
        ConnectData data = raw.ConnectDataOf(controller.Id, target.Host.HostNqn);
        data.Hostid = default;
        ((Span<byte>)data.Hostid)[0] = 1;
        Assert.Equal(Status.Success, raw.Connect(RawHost.ConnectCommandOf(2), data).Status);
        raw.Connection.Send(PduBuilder.IcReq());
        raw.AssertClosed();
        new Bystander(queue).AssertUndisturbed();
        Assert.True(controller.Status.Rdy);
    }

    [Fact]
    public void A_host_that_comes_back_finds_its_controller_identifier()
    {
        HostOptions host = target.Host with { HostNqn = "nqn.2026-11.io.emulator:returning" };
        ushort id;
        using (HostController controller = target.Connect(host))
            id = controller.Id;
        TestTarget.Eventually("its old association is gone", () => !IsConnected(id));
        using HostController again = target.Connect(host);
        Assert.Equal(id, again.Id);
    }

    [Fact]
    public void One_host_may_have_two_controllers_at_once()
    {
        HostOptions host = target.Host with { HostNqn = "nqn.2026-11.io.emulator:two-paths" };
        using HostController first = target.Connect(out HostQueue firstQueue, host);
        using HostController second = target.Connect(out HostQueue secondQueue, host);
        Assert.NotEqual(first.Id, second.Id);

        byte[] data = new byte[4096];
        data.AsSpan().Fill(0x2A);
        byte[] read = new byte[4096];
        Assert.True(firstQueue.Execute(HostCommands.Write(1, 77, 1), data).IsSuccess);
        Assert.True(secondQueue.Execute(HostCommands.Read(1, 77, 1), read).IsSuccess);
        Assert.Equal(data, read);
    }

    [Fact]
    public async Task Many_hosts_with_many_queues_work_at_once()
    {
        const int hosts = 6;
        const int queues = 4;
        Task[] running = [.. Enumerable.Range(0, hosts).Select(host => Task.Run(() => WorkAs(host, queues)))];
        await Task.WhenAll(running).WaitAsync(3 * TestTarget.Patience);
    }

    private void WorkAs(int host, int queues)
    {
        const int blocksOfQueue = 64;
        HostOptions options = target.Host with { HostNqn = "nqn.2026-11.io.emulator:host" + host };
        using HostController controller = target.Connect(options);
        for (int i = 0; i < queues; i++)
            target.ConnectIoQueue(controller);
        byte[] data = new byte[8 * 4096];
        byte[] read = new byte[data.Length];
        for (int round = 0; round < 40; round++)
        {
            HostQueue queue = controller.IoQueues[round % queues];
            ulong lba = (ulong)((((host * queues) + (round % queues)) * blocksOfQueue) + round);
            new Core.SeededRandom(lba).Fill(data);
            Assert.Equal(Status.Success, queue.Execute(HostCommands.Write(1, lba, 8), data).Status);
            Assert.Equal(Status.Success, queue.Execute(HostCommands.Read(1, lba, 8), read).Status);
            Assert.Equal(data, read);
        }
    }

    private static bool TryConnect(HostController controller, ushort queueId, out HostQueue? queue)
    {
        try
        {
            queue = HostQueue.Connect(controller.Options, controller.IoQueueOptions(queueId));
            return true;
        }
        catch (HostCommandException refused) when (refused.Status.Matches(Status.CommandSequenceError))
        {
            queue = null;
            return false;
        }
    }

    private bool IsConnected(ushort id) =>
        target.OnReactor(() => target.Drive.ConnectedControllers.Any(controller => controller.Id == id));
}
