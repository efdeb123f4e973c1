using System.CommandLine;
using System.CommandLine.Invocation;
using Emulator.Host.Configuration;
using Emulator.Host.Snapshots;

namespace Emulator.Host.Commands;

/// <summary>The command line: every subcommand, and how a wrong one is answered.</summary>
public static class EmulatorCommand
{
    private const string SeeHelp = "see emulator --help";

    public static RootCommand Create() => new("A userspace NVMe drive that helps to move running virtual machines.")
    {
        ServeCommand.Create(),
        InspectCommand.Create(),
        MigrateCommand.Create(),
        SnapshotCommand.Create(),
        DecodeCommand.Create(),
        SimulateCommand.Create(),
        AssistCommand.Create(),
        SchemesCommand.Create(),
        PlanCommand.Create(),
        FleetCommand.Create(),
        BenchCommand.Create(),
    };

    /// <summary>Runs a command line.</summary>
    /// <param name="arguments">Without the name of the program.</param>
    /// <param name="errors">Where the one line goes that tells a user's mistake.</param>
    /// <returns>The exit code of the process.</returns>
    public static async Task<int> RunAsync(string[] arguments, TextWriter errors)
    {
        try
        {
            ParseResult parsed = Create().Parse(arguments);
            if (parsed.Action is ParseErrorAction)
                throw new UserErrorException(Describe(parsed));

            // The generic host listens for signals itself.
            return await parsed.InvokeAsync(new InvocationConfiguration
            {
                EnableDefaultExceptionHandler = false,
                ProcessTerminationTimeout = null,
            });
        }
        catch (UserErrorException e)
        {
            await errors.WriteLineAsync($"emulator: {e.Message}");
            return ExitCode.UserError;
        }
        catch (SnapshotImageException e)
        {
            await errors.WriteLineAsync($"emulator: {e.Message}");
            return ExitCode.Failure;
        }
    }

    private static string Describe(ParseResult parsed)
    {
        if (parsed.UnmatchedTokens is not [var unmatched, ..])
            return $"{parsed.Errors[0].Message.ReplaceLineEndings(" ").TrimEnd('.')}; {SeeHelp}";

        Command command = parsed.CommandResult.Command;
        IEnumerable<string> known = unmatched.StartsWith('-')
            ? command.Options.Select(option => option.Name)
            : command.Subcommands.Select(subcommand => subcommand.Name);
        string? near = Spelling.Nearest(unmatched, known);
        return $"'{unmatched}' is not known; " + (near == null ? SeeHelp : $"did you mean '{near}'?");
    }
}
