using System.CommandLine;
using Emulator.Flash;
using Emulator.Host.Inspect;
using Spectre.Console;

namespace Emulator.Host.Commands;

/// <summary>inspect: prints and verifies a medium offline, and changes nothing.</summary>
public static class InspectCommand
{
    private static readonly Argument<string> Medium = new("medium")
    {
        Description = "file of the medium; no drive may be using it",
        HelpName = "FILE",
    };

    private static readonly Option<bool> Verify = new("--verify")
    {
        Description = "check every checksum and every entry of the map",
    };

    private static readonly Option<bool> Json = new("--json")
    {
        Description = "print JSON",
    };

    public static Command Create()
    {
        var command = new Command("inspect", "Print what a medium holds; exit code 1 if it is damaged.") { Medium, Verify, Json };
        command.SetAction(parsed => Run(parsed.GetValue(Medium)!, parsed.GetValue(Verify), parsed.GetValue(Json)));
        return command;
    }

    private static int Run(string path, bool verify, bool json)
    {
        try
        {
            using var inspection = new MediumInspection(path);
            InspectionReport report = inspection.Look(verify);
            if (json)
                Console.WriteLine(report.ToJson());
            else
                InspectionTables.Print(AnsiConsole.Console, report);
            return report.IsDamaged ? ExitCode.Failure : ExitCode.Success;
        }
        catch (MediumException e) when (e.IsDamage)
        {
            Console.Error.WriteLine($"emulator: {e.Message}");
            return ExitCode.Failure;
        }
        catch (MediumException e)
        {
            throw new UserErrorException(e.Message);
        }
    }
}
