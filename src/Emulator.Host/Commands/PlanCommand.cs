using System.CommandLine;
using Emulator.Host.Configuration;
using Emulator.Host.Planning;

namespace Emulator.Host.Commands;

/// <summary>plan: which scheme a migration should use, from what an operator knows of it.</summary>
public static class PlanCommand
{
    private static readonly Option<string?> Source = Medium("--source", "what the image is on");

    private static readonly Option<string?> Destination = Medium("--destination", "where it goes");

    private static readonly Option<string?> SourceKind = Kind("--source-kind");

    private static readonly Option<string?> DestinationKind = Kind("--destination-kind");

    private static readonly FigureOptions SourceFigures = new("--source", "of the source");

    private static readonly FigureOptions DestinationFigures = new("--destination", "of the destination");

    private static readonly Option<ByteSize?> Image = Size("--image", "size of the virtual disk image");

    private static readonly Option<ByteSize?> Room = Size("--room", "what is free at the destination [default: enough]");

    private static readonly Option<int?> Read = Number<int?>("--read", "reads among the requests, in percent");

    private static readonly Option<ByteSize?> RequestSize = Size("--request-size", "mean size of a request");

    private static readonly Option<int?> Outstanding = Number<int?>("--outstanding", "requests outstanding");

    private static readonly Option<double?> Iops = Number<double?>("--iops", "requests a second of the VM; 0 for as many as the source can do");

    private static readonly Option<int?> WorkingSet = Number<int?>("--working-set", "share of the image that the VM uses, in percent");

    private static readonly Option<int> Sequential = Number("--sequential", "requests in sequence, in percent", 0);

    private static readonly Option<double> Zipf = Number("--zipf", "skew of the others: 0 for even, up to 0.99", 0.0);

    private static readonly Option<int> Used = Number("--used", "share of the image that was ever written, in percent", 100);

    private static readonly Option<int?> TimeMatters = Number<int?>("--time-matters", "how important a short transfer is, 0 to 10");

    private static readonly Option<int?> LifetimeMatters = Number<int?>("--lifetime-matters", "how important the life of the SSDs is, 0 to 10");

    private static readonly Option<double?> Gamma = Number<double?>(
        "--gamma", "weight of the life of the SSDs, 0 to 1, instead of the two above");

    private static readonly Option<string> By = new("--by")
    {
        Description = "cost: the lowest predicted cost; cutoffs: those of the embodiments 37 to 44",
        HelpName = "cost|cutoffs",
        DefaultValueFactory = _ => PlanChoice.ByCost,
    };

    private static readonly Option<double?> FirstCutOff = Number<double?>("--cut-off-1", "CO1 [default: the embodiment's]");

    private static readonly Option<double?> SecondCutOff = Number<double?>("--cut-off-2", "CO2 [default: 0.6]");

    private static readonly Option<string?> Schemes = new("--schemes")
    {
        Description = $"choose among these, with commas between: {PlanChoice.KnownSchemes} [default: all]",
        HelpName = "NAMES",
    };

    private static readonly Option<bool> Defaults = new("--defaults")
    {
        Description = "ask nothing: what no option says has its default",
    };

    private static readonly Option<string?> JsonFile = new("--json") { Description = "write the plan to a file", HelpName = "FILE" };

    private static readonly Option<bool> Force = new("--force") { Description = "overwrite the file if it exists" };

    public static Command Create()
    {
        var command = new Command("plan", "Predict what each scheme would cost a migration, and choose one; asks what no option says.")
        {
            Source, Destination, SourceKind, DestinationKind, Image, Room, Read, RequestSize, Outstanding, Iops, WorkingSet, Sequential, Zipf, Used,
            TimeMatters, LifetimeMatters, Gamma, By, FirstCutOff, SecondCutOff, Schemes, Defaults, JsonFile, Force,
        };
        foreach (Option option in SourceFigures.All.Concat(DestinationFigures.All))
            command.Add(option);
        command.SetAction(Run);
        command.Add(CreateCheck());
        return command;
    }

    private static Command CreateCheck()
    {
        Option<string> ssd = Profile("--ssd", "array-ssd");
        Option<string> hdd = Profile("--hdd", "array-hdd");
        Option<int> scale = Number("--scale", "images are so many times smaller than the benchmarks'", 64);
        var seed = new Option<ulong>("--seed") { Description = "seed of everything random", HelpName = "NUMBER", DefaultValueFactory = _ => 1 };
        var command = new Command("check", "Compare predictions with simulated migrations (specs/planning.md).")
        {
            ssd, hdd, scale, seed, JsonFile, Force,
        };
        command.SetAction(parsed => new PlanCheckProcess(new PlanCheckOptions(
            parsed.GetValue(ssd)!, parsed.GetValue(hdd)!, parsed.GetValue(scale), parsed.GetValue(seed), parsed.GetValue(JsonFile),
            parsed.GetValue(Force))).Run());
        return command;
    }

