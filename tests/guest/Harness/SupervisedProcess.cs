using System.Diagnostics;
using System.Text;

namespace Emulator.GuestTests.Harness;

/// <summary>
/// A child process that does not outlive the tests, even when they are killed: a shell beside it waits for the end of
/// its own standard input, which the operating system closes with the test process, and then passes a signal on.
/// </summary>
internal sealed class SupervisedProcess : IDisposable
{
    private const string Supervisor = """
        exec 3<&0
        "$@" 3<&- </dev/null & child=$!
        { read -r signal <&3 || signal=TERM; kill -s "$signal" $child; } & watcher=$!
        wait $child; status=$?
        kill $watcher 2>/dev/null
        exit $status
        """;

    private readonly Process _process;
    private readonly StringBuilder _output = new();

    public SupervisedProcess(IEnumerable<string> command, string? workingDirectory = null)
    {
        var start = new ProcessStartInfo("/bin/sh")
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = workingDirectory ?? Repository.Root,
        };
        string[] arguments = ["-c", Supervisor, "supervisor", .. command];
        foreach (string argument in arguments) start.ArgumentList.Add(argument);

        _process = Process.Start(start)!;
        _process.OutputDataReceived += (_, line) => Record(line.Data);
        _process.ErrorDataReceived += (_, line) => Record(line.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public bool HasExited => _process.HasExited;

    /// <summary>What the process has printed until now, standard output and standard error as they came.</summary>
    public string Output
    {
        get
        {
            lock (_output) return _output.ToString();
        }
    }

    /// <summary>Waits for the end, and returns the exit status.</summary>
    public int WaitForExit(TimeSpan patience)
    {
        if (!_process.WaitForExit(patience))
        {
            _process.Kill(entireProcessTree: true);
            throw new TimeoutException($"No end within {patience.TotalSeconds} s. It printed:\n{Output}");
        }

        _process.WaitForExit();
        return _process.ExitCode;
    }

    /// <summary>Sends a signal (its name without SIG) and waits for the end. Returns the exit status.</summary>
    public int Stop(string signal, TimeSpan patience)
    {
        if (!_process.HasExited)
        {
            try
            {
                _process.StandardInput.WriteLine(signal);
                _process.StandardInput.Flush();
            }
            catch (IOException)
            {
                // It ended by itself in this moment; the exit status tells how.
            }
        }

        if (_process.WaitForExit(patience))
        {
            _process.WaitForExit();
            return _process.ExitCode;
        }

        _process.Kill(entireProcessTree: true);
        throw new TimeoutException($"No end within {patience.TotalSeconds} s of SIG{signal}. It printed:\n{Output}");
    }

    public void Dispose()
    {
        if (!_process.HasExited) _process.Kill(entireProcessTree: true);
        _process.Dispose();
    }

    private void Record(string? line)
    {
        if (line is null) return;
        lock (_output) _output.AppendLine(line);
    }
}
