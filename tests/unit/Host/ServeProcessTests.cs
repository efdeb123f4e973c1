using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using Emulator.Host;

namespace Emulator.UnitTests.Host;

/// <summary>The program as it is installed: started as a process, stopped by a signal.</summary>
public sealed class ServeProcessTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("emulator-test-");

    public void Dispose() => _directory.Delete(recursive: true);

    [Theory]
    [InlineData("TERM")]
    [InlineData("INT")]
    public async Task A_signal_ends_it_with_exit_code_0_and_a_line_of_counters(string signal)
    {
        using Process emulator = Start("serve --listen 127.0.0.1:0 --size 16MiB --log-file none");
        string started = await ReadUntil(emulator, "ready after");

        Kill(emulator, signal);
        string rest = await emulator.StandardOutput.ReadToEndAsync().WaitAsync(Patience);
        await emulator.WaitForExitAsync().WaitAsync(Patience);

        Assert.Equal(ExitCode.Success, emulator.ExitCode);
        Assert.Contains("serial EMU0000001, 16 MiB, 1 namespace with blocks of 4096 bytes, controllers 1-255", started);
        Assert.Matches(@"nvme connect -t tcp -a 127.0.0.1 -s [1-9]\d* -n nqn.2026-11.io.emulator:drive0", started);
        Assert.Contains("stopped nqn.2026-11.io.emulator:drive0: 0 reads of 0 B, 0 writes of 0 B", rest);
        Assert.Empty(await emulator.StandardError.ReadToEndAsync());
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
        using Process emulator = Start($"serve --config {config}");
        string started = await ReadUntil(emulator, "ready after");

        MatchCollection addresses = Regex.Matches(started, @"listening on (\S+)");
        Assert.Equal(2, addresses.Count);
        foreach (Match address in addresses)
        {
            using var client = new TcpClient();
            await client.ConnectAsync(IPEndPoint.Parse(address.Groups[1].Value)).WaitAsync(Patience);
        }

        Kill(emulator, "TERM");
        await emulator.WaitForExitAsync().WaitAsync(Patience);
        Assert.Contains("ready after", await File.ReadAllTextAsync(log));
    }

    [Fact]
    public async Task An_address_in_use_is_one_line_and_exit_code_2()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();

        using Process emulator = Start($"serve --listen {taken.LocalEndpoint} --size 16MiB --log-file none");
        string error = await emulator.StandardError.ReadToEndAsync().WaitAsync(Patience);
        await emulator.WaitForExitAsync().WaitAsync(Patience);

        Assert.Equal(ExitCode.UserError, emulator.ExitCode);
        Assert.Equal($"emulator: cannot listen on {taken.LocalEndpoint}: Address already in use\n", error);
        Assert.Empty(await emulator.StandardOutput.ReadToEndAsync());
    }

    [Fact]
    public async Task An_idle_drive_uses_less_than_a_hundredth_of_a_core()
    {
        using Process emulator = Start("serve --listen 127.0.0.1:0 --size 16MiB --log-file none");
        await ReadUntil(emulator, "ready after");
        await Task.Delay(TimeSpan.FromSeconds(1));

        TimeSpan before = emulator.TotalProcessorTime;
        await Task.Delay(TimeSpan.FromSeconds(3));
        emulator.Refresh();
        TimeSpan used = emulator.TotalProcessorTime - before;
        Kill(emulator, "TERM");
        await emulator.WaitForExitAsync().WaitAsync(Patience);

        Assert.InRange(used.TotalSeconds, 0, 0.03);
    }

    private static Process Start(string arguments) => Process.Start(
        new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "emulator"), arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;

    private static async Task<string> ReadUntil(Process process, string text)
    {
        string read = "";
        while (!read.Contains(text))
        {
            string? line = await process.StandardOutput.ReadLineAsync().WaitAsync(Patience);
            Assert.True(line != null, $"The process ended before '{text}': {read}");
            read += line + "\n";
        }

        return read;
    }

    private static void Kill(Process process, string signal)
    {
        using Process kill = Process.Start("kill", ["-s", signal, process.Id.ToString(CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
    }
}
