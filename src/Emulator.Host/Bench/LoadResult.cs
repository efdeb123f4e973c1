namespace Emulator.Host.Bench;

/// <summary>What one run of a case measured.</summary>
internal sealed record LoadResult
{
    public required double Iops { get; init; }

    public required double MeanMicroseconds { get; init; }

    public required double P50Microseconds { get; init; }

    public required double P99Microseconds { get; init; }

    public required double P999Microseconds { get; init; }

    public required double LongestMicroseconds { get; init; }

    /// <summary>Mean time of a flush of the other host; null without one.</summary>
    public double? FlushMicroseconds { get; init; }

    public double? LongestFlushMicroseconds { get; init; }

    /// <summary>Processor time of the drive's process for each command; null if it is not on this machine.</summary>
    public double? TargetCpuMicrosecondsPerIo { get; init; }

    /// <summary>Mean latency that the model of the drive says of the same load; null without a profile.</summary>
    public double? ModelMicroseconds { get; init; }

    /// <summary>Median latency that the model says.</summary>
    public double? ModelP50Microseconds { get; init; }
}

/// <summary>A case over all its runs: medians, and how far the runs are apart.</summary>
internal sealed record CaseReport
{
    public required string Workload { get; init; }

    public required int Bytes { get; init; }

    public required int Depth { get; init; }

    public required double Iops { get; init; }

    public required double MebibytesPerSecond { get; init; }

    public required double LowestIops { get; init; }

    public required double HighestIops { get; init; }

    public required double MeanMicroseconds { get; init; }

    public required double P50Microseconds { get; init; }

    public required double P99Microseconds { get; init; }

    public required double P999Microseconds { get; init; }

    /// <summary>Of all runs.</summary>
    public required double LongestMicroseconds { get; init; }

    /// <summary>Mean time of a flush of the other host; null without one.</summary>
    public double? FlushMicroseconds { get; init; }

    /// <summary>Of all runs.</summary>
    public double? LongestFlushMicroseconds { get; init; }

    public double? TargetCpuMicrosecondsPerIo { get; init; }

    /// <summary>Mean latency of the model of the drive; null without a profile.</summary>
    public double? ModelMicroseconds { get; init; }

    /// <summary>Median latency of the model of the drive.</summary>
    public double? ModelP50Microseconds { get; init; }

    public static CaseReport From(LoadCase load, IReadOnlyList<LoadResult> runs) => new()
    {
        Workload = load.Name,
        Bytes = load.Bytes,
        Depth = load.Depth,
        Iops = Median(runs.Select(run => run.Iops)),
        MebibytesPerSecond = Median(runs.Select(run => run.Iops)) * load.Bytes / (1 << 20),
        LowestIops = runs.Min(run => run.Iops),
        HighestIops = runs.Max(run => run.Iops),
        MeanMicroseconds = Median(runs.Select(run => run.MeanMicroseconds)),
        P50Microseconds = Median(runs.Select(run => run.P50Microseconds)),
        P99Microseconds = Median(runs.Select(run => run.P99Microseconds)),
        P999Microseconds = Median(runs.Select(run => run.P999Microseconds)),
        LongestMicroseconds = runs.Max(run => run.LongestMicroseconds),
        FlushMicroseconds = MedianIfAny(runs.Select(run => run.FlushMicroseconds)),
        LongestFlushMicroseconds = runs.Max(run => run.LongestFlushMicroseconds),
        TargetCpuMicrosecondsPerIo = MedianIfAny(runs.Select(run => run.TargetCpuMicrosecondsPerIo)),
        ModelMicroseconds = MedianIfAny(runs.Select(run => run.ModelMicroseconds)),
        ModelP50Microseconds = MedianIfAny(runs.Select(run => run.ModelP50Microseconds)),
    };

    private static double? MedianIfAny(IEnumerable<double?> values) =>
        values.Any(value => value == null) ? null : Median(values.Select(value => value!.Value));

    private static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        int middle = sorted.Length / 2;
        return sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}
