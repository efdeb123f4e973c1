using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;

namespace Emulator.UnitTests.Host;

/// <summary>The program, started as a process. One that is left running by a failed test is killed.</summary>
internal sealed partial class EmulatorProcess : IDisposable
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly Process _process;
    private bool _isDisposed;

    public EmulatorProcess(string arguments) => _process = Process.Start(
        new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "emulator"), arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;

    public TimeSpan ProcessorTime
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    /// <summary>Reads standard output up to the line that says that it serves.</summary>
    public async Task<string> ReadUntilReady()
    {
        string read = "";
        while (!read.Contains("ready after"))
        {
            string? line = await _process.StandardOutput.ReadLineAsync().WaitAsync(Patience);
            Assert.True(line != null, $"The process ended before it was ready: {read}");
            read += line + "\n";
        }

        return read;
    }

    /// <summary>Where it says that it listens.</summary>
    public static IPEndPoint[] Addresses(string output) =>
        [.. ListeningLine().Matches(output).Select(match => IPEndPoint.Parse(match.Groups[1].Value))];

    /// <summary>Sends a signal, TERM or INT.</summary>
    public void Signal(string name)
    {
        using Process kill = Process.Start("kill", ["-s", name, _process.Id.ToString(CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
    }

    /// <summary>Ends it as nothing can be ended more suddenly (SIGKILL).</summary>
    public void Kill()
    {
        _process.Kill();
        _process.WaitForExit();
    }

    /// <summary>Waits for the end: the exit code and what was not yet read.</summary>
    public async Task<(int ExitCode, string Output, string Errors)> End()
    {
        Task<string> output = _process.StandardOutput.ReadToEndAsync();
        Task<string> errors = _process.StandardError.ReadToEndAsync();
        await _process.WaitForExitAsync().WaitAsync(Patience);
        return (_process.ExitCode, await output, await errors);
    }

    public void Dispose()
    {
        if (_isDisposed)
            return;
        _isDisposed = true;
        if (!_process.HasExited)
            _process.Kill();
        _process.Dispose();
    }

    [GeneratedRegex(@"listening on (\S+)")]
    private static partial Regex ListeningLine();
}
