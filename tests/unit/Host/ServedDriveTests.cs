using System.Net;
using Emulator.Device;
using Emulator.Tcp;
using Emulator.Wire;

namespace Emulator.UnitTests.Host;

/// <summary>A host connects to the program as it is installed.</summary>
public class ServedDriveTests
{
    private const int BlockBytes = 4096;

    [Fact]
    public async Task What_a_host_writes_it_reads_back_and_the_log_tells_who_it_was()
    {
        using var emulator = new EmulatorProcess("serve --listen 127.0.0.1:0 --size 16MiB --log-file none");
        IPEndPoint address = EmulatorProcess.Addresses(await emulator.ReadUntilReady())[0];
        byte[] written = [.. Enumerable.Range(0, BlockBytes).Select(i => (byte)(i * 7))];
        byte[] read = new byte[BlockBytes];

        using (var host = HostController.ConnectWithQueues(Options(address, DriveOptions.DefaultSubsystemNqn)))
        {
            Assert.True(host.IoQueues[0].Execute(HostCommands.Write(1, 100, 1), written).IsSuccess);
            Assert.True(host.IoQueues[0].Execute(HostCommands.Read(1, 100, 1), read).IsSuccess);
            Assert.True(host.IoQueues[0].Execute(HostCommands.Flush(1), default).IsSuccess);
        }

        emulator.Signal("TERM");
        (_, string log, _) = await emulator.End();
        Assert.Equal(written, read);
        Assert.Matches(
            @"nqn\.2026-11\.io\.emulator:initiator at 127\.0\.0\.1:\d+ connected to nqn\.2026-11\.io\.emulator:drive0 as controller 1\n",
            log);
        Assert.Contains("1 reads of 4.0 KiB, 1 writes of 4.0 KiB, write amplification 1.00", log);
    }

    [Fact]
    public async Task Discovery_tells_the_same_at_every_address()
    {
        using var emulator = new EmulatorProcess(
            "serve --listen 127.0.0.1:0 --listen [::1]:0 --discovery 127.0.0.1:0 --size 16MiB --log-file none");
        IPEndPoint[] addresses = EmulatorProcess.Addresses(await emulator.ReadUntilReady());

        string[] expected =
        [
            $"{DriveOptions.DefaultSubsystemNqn} 127.0.0.1 {addresses[0].Port}",
            $"{DiscoverySubsystem.WellKnownNqn} 127.0.0.1 {addresses[0].Port}",
            $"{DriveOptions.DefaultSubsystemNqn} ::1 {addresses[1].Port}",
            $"{DiscoverySubsystem.WellKnownNqn} ::1 {addresses[1].Port}",
            $"{DiscoverySubsystem.WellKnownNqn} 127.0.0.1 {addresses[2].Port}",
        ];
        Assert.Equal(3, addresses.Length);
        Assert.All(addresses, address => Assert.Equal(expected, Discover(address)));
    }

    private static string[] Discover(IPEndPoint address)
    {
        using var host = HostController.Connect(Options(address, DiscoverySubsystem.WellKnownNqn));
        host.Enable();
        byte[] log = new byte[16 * 1024];
        host.Succeed("Get Log Page", HostCommands.GetLogPage(LogPageId.Discovery, log.Length), log);

        var header = WireStruct.Read<DiscoveryLogHeader>(log);
        return
        [
            .. Enumerable.Range(0, (int)(ulong)header.Numrec).Select(i => Describe(WireStruct.Read<DiscoveryLogEntry>(
                log.AsSpan(DiscoveryLogHeader.Size + (i * DiscoveryLogEntry.Size))))),
        ];
    }

    private static string Describe(DiscoveryLogEntry entry) => string.Join(' ',
        System.Text.Encoding.ASCII.GetString(TextField.Terminated(entry.Subnqn)),
        TextField.ReadPadded(entry.Traddr),
        TextField.ReadPadded(entry.Trsvcid));

    private static HostOptions Options(IPEndPoint address, string nqn) => new() { EndPoint = address, SubsystemNqn = nqn };
}
