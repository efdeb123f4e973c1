using Emulator.Migration;
using Emulator.Simulation.Schemes;

namespace Emulator.Host.Schemes;

/// <summary>A cell of the evaluation as it is written to a file: specs/schemes.md.</summary>
internal sealed class SchemeRow(SchemeCell cell)
{
    public string Direction { get; } = SchemeNames.Direction(cell.IsSourceSsd, cell.IsDestinationSsd);

    public string Benchmark { get; } = cell.Benchmark;

    public string Scheme { get; } = SchemeNames.Of(cell.Result.Kind);

    public bool IsCompleted { get; } = cell.Result.IsCompleted;

    public bool HasConverged { get; } = cell.Result.HasConverged;

    public double MigrationSeconds { get; } = cell.Result.MigrationTime.Nanoseconds / 1e9;

    public double DowntimeMilliseconds { get; } = cell.Result.Downtime.Nanoseconds / 1e6;

    public double RequestsPerSecond { get; } = cell.Result.RequestsPerSecond;

    public double MeanMicroseconds { get; } = cell.Result.MeanMicroseconds;

    public double P99Microseconds { get; } = cell.Result.P99Microseconds;

    public double IoPenalty { get; } = cell.Cost.IoPenalty;

    public double MigrationTimeFactor { get; } = cell.Cost.MigrationTime;

    public double WearOut { get; } = cell.Cost.WearOut;

    public long RetainedPagesRead { get; } = cell.Result.RetainedPagesRead;

    public long ReadsPrefetched { get; } = cell.Result.ReadsPrefetched;

    /// <summary>Equation 4 at a weight of 0, 0.1 and so on to 1.</summary>
    public IReadOnlyList<double> CostByGamma { get; } = [.. Enumerable.Range(0, 11).Select(tenth => cell.Cost.Total(tenth / 10.0))];

    public IReadOnlyDictionary<string, long> Counters { get; } = CountersOf(cell.Result.Counters);

    private static Dictionary<string, long> CountersOf(SchemeCounters counters) =>
        typeof(SchemeCounters).GetFields().ToDictionary(
            field => char.ToLowerInvariant(field.Name[0]) + field.Name[1..],
            field => Convert.ToInt64(field.GetValue(counters), System.Globalization.CultureInfo.InvariantCulture));
}
