using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text.Json;
using Emulator.Device;

namespace Emulator.Host.Bench;

/// <summary>A drive in a process of its own, bound to a processor core, for as long as a measurement takes.</summary>
internal sealed class BenchTarget : IDisposable
{
    private readonly Process _process;
    private readonly string _summaryFile;

    /// <param name="core">The core that the drive runs on.</param>
    /// <param name="size">Its capacity, as serve takes it.</param>
    /// <param name="profile">Its profile, likewise; null for none.</param>
    /// <param name="medium">The file that it is on, which is made anew; null for memory.</param>
    /// <param name="more">Further options of serve.</param>
    public BenchTarget(int core, string size, string? profile, string? medium = null, params string[] more)
    {
        Address = LoopbackServer.FreeAddress();
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
        LoopbackServer.WaitUntilListening(_process, Address, "the drive to be measured");
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
}
