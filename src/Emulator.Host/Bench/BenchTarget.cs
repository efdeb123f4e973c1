using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Emulator.Device;

namespace Emulator.Host.Bench;

/// <summary>A drive in a process of its own, bound to a processor core, for as long as a measurement takes.</summary>
internal sealed class BenchTarget : IDisposable
{
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(30);

    private readonly Process _process;
    private readonly string _summaryFile;

    /// <param name="core">The core that the drive runs on.</param>
    /// <param name="size">Its capacity, as serve takes it.</param>
    /// <param name="profile">Its profile, likewise; null for none.</param>
    /// <param name="medium">The file that it is on, which is made anew; null for memory.</param>
    /// <param name="more">Further options of serve.</param>
    public BenchTarget(int core, string size, string? profile, string? medium = null, params string[] more)
    {
        Address = new IPEndPoint(IPAddress.Loopback, FreePort());
        _summaryFile = Path.Combine(Path.GetTempPath(), $"emulator-bench-{Environment.ProcessId}-{Address.Port}.json");
        string[] arguments =
        [
            "-c", core.ToString(CultureInfo.InvariantCulture), Environment.ProcessPath!,
            "serve", "--listen", Address.ToString(), "--subsystem", DriveOptions.DefaultSubsystemNqn, "--size", size,
            "--log-level", "warning", "--log-file", "none", "--summary", _summaryFile,
            .. profile == null ? Array.Empty<string>() : ["--profile", profile],
            .. medium == null ? Array.Empty<string>() : ["--medium", medium, "--format-medium"],
            .. more,
        ];
        _process = Process.Start(new ProcessStartInfo("taskset", arguments))
            ?? throw new UserErrorException("taskset, of Debian's package util-linux, cannot be started");
        WaitUntilListening();
    }

    public IPEndPoint Address { get; }

    /// <summary>taskset becomes the drive, so that this is the drive's process.</summary>
    public int ProcessId => _process.Id;

    /// <summary>Ends the drive and reads what it counted.</summary>
    public JsonDocument Stop()
    {
        using Process kill = Process.Start("kill", ["-TERM", ProcessId.ToString(CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
        _process.WaitForExit();
        return JsonDocument.Parse(File.ReadAllText(_summaryFile));
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill();
        _process.Dispose();
        File.Delete(_summaryFile);
    }

    private void WaitUntilListening()
    {
        long start = Stopwatch.GetTimestamp();
        while (true)
        {
            try
            {
                using var probe = new Socket(Address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
                probe.Connect(Address);
                return;
            }
            catch (SocketException) when (!_process.HasExited && Stopwatch.GetElapsedTime(start) < StartTimeout)
            {
                Thread.Sleep(50);
            }
            catch (SocketException)
            {
                throw new UserErrorException($"the drive to be measured did not start at {Address}");
            }
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
