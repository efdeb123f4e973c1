using System.Net;
using Emulator.Core;
using Emulator.Device;
using Emulator.Tcp;
using Emulator.Wire;

namespace Emulator.ConformanceTests;

/// <summary>Addresses and what is behind them: IPv4, IPv6, several drives, the discovery service.</summary>
public sealed class ListenerTests
{
    private const string FirstNqn = "nqn.2026-11.io.emulator:first";
    private const string SecondNqn = "nqn.2026-11.io.emulator:second";

    [Fact]
    public void A_target_listens_on_both_families_and_serves_one_drive()
    {
        using var target = new TestTarget(options => options with
        {
            Listeners = [new IPEndPoint(IPAddress.Loopback, 0), new IPEndPoint(IPAddress.IPv6Loopback, 0)],
        });
        byte[] data = new byte[4096];
        new SeededRandom(1).Fill(data);
        byte[] read = new byte[4096];
        using HostController v4 = target.Connect(out HostQueue v4Queue);
        using HostController v6 = target.Connect(
            out HostQueue v6Queue, target.Host with { EndPoint = target.Target.Addresses[1], HostNqn = "nqn.2026-11.io.emulator:v6" });
        Assert.True(v6Queue.Execute(HostCommands.Write(1, 0, 1), data).IsSuccess);
        Assert.True(v4Queue.Execute(HostCommands.Read(1, 0, 1), read).IsSuccess);
        Assert.Equal(data, read);
    }

    [Fact]
    public void Several_drives_behind_one_address_are_told_apart_by_name_and_keep_their_data_apart()
    {
        using var target = new TestTarget(
            TestTarget.SmallDrive with { SubsystemNqn = FirstNqn, SerialNumber = "FIRST" },
            TestTarget.SmallDrive with { SubsystemNqn = SecondNqn, SerialNumber = "SECOND" });
        using HostController first = target.Connect(out HostQueue firstQueue, target.Host with { SubsystemNqn = FirstNqn });
        using HostController second = target.Connect(out HostQueue secondQueue, target.Host with { SubsystemNqn = SecondNqn });
        first.Identify();
        second.Identify();
        Assert.Equal(("FIRST", "SECOND"), (SerialOf(first), SerialOf(second)));

        byte[] data = new byte[4096];
        data.AsSpan().Fill(0x11);
        byte[] read = new byte[4096];
        Assert.True(firstQueue.Execute(HostCommands.Write(1, 0, 1), data).IsSuccess);
        Assert.True(secondQueue.Execute(HostCommands.Read(1, 0, 1), read).IsSuccess);
        Assert.Equal(new byte[4096], read);
    }

    [Fact]
    public void An_io_queue_of_one_drive_cannot_join_a_controller_of_another()
    {
        using var target = new TestTarget(
            TestTarget.SmallDrive with { SubsystemNqn = FirstNqn },
            TestTarget.SmallDrive with { SubsystemNqn = SecondNqn, FirstControllerId = 100 });
        using HostController first = target.Connect(target.Host with { SubsystemNqn = FirstNqn });
        HostCommandException refused = Assert.Throws<HostCommandException>(() => HostQueue.Connect(
            target.Host with { SubsystemNqn = SecondNqn }, first.IoQueueOptions(1)));
        Assert.Equal(Status.ConnectInvalidParameters.WithDoNotRetry(), refused.Status);
    }

    [Fact]
    public void An_address_in_use_is_an_error_at_once()
    {
        using var target = new TestTarget();
        Assert.Throws<ListenException>(() => new NvmeTcpTarget(
            new TargetOptions { Listeners = [target.EndPoint], Subsystems = [] }, new RecordingObserver()));
    }

    [Fact]
    public void A_target_that_stops_closes_its_connections_and_can_be_followed_by_another()
    {
        IPEndPoint address;
        HostController controller;
        using (var target = new TestTarget())
        {
            address = target.EndPoint;
            controller = target.Connect(out _);
        }

        using (controller)
        {
            Assert.True(controller.Admin.WaitForClose(TestTarget.Patience));
            Assert.True(controller.IoQueues[0].WaitForClose(TestTarget.Patience));
        }

        using var next = new TestTarget(options => options with { Listeners = [address] });
        next.AssertServes();
    }

    [Fact]
    public void The_discovery_service_lists_what_is_behind_the_address()
    {
        DiscoveryEntry[] entries =
        [
            new DiscoveryEntry(FirstNqn, AddressFamily.Ipv4, "127.0.0.1", 4420, 1),
            new DiscoveryEntry(SecondNqn, AddressFamily.Ipv4, "127.0.0.1", 4420, 1),
        ];
        using var target = new TestTarget(
            options => options with { Subsystems = [.. options.Subsystems, new DiscoverySubsystem(entries)] });
        using HostController discovery = target.Connect(
            target.Host with { SubsystemNqn = DiscoverySubsystem.WellKnownNqn });
        discovery.Identify();
        Assert.Equal(ControllerType.Discovery, discovery.Identity.Cntrltype);

        byte[] log = new byte[DiscoveryLogHeader.Size + (2 * DiscoveryLogEntry.Size)];
        discovery.Succeed("Get Log Page", HostCommands.GetLogPage(LogPageId.Discovery, log.Length), log);
        Assert.Equal(2ul, WireStruct.Read<DiscoveryLogHeader>(log).Numrec.Value);
        string[] names =
        [
            .. Enumerable.Range(0, 2).Select(i => NameIn(log.AsSpan(DiscoveryLogHeader.Size + (i * DiscoveryLogEntry.Size)))),
        ];
        Assert.Equal([FirstNqn, SecondNqn], names);
    }

    [Fact]
    public void The_discovery_service_has_no_io_queues()
    {
        using var target = new TestTarget(
            options => options with { Subsystems = [.. options.Subsystems, new DiscoverySubsystem([])] });
        HostOptions host = target.Host with { SubsystemNqn = DiscoverySubsystem.WellKnownNqn };
        using HostController discovery = target.Connect(host);
        HostCommandException refused =
            Assert.Throws<HostCommandException>(() => discovery.ConnectIoQueue(discovery.IoQueueOptions(1)));
        Assert.Equal(Status.ConnectInvalidParameters.WithDoNotRetry(), refused.Status);
    }

    private static string SerialOf(HostController controller)
    {
        IdentifyController identity = controller.Identity;
        return TextField.ReadPadded(identity.Sn);
    }

    private static string NameIn(ReadOnlySpan<byte> entry) =>
        System.Text.Encoding.UTF8.GetString(TextField.Terminated(WireStruct.Read<DiscoveryLogEntry>(entry).Subnqn));
}
