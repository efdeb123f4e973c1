using System.Globalization;
using System.Runtime.InteropServices;
using Spectre.Console;

namespace Emulator.Host.Bench;

/// <summary>A load on a target, over all runs.</summary>
/// <param name="Ratio">IOPS beside those of the drive at its own door in the same run.</param>
internal sealed record DoorsRow(string Case, string Target, Rate Iops, Rate Ratio, double P50Microseconds, double P99Microseconds);

/// <summary>A comparison of doors, as it is printed and written to a file.</summary>
internal sealed record DoorsBenchReport : IBenchReport
{
    public required string Processor { get; init; }

    public string Runtime { get; init; } = RuntimeInformation.FrameworkDescription;

    public required string Spdk { get; init; }

    public required int Runs { get; init; }

    public required double SecondsPerRun { get; init; }

    public required ulong Seed { get; init; }

    public required IReadOnlyList<DoorsRow> Rows { get; init; }

    public void Print(IAnsiConsole console)
    {
        console.Profile.Width = Math.Max(console.Profile.Width, BenchReport.LineWidth);
        var table = new Table().Border(TableBorder.Simple);
        table.AddColumn(new TableColumn("workload").NoWrap());
        table.AddColumn(new TableColumn("target").NoWrap());
        foreach (string column in new[] { "IOPS", "lowest", "highest", "of own door", "lowest", "highest", "p50 us", "p99" })
            table.AddColumn(new TableColumn(column).RightAligned());
        foreach (DoorsRow row in Rows)
        {
            table.AddRow(
                row.Case, row.Target, Text(row.Iops.Median, "F0"), Text(row.Iops.Lowest, "F0"), Text(row.Iops.Highest, "F0"),
                Text(row.Ratio.Median, "F2"), Text(row.Ratio.Lowest, "F2"), Text(row.Ratio.Highest, "F2"),
                Text(row.P50Microseconds, "F1"), Text(row.P99Microseconds, "F1"));
        }

        console.WriteLine($"{Processor}, {Runtime}, {Spdk}");
        console.WriteLine($"medians of {Runs} runs of {Text(SecondsPerRun, "0.#")} s, targets in turns, seed {Seed}; ratios are of one run");
        console.Write(table);
    }

    private static string Text(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}
