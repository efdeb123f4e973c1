using Emulator.Migration;
using Emulator.Simulation.Plots;

namespace Emulator.Simulation.Schemes;

/// <summary>The figures one by one.</summary>
public sealed partial class SchemeFigures
{
    private const string Gamma = "weight of SSD life, gamma";

    private static readonly (bool, bool)[] Directions = [.. SchemeEvaluation.Directions];

    private static readonly string[] Labels = [.. Directions.Select(Name)];

    private static string ColourOf(SchemeKind kind) => kind switch
    {
        SchemeKind.DirtyBlockTracking => "#888888",
        SchemeKind.Mirroring => "#c8372d",
        SchemeKind.LowRedundancy => "#2c8a3d",
        SchemeKind.SourceLowRedundancy => "#1f6fb4",
        SchemeKind.AsynchronousMirroring => "#e08a1e",
        SchemeKind.Assist => "#8a4fb0",
        SchemeKind.ReferenceAtSource => "#333333",
        _ => "#35b0a8",
    };

    /// <summary>What requests that go to one side alone do to the copy, and it to them.</summary>
    private Sheet Figure1()
    {
        var sheet = new Sheet(2);
        sheet.Add("1a: IOPS of the VM while its image is copied", "IOPS", Labels, ByDirection(References, Rate));
        sheet.Add("1b: time to copy the image of a VM that works", "s for 5 GB", Labels, ByDirection(References, Seconds));
        return sheet;
    }

    private Sheet Figure2()
    {
        var sheet = new Sheet(1);
        sheet.Add("2: migration time, IOmeter with 50% reads", "s for 5 GB", Labels, ByDirection(Existing, Seconds));
        return sheet;
    }

    private Sheet Figure3()
    {
        var sheet = new Sheet(1);
        sheet.Add("3: IOPS during migration", "IOPS", Labels, ByDirection(Existing, Rate));
        return sheet;
    }

    /// <summary>Beside what is written, what a copy of the image and the VM have to write: the dashed line of the text.</summary>
    private Sheet Figure4()
    {
        var sheet = new Sheet(1);
        SchemeKind[] kinds = [SchemeKind.DirtyBlockTracking, SchemeKind.Mirroring];
        double?[] Of(Func<SchemeCell, double> bytes) =>
            [.. kinds.Select(kind => Value((true, true), "IOZ_W", kind, cell => Gigabytes(bytes(cell))))];
        Bars[] bars =
        [
            new("written to SSD", "#c8372d", Of(WrittenToSsd)),
            new("image and writes of the VM", "#888888", Of(cell => cell.Result.Counters.BytesCopied + cell.Result.Counters.BytesWritten)),
        ];
        sheet.Add("4: IOzone, SSD to SSD", "GB for 30 GB", [.. kinds.Select(SchemeNames.Of)], bars);
        return sheet;
    }

    private static double WrittenToSsd(SchemeCell cell)
    {
        SchemeCounters counters = cell.Result.Counters;
        return (cell.IsSourceSsd ? counters.BytesToSource : 0)
            + (cell.IsDestinationSsd ? counters.BytesToDestination + counters.BytesCopied + counters.BytesMerged : 0);
    }

    private Sheet Figure5()
    {
        var sheet = new Sheet(1);
        sheet.Add("5: migration cost at a weight of 0.5", "MC", Labels, ByDirection(Existing, cell => cell.Cost.Total(0.5)));
        return sheet;
    }

    private Sheet Figure6()
    {
        var sheet = new Sheet(3);
        foreach ((string part, (bool, bool) direction) in new[] { ("6a", (true, true)), ("6b", (true, false)), ("6c", (false, true)) })
            sheet.Add($"{part}: {Name(direction)}", Gamma, "MC", ByGamma(direction, "IOM_50", Existing));
        return sheet;
    }

    private Sheet Figure10()
    {
        var sheet = new Sheet(3);
        string[] benchmarks = ["IOZ_W10", "IOZ_W", "IOZ_W40"];
        foreach ((string part, (bool, bool) direction) in new[] { ("10a", (true, false)), ("10b", (false, true)), ("10c", (true, true)) })
        {
            sheet.Add(
                $"{part}: written to SSD, {Name(direction)}", "GB for 30 GB", ["3 GB file", "6 GB file", "12 GB file"],
                ByBenchmark(direction, benchmarks, Six, cell => Gigabytes(WrittenToSsd(cell))));
        }

        return sheet;
    }

