using System.Globalization;
using System.Runtime.InteropServices;
using Emulator.Host.Configuration;
using Spectre.Console;

namespace Emulator.Host.Bench;

/// <summary>What a measurement of migration assist is made of.</summary>
internal sealed record AssistBenchPlan
{
    public required TimeSpan WarmUp { get; init; }

    /// <summary>Of a turn of the drive that is served.</summary>
    public required TimeSpan Duration { get; init; }

    public required int Runs { get; init; }

    public required ulong Seed { get; init; }

    public required int TargetCore { get; init; }

    public required int LoadCore { get; init; }
}

/// <summary>What migration assist costs: those who write, and the hypervisor that reads what was written.</summary>
internal sealed class AssistBench(AssistBenchPlan plan, Action<string> tell)
{
    public AssistBenchReport Measure() => new()
    {
        Runs = plan.Runs,
        Seed = plan.Seed,
        Tracking = new TrackingBench(plan, tell).Measure(),
        DirtyRanges = new DirtyRangesBench(plan, tell).Measure(),
    };
}

/// <summary>How long a host took to read which granules are dirty.</summary>
internal sealed record RangesReport
{
    public required string What { get; init; }

    /// <summary>Ranges that were read, in all lists.</summary>
    public required ulong Ranges { get; init; }

    /// <summary>Most ranges in a list.</summary>
    public required int MostRanges { get; init; }

    /// <summary>Bytes of a Get Log Page command.</summary>
    public required int PieceBytes { get; init; }

    /// <summary>All lists.</summary>
    public required Rate Milliseconds { get; init; }

    /// <summary>The longest command of each run: for so long nobody else was served.</summary>
    public required Rate LongestCommandMilliseconds { get; init; }
}

/// <summary>What migration assist costs, as it is printed and written to a file.</summary>
internal sealed record AssistBenchReport : IBenchReport
{
    public string Processor { get; init; } = BenchReport.ProcessorName();

    public string Runtime { get; init; } = RuntimeInformation.FrameworkDescription;

    public required int Runs { get; init; }

    public required ulong Seed { get; init; }

    public required IReadOnlyList<TurnsReport> Tracking { get; init; }

    public required IReadOnlyList<RangesReport> DirtyRanges { get; init; }

    public void Print(IAnsiConsole console)
    {
        console.Profile.Width = Math.Max(console.Profile.Width, BenchReport.LineWidth);
        console.WriteLine($"{Processor}, {Runtime}; medians of {Runs} runs, seed {Seed}");
        console.Write(TrackingTable());
        console.Write(RangesTable());
    }

    private Table TrackingTable()
    {
        Table table = NewTable("random writes of 4 KiB, dirty tracking", "", "off", "on", "more", "±", "%", "±");
        foreach (TurnsReport row in Tracking)
        {
            double more = row.Difference.Median;
            table.AddRow(
                row.What,
                row.Unit,
                Number(row.Off.Median, "F1"),
                Number(row.On.Median, "F1"),
                Number(more, "F1"),
                Number(row.DifferenceError, "F1"),
                Number(more / row.Off.Median * 100, "F1"),
                Number(row.DifferenceError / row.Off.Median * 100, "F1"));
        }

        return table;
    }

    private Table RangesTable()
    {
        Table table = NewTable(
            "dirty ranges of 1 TiB, 1,000,000 granules", "ranges", "most in a list", "pieces", "ms", "lowest", "highest", "longest command, ms");
        foreach (RangesReport row in DirtyRanges)
        {
            table.AddRow(
                row.What,
                row.Ranges.ToString(CultureInfo.InvariantCulture),
                row.MostRanges.ToString(CultureInfo.InvariantCulture),
                new ByteSize(row.PieceBytes).ToString(),
                Number(row.Milliseconds.Median, "F1"),
                Number(row.Milliseconds.Lowest, "F1"),
                Number(row.Milliseconds.Highest, "F1"),
                Number(row.LongestCommandMilliseconds.Median, "F1"));
        }

        return table;
    }

    private static Table NewTable(string what, params string[] columns)
    {
        Table table = new Table().Border(TableBorder.Simple);
        table.AddColumn(new TableColumn(what).NoWrap());
        foreach (string column in columns)
            table.AddColumn(new TableColumn(column).RightAligned());
        return table;
    }

    private static string Number(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}
