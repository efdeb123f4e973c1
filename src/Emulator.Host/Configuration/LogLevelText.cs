using Serilog.Events;

namespace Emulator.Host.Configuration;

/// <summary>The names of log levels, from the one that tells everything to the one that tells least.</summary>
public static class LogLevelText
{
    private static readonly string[] Names = ["verbose", "debug", "information", "warning", "error", "fatal"];

    /// <exception cref="FormatException">There is no such level.</exception>
    public static LogEventLevel Parse(string text)
    {
        int level = Array.IndexOf(Names, text);
        return level >= 0
            ? (LogEventLevel)level
            : throw new FormatException($"'{text}' is not a log level; levels are {string.Join(", ", Names)}");
    }
}