    private static Option<string> Profile(string name, string otherwise) => new(name)
    {
        Description = "a profile",
        HelpName = "NAME",
        DefaultValueFactory = _ => otherwise,
    };

    private static int Run(ParseResult parsed) => new PlanProcess(new PlanOptions
    {
        Source = parsed.GetValue(Source),
        Destination = parsed.GetValue(Destination),
        SourceKind = parsed.GetValue(SourceKind),
        DestinationKind = parsed.GetValue(DestinationKind),
        SourceFigures = SourceFigures.ValuesOf(parsed),
        DestinationFigures = DestinationFigures.ValuesOf(parsed),
        Image = parsed.GetValue(Image),
        Room = parsed.GetValue(Room),
        ReadPercent = Within(parsed, Read, 0, 100),
        RequestSize = parsed.GetValue(RequestSize),
        Outstanding = parsed.GetValue(Outstanding),
        Iops = parsed.GetValue(Iops),
        WorkingSetPercent = Within(parsed, WorkingSet, 1, 100),
        SequentialPercent = parsed.GetValue(Sequential),
        Skew = parsed.GetValue(Zipf),
        WrittenPercent = parsed.GetValue(Used),
        TimeMatters = Within(parsed, TimeMatters, 0, 10),
        LifetimeMatters = Within(parsed, LifetimeMatters, 0, 10),
        Gamma = parsed.GetValue(Gamma),
        By = parsed.GetValue(By)!,
        FirstCutOff = parsed.GetValue(FirstCutOff),
        SecondCutOff = parsed.GetValue(SecondCutOff),
        Schemes = parsed.GetValue(Schemes),
        TakesDefaults = parsed.GetValue(Defaults),
        JsonFile = parsed.GetValue(JsonFile),
        Force = parsed.GetValue(Force),
    }).Run();

    private static int? Within(ParseResult parsed, Option<int?> option, int least, int most) =>
        parsed.GetValue(option) is { } value && (value < least || value > most)
            ? throw new UserErrorException($"{option.Name}: {value} must be {least} to {most}")
            : parsed.GetValue(option);

    private static Option<string?> Kind(string name) => new(name)
    {
        Description = "what it is, where the profile does not tell",
        HelpName = "ssd|hdd",
    };

    private static Option<string?> Medium(string name, string description) => new(name)
    {
        Description = $"{description}: {string.Join(", ", PlannedMedium.Names)}",
        HelpName = "NAME",
    };

    private static Option<ByteSize?> Size(string name, string description) =>
        TextOption.Create(name, description, "SIZE", text => (ByteSize?)ByteSize.Parse(text));

    private static Option<T> Number<T>(string name, string description) => new(name) { Description = description, HelpName = "NUMBER" };

    private static Option<T> Number<T>(string name, string description, T otherwise) => new(name)
    {
        Description = description,
        HelpName = "NUMBER",
        DefaultValueFactory = _ => otherwise,
    };

    /// <summary>Figures that somebody measured, instead of those of the name.</summary>
    private sealed class FigureOptions(string prefix, string of)
    {
        private readonly Option<ByteSize?> _readBandwidth = Size(prefix + "-read-bandwidth", $"bytes a second in sequence {of}, read");
        private readonly Option<ByteSize?> _writeBandwidth = Size(prefix + "-write-bandwidth", "the same, written");
        private readonly Option<double?> _readIops = Number<double?>(prefix + "-read-iops", $"reads of 4 KiB a second {of}, 32 outstanding");
        private readonly Option<double?> _writeIops = Number<double?>(prefix + "-write-iops", "the same, writes");

        public IEnumerable<Option> All => [_readBandwidth, _writeBandwidth, _readIops, _writeIops];

        public MediumFigures ValuesOf(ParseResult parsed) => new()
        {
            ReadBandwidth = parsed.GetValue(_readBandwidth),
            WriteBandwidth = parsed.GetValue(_writeBandwidth),
            ReadIops = parsed.GetValue(_readIops),
            WriteIops = parsed.GetValue(_writeIops),
        };
    }
}
