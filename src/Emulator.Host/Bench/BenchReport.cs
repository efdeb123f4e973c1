using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Serialization;
using Spectre.Console;

namespace Emulator.Host.Bench;

/// <summary>A whole measurement, as it is printed and written to a file.</summary>
internal sealed record BenchReport : IBenchReport
{
    public static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    public const int LineWidth = 176;

    public required string Processor { get; init; }

    public string Runtime { get; init; } = RuntimeInformation.FrameworkDescription;

    public required string Target { get; init; }

    public required int Runs { get; init; }

    public required double SecondsPerRun { get; init; }

    public required ulong Seed { get; init; }

    public required IReadOnlyList<CaseReport> Cases { get; init; }

    /// <summary>Managed memory that the drive's reactor allocated, connections included, for each command it executed.</summary>
    public double? TargetAllocatedBytesPerIo { get; init; }

    /// <summary>Resident memory of the drive's process after the last run, its medium included.</summary>
    public long? TargetResidentBytes { get; init; }

    public double? TargetWriteAmplification { get; init; }

    public static string ProcessorName()
    {
        string? line = File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal));
        return line?[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim() ?? "unknown processor";
    }

    public void Print(IAnsiConsole console)
    {
        // Rows stay in one piece also where the output goes to a file, which has no width.
        console.Profile.Width = Math.Max(console.Profile.Width, LineWidth);
        var table = new Table().Border(TableBorder.Simple);
        table.AddColumn(new TableColumn("workload").NoWrap());
        foreach (string column in new[] { "IOPS", "spread", "MiB/s", "mean us", "p50", "p99", "p99.9", "longest", "CPU us/IO" })
            table.AddColumn(new TableColumn(column).RightAligned());
        bool hasModel = Cases.Any(row => row.ModelMicroseconds != null);
        if (hasModel)
        {
            foreach (string column in new[] { "model us", "p50", "beyond us", "p50", "%" })
                table.AddColumn(new TableColumn(column).RightAligned());
        }

        foreach (CaseReport row in Cases)
        {
            string[] cells =
            [
                $"{row.Workload} {row.Bytes / 1024} KiB, depth {row.Depth}",
                Number(row.Iops, "F0"),
                $"{Number((row.HighestIops - row.LowestIops) / row.Iops * 100, "F0")}%",
                Number(row.MebibytesPerSecond, "F0"),
                Number(row.MeanMicroseconds, "F1"),
                Number(row.P50Microseconds, "F1"),
                Number(row.P99Microseconds, "F1"),
                Number(row.P999Microseconds, "F1"),
                Number(row.LongestMicroseconds, "F1"),
                row.TargetCpuMicrosecondsPerIo is { } cpu ? Number(cpu, "F2") : "-",
            ];
            table.AddRow(hasModel ? [.. cells, .. BesideModel(row)] : cells);
        }

        console.WriteLine($"{Processor}, {Runtime}; {Target}");
        console.WriteLine($"medians of {Runs} interleaved runs of {Number(SecondsPerRun, "0.#")} s, seed {Seed}");
        console.Write(table);
        foreach (CaseReport row in Cases.Where(row => row.FlushMicroseconds != null))
        {
            console.WriteLine(
                $"beside {row.Workload} at depth {row.Depth}: a flush took {Number(row.FlushMicroseconds!.Value / 1e3, "F2")} ms, "
                + $"{Number(row.LongestFlushMicroseconds!.Value / 1e3, "F2")} ms at most");
        }

        if (TargetResidentBytes is { } resident)
        {
            console.WriteLine(
                $"drive: {resident >> 20} MiB resident, {Number(TargetAllocatedBytesPerIo ?? 0, "F3")} bytes allocated for each I/O, "
                + $"write amplification {Number(TargetWriteAmplification ?? 0, "F2")}");
        }
    }

    /// <summary>What the model says, and what the served drive takes beyond it.</summary>
    private static string[] BesideModel(CaseReport row)
    {
        double mean = row.ModelMicroseconds!.Value;
        double median = row.ModelP50Microseconds!.Value;
        double beyond = row.MeanMicroseconds - mean;
        return
        [
            Number(mean, "F1"),
            Number(median, "F1"),
            Number(beyond, "F1"),
            Number(row.P50Microseconds - median, "F1"),
            Number(beyond / mean * 100, "F1"),
        ];
    }

    private static string Number(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}
