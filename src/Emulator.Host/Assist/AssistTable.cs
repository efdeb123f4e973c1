using System.Globalization;
using Emulator.Simulation.Migrations;
using Spectre.Console;

namespace Emulator.Host.Assist;

/// <summary>What was measured, for people.</summary>
internal static class AssistTable
{
    private const int LineWidth = 140;

    public static string NameOf(MigrationAssist assist) => assist switch
    {
        MigrationAssist.None => "none",
        MigrationAssist.WrittenRanges => "written ranges",
        _ when (assist & MigrationAssist.DirectTransfer) != 0 => "+ direct transfer",
        _ when (assist & MigrationAssist.Prefetch) != 0 => "+ prefetch, priority",
        _ when (assist & MigrationAssist.Retention) != 0 => "+ retention",
        _ => "+ dirty ranges",
    };

    public static void Print(IAnsiConsole console, AssistOptions options, MigrationScenario scenario, IReadOnlyList<MigrationReport> reports)
    {
        // Rows stay in one piece also where the output goes to a file, which has no width.
        console.Profile.Width = Math.Max(console.Profile.Width, LineWidth);
        GuestReport before = reports[0].Before;
        console.WriteLine(
            $"{options.Workload} at {options.Rate} a second over {options.UsedPercent}% of {options.Size}, from {options.Profile} to "
            + $"{options.To ?? options.Profile}, link {options.LinkMegabits} Mbit/s, seed {options.Seed}");
        console.WriteLine(
            $"before the migration: {Number(before.CommandsPerSecond, "N0")} IOPS, latency {Number(before.MeanMicroseconds, "N0")} us in the mean, "
            + $"{Number(before.P99Microseconds, "N0")} us p99; written {Number(reports[0].BytesWrittenBefore / 1048576.0, "N0")} of "
            + $"{Number(scenario.Source.CapacityBytes / 1048576.0, "N0")} MiB");
        var table = new Table().Border(TableBorder.Simple);
        table.AddColumn(new TableColumn("assist").NoWrap());
        foreach (string column in new[]
        {
            "moved MiB", "rounds", "brown-out ms", "black-out ms", "IOPS", "mean us", "p99 us", "p99 us after", "retained read", "prefetched read",
        })
            table.AddColumn(new TableColumn(column).RightAligned());
        foreach (MigrationReport report in reports)
        {
            table.AddRow(
                NameOf(report.Assist),
                Number(report.BytesMoved / 1048576.0, "N0"),
                Number(report.Rounds, "N0"),
                Number(report.Brownout.Nanoseconds / 1e6, "N0"),
                Number(report.Blackout.Nanoseconds / 1e6, "N2"),
                Number(report.During.CommandsPerSecond, "N0"),
                Number(report.During.MeanMicroseconds, "N0"),
                Number(report.During.P99Microseconds, "N0"),
                Number(report.After?.P99Microseconds ?? 0, "N0"),
                Number(report.RetainedPagesRead, "N0"),
                Number(report.ReadsPrefetched, "N0"));
        }

        console.Write(table);
    }

    private static string Number(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}
