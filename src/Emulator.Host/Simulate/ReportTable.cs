using System.Globalization;
using Emulator.Host.Configuration;
using Emulator.Simulation.Reports;
using Spectre.Console;

namespace Emulator.Host.Simulate;

/// <summary>The report of a simulation for people.</summary>
internal static class ReportTable
{
    private const int LineWidth = 120;

    public static void Print(IAnsiConsole console, SimulationReport report)
    {
        // Rows stay in one piece also where the output goes to a file, which has no width.
        console.Profile.Width = Math.Max(console.Profile.Width, LineWidth);
        console.WriteLine(
            $"{report.Workload} on a drive of {new ByteSize(report.CapacityBytes)}, profile {report.Profile}, seed {report.Seed}");
        console.WriteLine(Precondition(report.Precondition));
        console.Write(Latencies(report.LatencyUs));
        console.WriteLine(
            $"{Number(report.Commands, "N0")} commands in {Number(report.SimulatedSeconds, "F6")} s of virtual time"
            + (report.Throughput is { CommandsPerSecond: { } rate } virtualTime
                ? $": {Number(rate, "N0")} IOPS, {Number(virtualTime.ReadMebibytesPerSecond!.Value, "N1")} MiB/s read, "
                    + $"{Number(virtualTime.WriteMebibytesPerSecond!.Value, "N1")} MiB/s written"
                : ", in which the drive does everything"));
        console.WriteLine(
            $"simulated in {Number(report.WallSeconds, "F3")} s: {Number(report.Throughput.CommandsPerWallSecond, "N0")} commands a second");
        console.WriteLine($"write amplification {Number(report.WriteAmplification, "F3")}");
        console.Write(Counters(report.Ftl));
        console.WriteLine(
            $"wear {report.Wear.PercentageUsed}%, available spare {report.Wear.AvailableSparePercent}%, "
            + $"media errors {report.Wear.MediaErrors}");
        console.WriteLine($"failed commands {Number(report.Errors.Total, "N0")}"
            + string.Concat(report.Errors.ByStatus.Select(error => $"\n  {error.Key}: {Number(error.Value, "N0")}")));
        console.WriteLine($"trace hash {report.TraceHash}");
    }

    private static string Precondition(PreconditionReport report) => report.Kind switch
    {
        Emulator.Simulation.Workloads.Precondition.None => "the drive was empty before",
        _ => $"preconditioned with {Number(report.Commands, "N0")} writes in {Number(report.WallSeconds, "F1")} s"
            + report.IsSteady switch
            {
                true => ", to steady state",
                false => "; write amplification did not settle",
                null => "",
            },
    };

    private static Table Latencies(OverallLatency latency)
    {
        var table = new Table().Border(TableBorder.Simple);
        table.AddColumn("latency, us");
        foreach (string column in new[] { "commands", "mean", "p50", "p99", "p99.9", "max" })
            table.AddColumn(new TableColumn(column).RightAligned());
        foreach ((string name, LatencyReport? row) in new[]
        {
            ("all", latency), ("reads", latency.Reads), ("writes", latency.Writes), ("trims", latency.Trims), ("flushes", latency.Flushes),
        })
        {
            if (row != null)
            {
                table.AddRow(
                    name, Number(row.Commands, "N0"), Number(row.Mean, "N1"), Number(row.P50, "N1"), Number(row.P99, "N1"),
                    Number(row.P999, "N1"), Number(row.Max, "N1"));
            }
        }

        return table;
    }

    private static Table Counters(IReadOnlyDictionary<string, long> counters)
    {
        var table = new Table().Border(TableBorder.Simple);
        table.AddColumn("translation layer");
        table.AddColumn(new TableColumn("").RightAligned());
        foreach ((string name, long value) in counters)
            table.AddRow(name, Number(value, "N0"));
        return table;
    }

    private static string Number(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}
