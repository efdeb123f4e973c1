using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;
using Emulator.Core;
using Emulator.Ftl;
using Emulator.Simulation.Workloads;
using Emulator.Wire;

namespace Emulator.Simulation.Reports;

/// <summary>What a run was and what it measured, as it is written to a file: specs/simulation.md.</summary>
public sealed record SimulationReport
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    public required string Profile { get; init; }

    public required string Workload { get; init; }

    public required ulong Seed { get; init; }

    public required long CapacityBytes { get; init; }

    public required int BlockBytes { get; init; }

    public required string TraceHash { get; init; }

    public required long Commands { get; init; }

    public required double WallSeconds { get; init; }

    public required double SimulatedSeconds { get; init; }

    public required PreconditionReport Precondition { get; init; }

    public required OverallLatency LatencyUs { get; init; }

    public required ThroughputReport Throughput { get; init; }

    public required double WriteAmplification { get; init; }

    public required ErrorReport Errors { get; init; }

    /// <summary>What the translation layer counted during the run.</summary>
    public required IReadOnlyDictionary<string, long> Ftl { get; init; }

    public required WearReport Wear { get; init; }

    public string ToJson() => JsonSerializer.Serialize(this, Json) + "\n";

    /// <summary>Names and values of the counters, as they are named in JSON.</summary>
    public static IReadOnlyDictionary<string, long> CountersOf(in FtlCounters counters)
    {
        var table = new Dictionary<string, long>();
        foreach (FieldInfo field in typeof(FtlCounters).GetFields(BindingFlags.Public | BindingFlags.Instance))
        {
            if (field.GetValue(counters) is long value)
                table.Add(JsonNamingPolicy.CamelCase.ConvertName(field.Name), value);
        }

        return table;
    }
}

/// <summary>What was done to the drive before.</summary>
/// <param name="IsSteady">Whether write amplification settled; null where nothing was overwritten to that end.</param>
public sealed record PreconditionReport(Precondition Kind, long Commands, double WallSeconds, double SimulatedSeconds, bool? IsSteady);

/// <summary>Latencies of some commands in microseconds, from arrival to completion.</summary>
public record LatencyReport
{
    public LatencyReport(LatencyHistogram histogram)
    {
        Commands = histogram.Count;
        Mean = histogram.Mean.Nanoseconds / 1e3;
        P50 = histogram.Percentile(50).Nanoseconds / 1e3;
        P99 = histogram.Percentile(99).Nanoseconds / 1e3;
        P999 = histogram.Percentile(99.9).Nanoseconds / 1e3;
        Max = histogram.Longest.Nanoseconds / 1e3;
    }

    public long Commands { get; }

    public double Mean { get; }

    public double P50 { get; }

    public double P99 { get; }

    public double P999 { get; }

    public double Max { get; }
}

/// <summary>Latencies of all commands, and of each kind; null for a kind that did not come.</summary>
public sealed record OverallLatency : LatencyReport
{
    public OverallLatency(RunRecorder recorder)
        : base(recorder.Latencies)
    {
        Reads = Of(recorder, RequestKind.Read);
        Writes = Of(recorder, RequestKind.Write);
        Trims = Of(recorder, RequestKind.Trim);
        Flushes = Of(recorder, RequestKind.Flush);
    }

    [JsonPropertyOrder(1)]
    public LatencyReport? Reads { get; }

    [JsonPropertyOrder(1)]
    public LatencyReport? Writes { get; }

    [JsonPropertyOrder(1)]
    public LatencyReport? Trims { get; }

    [JsonPropertyOrder(1)]
    public LatencyReport? Flushes { get; }

    private static LatencyReport? Of(RunRecorder recorder, RequestKind kind) =>
        recorder.LatenciesOf(kind) is { Count: > 0 } histogram ? new LatencyReport(histogram) : null;
}

/// <summary>In virtual time, but for the last; null where no time passed.</summary>
public sealed record ThroughputReport(
    double? CommandsPerSecond, double? ReadMebibytesPerSecond, double? WriteMebibytesPerSecond, double CommandsPerWallSecond)
{
    public static ThroughputReport Of(RunRecorder recorder, double wallSeconds)
    {
        double seconds = (recorder.End - recorder.Begin).Nanoseconds / 1e9;
        return new ThroughputReport(
            Rate(recorder.Latencies.Count),
            Rate(recorder.BytesOf(RequestKind.Read) / (double)(1 << 20)),
            Rate(recorder.BytesOf(RequestKind.Write) / (double)(1 << 20)),
            wallSeconds > 0 ? recorder.Latencies.Count / wallSeconds : 0);

        double? Rate(double amount) => seconds > 0 ? amount / seconds : null;
    }
}

/// <summary>Commands that did not succeed, in all and by status.</summary>
public sealed record ErrorReport(long Total, IReadOnlyDictionary<string, long> ByStatus)
{
    public static ErrorReport Of(RunRecorder recorder) => new(
        recorder.Errors.Sum(error => error.Value),
        recorder.Errors.ToDictionary(error => error.Key.ToString(), error => error.Value));
}

/// <summary>How worn the drive is at the end, by its SMART / Health Information.</summary>
public sealed record WearReport(int PercentageUsed, int AvailableSparePercent, ulong MediaErrors)
{
    public static WearReport Of(in SmartHealth health) => new(health.Pused, health.Avsp, (ulong)(UInt128)health.Mdie);
}
