using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using Emulator.Core;
using Emulator.Tcp;
using Emulator.UnitTests.Host;
using Xunit.Abstractions;

namespace Emulator.ConformanceTests.Durability;

/// <summary>The process that serves a drive on a file is killed while a host writes and flushes, again and again.</summary>
public sealed partial class KillTests(ITestOutputHelper output) : IDisposable
{
    private const int Kills = 50;

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("emulator-test-");
    private readonly SeededRandom _random = new(20261122);
    private readonly WrittenBlocks _blocks = new();
    private readonly List<double> _recoverySeconds = [];

    private string Medium => Path.Combine(_directory.FullName, "disk.img");

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public async Task Every_flushed_block_is_there_after_the_process_was_killed_fifty_times()
    {
        for (int kill = 0; kill < Kills; kill++)
        {
            using EmulatorProcess emulator = Start();
            using HostController host = Connect(await Ready(emulator));
            _blocks.VerifyRecovered(host.IoQueues[0]);
            await WriteUntilKilled(emulator, host.IoQueues[0]);
        }

        await VerifyAndShutDown();
        _recoverySeconds.Sort();
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{Kills} kills, {_blocks.Writes} writes, {_blocks.Flushes} flushes, {_blocks.Lost} unflushed writes lost; recovery took "
            + $"{_recoverySeconds[_recoverySeconds.Count / 2] * 1000:F0} ms in the median, {_recoverySeconds[^1] * 1000:F0} ms at most"));
        Assert.True(_blocks.Flushes > Kills, $"only {_blocks.Flushes} flushes");
        Assert.Equal(0, Inspect());
    }

    private EmulatorProcess Start() =>
        new($"serve --listen 127.0.0.1:0 --size 64MiB --medium {Medium} --log-file none");

    private async Task<IPEndPoint> Ready(EmulatorProcess emulator)
    {
        string started = await emulator.ReadUntilReady();
        if (RecoveryTime().Match(started) is { Success: true } recovered)
            _recoverySeconds.Add(double.Parse(recovered.Groups[1].Value, CultureInfo.InvariantCulture));
        return EmulatorProcess.Addresses(started)[0];
    }

    private static HostController Connect(IPEndPoint address) => HostController.ConnectWithQueues(new HostOptions
    {
        EndPoint = address,
        SubsystemNqn = "nqn.2026-11.io.emulator:drive0",
        Timeout = TestTarget.Patience,
        IoDepth = 31,
        IoBufferBytes = WrittenBlocks.MostBlocks * WrittenBlocks.BlockBytes,
    });

    private async Task WriteUntilKilled(EmulatorProcess emulator, HostQueue queue)
    {
        Task killed = Task.Delay(_random.Below(150)).ContinueWith(_ => emulator.Kill(), TaskScheduler.Default);
        try
        {
            while (queue.IsConnected)
            {
                _blocks.WriteSome(queue, _random);
                if (_random.Chance(40))
                    _blocks.Flush(queue);
            }
        }
        catch (Exception e) when (e is HostConnectionException or TimeoutException)
        {
            // The drive is dead: what it did not answer is not known.
        }

        await killed;
    }

    private async Task VerifyAndShutDown()
    {
        using EmulatorProcess emulator = Start();
        using (HostController host = Connect(await Ready(emulator)))
            _blocks.VerifyRecovered(host.IoQueues[0]);
        emulator.Signal("TERM");
        (int exitCode, _, string errors) = await emulator.End();
        Assert.Equal((0, ""), (exitCode, errors));
    }

    private int Inspect()
    {
        using var process = Process.Start(
            new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "emulator"), ["inspect", Medium, "--verify", "--json"])
            {
                RedirectStandardOutput = true,
            })!;
        process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode;
    }

    [GeneratedRegex(@"recovered \d+ pages in ([0-9.]+) s")]
    private static partial Regex RecoveryTime();
}
