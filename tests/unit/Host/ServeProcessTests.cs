using System.Net;
using System.Net.Sockets;
using Emulator.Host;

namespace Emulator.UnitTests.Host;

/// <summary>Start and stop of the program as it is installed.</summary>
public sealed class ServeProcessTests : IDisposable
{
    private const string SmallDrive = "serve --listen 127.0.0.1:0 --size 16MiB --log-file none";
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("emulator-test-");

    public void Dispose() => _directory.Delete(recursive: true);

    [Theory]
    [InlineData("TERM")]
    [InlineData("INT")]
    public async Task A_signal_ends_it_with_exit_code_0_and_a_line_of_counters(string signal)
    {
        using var emulator = new EmulatorProcess(SmallDrive);
        string started = await emulator.ReadUntilReady();

        emulator.Signal(signal);
        (int exitCode, string rest, string errors) = await emulator.End();

        Assert.Equal(ExitCode.Success, exitCode);
        Assert.Contains("serial EMU0000001, 16 MiB, 1 namespace with blocks of 4096 bytes, controllers 1-255", started);
        Assert.Matches(@"nvme connect -t tcp -a 127.0.0.1 -s [1-9]\d* -n nqn.2026-11.io.emulator:drive0", started);
        Assert.Contains("stopped nqn.2026-11.io.emulator:drive0: 0 reads of 0 B, 0 writes of 0 B", rest);
        Assert.Empty(errors);
    }

    [Fact]
    public async Task It_serves_at_every_address_and_logs_to_the_file_that_is_configured()
    {
        string log = Path.Combine(_directory.FullName, "logs", "emulator.log");
        string config = Path.Combine(_directory.FullName, "config.json");
        await File.WriteAllTextAsync(config, $$"""
            { "drives": [{ "serial": "A", "size": "16MiB" }, { "serial": "B", "size": "16MiB", "controllerIds": "256-511" }],
              "listeners": [{ "port": 0, "drives": ["A"] }, { "address": "::1", "port": 0, "drives": ["B"] }],
              "log": { "console": true, "file": "{{log}}" } }
            """);
        using var emulator = new EmulatorProcess($"serve --config {config}");

        IPEndPoint[] addresses = EmulatorProcess.Addresses(await emulator.ReadUntilReady());

        Assert.Equal([IPAddress.Loopback, IPAddress.IPv6Loopback], addresses.Select(address => address.Address));
        foreach (IPEndPoint address in addresses)
        {
            using var client = new TcpClient(address.AddressFamily);
            await client.ConnectAsync(address).WaitAsync(EmulatorProcess.Patience);
        }

        emulator.Signal("TERM");
        await emulator.End();
        Assert.Contains("ready after", await File.ReadAllTextAsync(log));
    }

    [Fact]
    public async Task Without_SPDK_its_problem_is_told_and_the_managed_door_serves()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        int port = ((IPEndPoint)probe.LocalEndpoint).Port;
        probe.Stop();

        // Where SPDK is installed the mask is what is wrong, elsewhere the library is missing.
        using var emulator = new EmulatorProcess(
            $"serve --transport spdk --spdk-cores 0x0 --listen 127.0.0.1:{port} --size 16MiB --log-file none");
        string started = await emulator.ReadUntilReady();
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, port).WaitAsync(EmulatorProcess.Patience);
        emulator.Signal("TERM");
        (int exitCode, _, _) = await emulator.End();

        Assert.Equal(ExitCode.Success, exitCode);
        Assert.Matches("names no core|there is no libemulator_spdk.so|libemulator_spdk.so was built", started);
        Assert.Contains("the drive's own NVMe/TCP door serves in place of SPDK's", started);
    }

    [Fact]
    public async Task An_address_in_use_is_one_line_and_exit_code_2()
    {
        using var first = new EmulatorProcess(SmallDrive);
        IPEndPoint taken = EmulatorProcess.Addresses(await first.ReadUntilReady())[0];

        using var second = new EmulatorProcess($"serve --listen {taken} --size 16MiB --log-file none");
        (int exitCode, string output, string errors) = await second.End();

        Assert.Equal(ExitCode.UserError, exitCode);
        Assert.Equal($"emulator: cannot listen on {taken}: Address already in use\n", errors);
        Assert.Empty(output);
    }

    [Fact]
    public async Task A_file_that_is_no_json_is_one_line_and_exit_code_2()
    {
        string config = Path.Combine(_directory.FullName, "config.json");
        await File.WriteAllTextAsync(config, "{\n  \"drives\" [] }");

        using var emulator = new EmulatorProcess($"serve --config {config}");
        (int exitCode, _, string errors) = await emulator.End();

        Assert.Equal(ExitCode.UserError, exitCode);
        Assert.StartsWith("emulator: config.json: line 2, column 12: not valid JSON: ", errors);
        Assert.Single(errors.TrimEnd('\n').Split('\n'));
    }

    [Fact]
    public async Task An_idle_drive_uses_less_than_a_hundredth_of_a_core()
    {
        using var emulator = new EmulatorProcess(SmallDrive);
        await emulator.ReadUntilReady();
        await Task.Delay(TimeSpan.FromSeconds(1));

        TimeSpan before = emulator.ProcessorTime;
        await Task.Delay(TimeSpan.FromSeconds(3));
        TimeSpan used = emulator.ProcessorTime - before;

        Assert.InRange(used.TotalSeconds, 0, 0.03);
    }
}
