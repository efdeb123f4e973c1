using Emulator.Host.Commands;

namespace Emulator.UnitTests.Host;

/// <summary>Runs the program's command line in this process.</summary>
internal static class CommandLine
{
    /// <returns>Its exit code, and what it wrote to standard error.</returns>
    public static async Task<(int ExitCode, string Errors)> Run(string arguments)
    {
        using var errors = new StringWriter();
        int exitCode = await EmulatorCommand.RunAsync(arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries), errors);
        return (exitCode, errors.ToString());
    }
}
