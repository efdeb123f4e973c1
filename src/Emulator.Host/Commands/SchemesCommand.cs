using System.CommandLine;
using Emulator.Host.Schemes;
using Emulator.Host.Simulate;
using Emulator.Simulation.Schemes;

namespace Emulator.Host.Commands;

/// <summary>schemes: what each way of moving a VM's storage costs, in virtual time.</summary>
public static class SchemesCommand
{
    private static readonly IReadOnlyList<SchemeBenchmark> Everything = [.. SchemeBenchmark.All, .. SchemeBenchmark.Others];

    private static readonly Option<string> Ssd = Profile("--ssd", "array-ssd");

    private static readonly Option<string> Hdd = Profile("--hdd", "array-hdd");

    private static readonly Option<string?> Benchmarks = List(
        "--benchmarks", Everything.Select(benchmark => benchmark.Name));

    private static readonly Option<string?> Schemes = List("--schemes", SchemeNames.All.Select(scheme => scheme.Name));

    private static readonly Option<string?> Directions = List(
        "--directions", SchemeEvaluation.Directions.Select(of => SchemeNames.Direction(of.IsSourceSsd, of.IsDestinationSsd)));

    private static readonly Option<int> Scale = Number("--scale", "images are so many times smaller than the benchmarks'", 64);

    private static readonly Option<int> Used = Number("--used", "share of an image that the VM ever wrote, in percent", 100);

    private static readonly Option<int> Depth = Number("--copy-depth", "copy commands of 128 KiB outstanding", 1);

    private static readonly Option<int> Threshold = Number("--threshold", "AIO: writes pending beyond which a write waits", 100);

    private static readonly Option<int> Delay = Number("--delay", "AIO: how long it waits, in microseconds", 1000);

    private static readonly Option<int> Limit = Number(
        "--limit", "a migration that takes so many times as long as a copy of the image of an idle VM has failed", 25);

    private static readonly Option<ulong> Seed = new("--seed")
    {
        Description = "seed of everything random",
        HelpName = "NUMBER",
        DefaultValueFactory = _ => 1,
    };

    private static readonly Option<string?> JsonFile = new("--json")
    {
        Description = "write every cell to a file",
        HelpName = "FILE",
    };

    private static readonly Option<string?> Plots = new("--plots")
    {
        Description = "draw the figures of US 9,195,401 as SVG files in a directory",
        HelpName = "DIRECTORY",
    };

    private static readonly Option<bool> Force = new("--force")
    {
        Description = "overwrite files that exist",
    };

    public static Command Create()
    {
        var command = new Command("schemes", "Evaluate the migration schemes between SSD and HDD in virtual time.")
        {
            Ssd, Hdd, Benchmarks, Schemes, Directions, Scale, Used, Depth, Threshold, Delay, Limit, Seed, JsonFile, Plots, Force,
        };
        command.SetAction(Run);
        return command;
    }

    private static int Run(ParseResult parsed) => new SchemesProcess(new SchemesOptions
    {
        Ssd = parsed.GetValue(Ssd)!,
        Hdd = parsed.GetValue(Hdd)!,
        Benchmarks = Chosen(parsed, Benchmarks, Everything, benchmark => benchmark.Name) ?? Everything,
        IsComplete = parsed.GetValue(Benchmarks) == null && parsed.GetValue(Schemes) == null && parsed.GetValue(Directions) == null,
        Schemes = Chosen(parsed, Schemes, SchemeNames.All, scheme => scheme.Name)?.Select(scheme => scheme.Kind).ToArray(),
        Directions = Chosen(
            parsed, Directions, SchemeEvaluation.Directions, of => SchemeNames.Direction(of.IsSourceSsd, of.IsDestinationSsd)),
        Scale = parsed.GetValue(Scale),
        UsedPercent = parsed.GetValue(Used),
        CopyDepth = parsed.GetValue(Depth),
        Threshold = parsed.GetValue(Threshold),
        DelayMicroseconds = parsed.GetValue(Delay),
        Limit = parsed.GetValue(Limit),
        Seed = parsed.GetValue(Seed),
        JsonFile = parsed.GetValue(JsonFile),
        PlotDirectory = parsed.GetValue(Plots),
        Force = parsed.GetValue(Force),
    }).Run();

    /// <summary>Those of a list that the option names; null for all.</summary>
    private static T[]? Chosen<T>(ParseResult parsed, Option<string?> option, IReadOnlyList<T> all, Func<T, string> nameOf)
    {
        if (parsed.GetValue(option) is not { } text)
            return null;
        string[] names = text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        foreach (string name in names)
        {
            if (!all.Any(item => string.Equals(nameOf(item), name, StringComparison.OrdinalIgnoreCase)))
                throw new UserErrorException($"{option.Name}: '{name}' is none of {string.Join(", ", all.Select(nameOf))}");
        }

        T[] chosen = [.. all.Where(item => names.Contains(nameOf(item), StringComparer.OrdinalIgnoreCase))];
        return chosen.Length > 0 ? chosen : throw new UserErrorException($"{option.Name}: names nothing");
    }

    private static Option<string> Profile(string name, string otherwise) => new(name)
    {
        Description = "the drive: " + string.Join(", ", DriveProfiles.Names.Where(profile => profile != DriveProfiles.Default)),
        HelpName = "NAME",
        DefaultValueFactory = _ => otherwise,
    };

    private static Option<string?> List(string name, IEnumerable<string> all) => new(name)
    {
        Description = $"only these, with commas between: {string.Join(", ", all)} [default: all]",
        HelpName = "NAMES",
    };

    private static Option<int> Number(string name, string description, int otherwise) => new(name)
    {
        Description = description,
        HelpName = "NUMBER",
        DefaultValueFactory = _ => otherwise,
    };
}
