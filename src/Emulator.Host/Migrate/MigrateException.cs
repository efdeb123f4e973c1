namespace Emulator.Host.Migrate;

/// <summary>
/// A migration cannot go on. The message is one line; the exit code is that of a migration that was taken back, unless the run
/// finds that it is past its switch.
/// </summary>
internal sealed class MigrateException(string message, int exitCode = ExitCode.RolledBack) : Exception(message)
{
    public int ExitCode { get; } = exitCode;
}
