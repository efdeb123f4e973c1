using System.Globalization;
using Emulator.Host.Configuration;
using Serilog;
using Serilog.Core;
using Serilog.Events;

namespace Emulator.Host.Serving;

/// <summary>Makes the log: console and file, written by a thread of its own.</summary>
public static class ServeLog
{
    private const string ConsoleLine = "{Timestamp:HH:mm:ss.fff} {Level:u3} {Message:lj}{NewLine}{Exception}";
    private const string FileLine = "{Timestamp:yyyy-MM-dd HH:mm:ss.fff zzz} {Level:u3} {Message:lj}{NewLine}{Exception}";
    private const long FileBytes = 10 << 20;
    private const int FilesKept = 5;

    /// <exception cref="UserErrorException">The configured log file cannot be written.</exception>
    public static Logger Create(ServePlan plan)
    {
        string? file = OpenableFile(plan, out string? complaint);
        var output = new LoggerConfiguration().MinimumLevel.Verbose();
        if (plan.Log.Console)
            output.WriteTo.Console(outputTemplate: ConsoleLine, formatProvider: CultureInfo.InvariantCulture);
        if (file != null)
        {
            output.WriteTo.File(
                file, outputTemplate: FileLine, formatProvider: CultureInfo.InvariantCulture, shared: true,
                fileSizeLimitBytes: FileBytes, rollOnFileSizeLimit: true, retainedFileCountLimit: FilesKept);
        }

        Logger log = new LoggerConfiguration()
            .MinimumLevel.Is(plan.Log.Level)
            // What the host itself reports about a failed start, the process says in one line.
            .MinimumLevel.Override("Microsoft", LogEventLevel.Fatal)
            .WriteTo.Sink(new QueuedSink(output.CreateLogger()))
            .CreateLogger();
        if (complaint != null)
            log.Warning("no log file: {Complaint}", complaint);
        return log;
    }

    /// <summary>
    /// The file that is used when none is configured: below the user's state directory, named after the first address,
    /// so that two processes do not share one.
    /// </summary>
    public static string DefaultFile(ServePlan plan)
    {
        string? state = Environment.GetEnvironmentVariable("XDG_STATE_HOME");
        if (string.IsNullOrEmpty(state))
        {
            string home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
            state = Path.Combine(home, ".local", "state");
        }

        var first = plan.Listeners.First().EndPoint;
        return Path.Combine(state, "emulator", $"{first.Address}-{first.Port}.log");
    }

    private static string? OpenableFile(ServePlan plan, out string? complaint)
    {
        complaint = null;
        if (plan.Log.File == LogSettings.NoFile)
            return null;

        string file = plan.Log.File ?? DefaultFile(plan);
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(file))!);
            using var opened = new FileStream(file, FileMode.Append, FileAccess.Write, FileShare.ReadWrite);
            return file;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            if (plan.Log.File != null)
                throw new UserErrorException($"cannot write the log file {file}: {e.Message}");
            complaint = e.Message;
            return null;
        }
    }
}
