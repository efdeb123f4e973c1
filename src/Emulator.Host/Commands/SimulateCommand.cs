using System.CommandLine;
using Emulator.Host.Configuration;
using Emulator.Host.Simulate;
using Emulator.Simulation;
using Emulator.Simulation.Traces;
using Emulator.Simulation.Workloads;

namespace Emulator.Host.Commands;

/// <summary>simulate: runs a workload on a drive in virtual time.</summary>
public static class SimulateCommand
{
    private static readonly Option<string> Workload = new("--workload")
    {
        Description = "name of a workload (" + string.Join(", ", BuiltInWorkloads.All.Select(entry => entry.Workload.Name))
            + "), or a job file of fio's kind, a block trace, or a JSON description (specs/simulation.md)",
        HelpName = "NAME|FILE",
        DefaultValueFactory = _ => "mixed",
    };

    private static readonly Option<string> Profile = new("--profile")
    {
        Description = "the drive: " + string.Join(", ", DriveProfiles.Names),
        HelpName = "NAME",
        DefaultValueFactory = _ => DriveProfiles.Default,
    };

    private static readonly Option<ByteSize?> Size = TextOption.Create(
        "--size", "capacity of the drive [default: 1GiB]", "SIZE", text => (ByteSize?)ByteSize.Parse(text));

    private static readonly Option<int?> BlockSize = new("--block-size")
    {
        Description = "bytes of a logical block, 512 or 4096 [default: 512 for a trace, otherwise 4096]",
        HelpName = "BYTES",
    };

    private static readonly Option<string> ConfigFile = new("--config")
    {
        Description = "JSON file that describes the drive (specs/configuration.md); the options above win over it",
        HelpName = "FILE",
    };

    private static readonly Option<long?> Commands = Number<long?>(
        "--commands", "end after so many commands [default: 1000000, or the end of the job file or trace]");

    private static readonly Option<ulong> Seed = new("--seed")
    {
        Description = "seed of everything random",
        HelpName = "NUMBER",
        DefaultValueFactory = _ => 1,
    };

    private static readonly Option<int?> Depth = Number<int?>("--depth", "queue depth, instead of the workload's");

    private static readonly Option<double?> Rate = Number<double?>(
        "--rate", "requests a second that arrive as a Poisson process, instead of the workload's; 0 for a closed loop");

    private static readonly Option<Precondition?> Precondition = TextOption.Create(
        "--precondition", "none, sequential (written once) or random (overwritten to steady state), instead of the workload's",
        "KIND", text => (Precondition?)WorkloadSettings.ParsePrecondition(text));

    private static readonly Option<string> Format = new("--format")
    {
        Description = "format of the trace: " + string.Join(", ", TraceFile.FormatNames) + " [default: found out]",
        HelpName = "NAME",
    };

    private static readonly Option<bool> Wrap = new("--wrap")
    {
        Description = "addresses of the trace beyond the drive wrap around rather than being an error",
    };

    private static readonly Option<string> JsonFile = new("--json")
    {
        Description = "write the report to a file",
        HelpName = "FILE",
    };

    private static readonly Option<string> PlotFile = new("--plot")
    {
        Description = "write a plot of latency and throughput over time to a file, as SVG",
        HelpName = "FILE",
    };

    private static readonly Option<bool> Force = new("--force")
    {
        Description = "overwrite files that exist",
    };

    public static Command Create()
    {
        var command = new Command("simulate", "Run a workload on a drive in virtual time, as fast as this machine can.")
        {
            Workload, Profile, Size, BlockSize, ConfigFile, Commands, Seed, Depth, Rate, Precondition,
            Format, Wrap, JsonFile, PlotFile, Force,
        };
        command.SetAction(Run);
        return command;
    }

    /// <summary>What the parsed command line says.</summary>
    public static SimulateOptions OptionsOf(ParseResult parsed) => new()
    {
        Workload = parsed.GetValue(Workload)!,
        Profile = parsed.GetValue(Profile)!,
        Size = parsed.GetValue(Size),
        BlockSize = parsed.GetValue(BlockSize),
        ConfigFile = parsed.GetValue(ConfigFile),
        Commands = parsed.GetValue(Commands),
        Seed = parsed.GetValue(Seed),
        Depth = parsed.GetValue(Depth),
        Rate = parsed.GetValue(Rate),
        Precondition = parsed.GetValue(Precondition),
        Format = parsed.GetValue(Format),
        Wrap = parsed.GetValue(Wrap),
        JsonFile = parsed.GetValue(JsonFile),
        PlotFile = parsed.GetValue(PlotFile),
        Force = parsed.GetValue(Force),
    };

    private static int Run(ParseResult parsed)
    {
        try
        {
            return new SimulateProcess(OptionsOf(parsed)).Run();
        }
        catch (WorkloadException e)
        {
            throw new UserErrorException(e.Message);
        }
    }

    private static Option<T> Number<T>(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "NUMBER",
    };
}