    /// <summary>Figures 11 to 14.</summary>
    private Sheet Direction(int number, (bool, bool) direction)
    {
        var sheet = new Sheet(4);
        Bars[] times = ByBenchmark(direction, Table7, Six, cell => cell.Cost.MigrationTime);
        Bars[] penalties = ByBenchmark(direction, Table7, Six, cell => cell.Cost.IoPenalty);
        sheet.Add($"{number}a: migration time, {Name(direction)}", "idle copies", Table7, times);
        sheet.Add($"{number}b: I/O penalty, {Name(direction)}", "share", Table7, penalties);
        if (number == 14)
        {
            Bars[] costs = ByBenchmark(direction, Table7, Six, cell => cell.Cost.Total(0));
            sheet.Add("14c: migration cost at a weight of 0, HDD to HDD", "MC", Table7, costs);
            return sheet;
        }

        sheet.Add($"{number}c: IOM_4, {Name(direction)}", Gamma, "MC", ByGamma(direction, "IOM_4", Six));
        sheet.Add($"{number}d: Db_16, {Name(direction)}", Gamma, "MC", ByGamma(direction, "Db_16", Six));
        return sheet;
    }

    private Sheet Figure15()
    {
        var fleet = new SchemeFleet([.. cells.Where(cell => Table7.Contains(cell.Benchmark))]);
        var sheet = new Sheet(3);
        foreach ((string part, double gamma) in new[] { ("15a", 0.1), ("15b", 0.5), ("15c", 0.8) })
        {
            Curve[] curves =
            [
                .. SchemeFleet.Mixed.Select(kind =>
                    Curve(SchemeNames.Of(kind), ColourOf(kind), unlike => fleet.Cost(kind, gamma, 0.5 - unlike))),
                Curve("Mix", "#000000", unlike => fleet.Cost(null, gamma, 0.5 - unlike)),
            ];
            sheet.Add($"{part}: many VMs, weight {Axis.Label(gamma)}", "share from SSD to HDD, and from HDD to SSD", "mean MC", curves);
        }

        return sheet;

        static Curve Curve(string name, string colour, Func<double, double> cost) =>
            new(name, colour, [.. Enumerable.Range(0, 11).Select(step => (step / 20.0, (double?)cost(step / 20.0)))]);
    }

    private static string Name((bool Source, bool Destination) direction) =>
        $"{(direction.Source ? "SSD" : "HDD")} to {(direction.Destination ? "SSD" : "HDD")}";

    /// <summary>Of an image of the text's size.</summary>
    private double Gigabytes(double bytes) => bytes * scale / (1L << 30);

    private static double Rate(SchemeCell cell) => cell.Result.RequestsPerSecond;

    /// <summary>Of an image of the text's size.</summary>
    private double Seconds(SchemeCell cell) => cell.Result.MigrationTime.Nanoseconds / 1e9 * scale;

    private Bars[] ByDirection(IReadOnlyList<SchemeKind> kinds, Func<SchemeCell, double> of) =>
    [
        .. kinds.Select(kind => new Bars(
            SchemeNames.Of(kind), ColourOf(kind), [.. Directions.Select(direction => Value(direction, "IOM_50", kind, of))])),
    ];

    private Bars[] ByBenchmark((bool, bool) direction, string[] benchmarks, IReadOnlyList<SchemeKind> kinds, Func<SchemeCell, double> of) =>
    [
        .. kinds.Select(kind => new Bars(
            SchemeNames.Of(kind), ColourOf(kind), [.. benchmarks.Select(benchmark => Value(direction, benchmark, kind, of))])),
    ];

    private Curve[] ByGamma((bool, bool) direction, string benchmark, IReadOnlyList<SchemeKind> kinds) =>
    [
        .. kinds.Select(kind => new Curve(SchemeNames.Of(kind), ColourOf(kind),
        [
            .. Enumerable.Range(0, 11).Select(step => step / 10.0)
                .Select(gamma => (gamma, Value(direction, benchmark, kind, cell => cell.Cost.Total(gamma)))),
        ])),
    ];
}
