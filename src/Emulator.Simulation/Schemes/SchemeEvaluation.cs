using System.Collections.Concurrent;
using Emulator.Core;
using Emulator.Device;
using Emulator.Migration;

namespace Emulator.Simulation.Schemes;

/// <summary>Every scheme under every benchmark, between SSD and HDD in all four directions.</summary>
/// <param name="options">What is evaluated.</param>
/// <param name="poll">Called now and then, by any of the threads; may throw to end it.</param>
public sealed class SchemeEvaluation(SchemeEvaluationOptions options, Action? poll = null)
{
    /// <summary>An SSD is so many times as large as the image, and an HDD: head movements depend on it.</summary>
    private const int ImagesOfSsd = 4;
    private const int ImagesOfHdd = 25;

    private const int MostPendingRequests = 512;

    private readonly ConcurrentDictionary<(bool, bool, long), SimDuration> _copyTimes = new();
    private readonly ConcurrentDictionary<(bool, string), double> _baselines = new();

    public static IReadOnlyList<(bool IsSourceSsd, bool IsDestinationSsd)> Directions { get; } =
        [(true, true), (true, false), (false, true), (false, false)];

    /// <summary>Runs all of it on the processors there are.</summary>
    /// <returns>In the order of directions, benchmarks and schemes, whatever came first.</returns>
    /// <exception cref="OperationCanceledException">The caller ended it.</exception>
    public IReadOnlyList<SchemeCell> Run()
    {
        SchemeBenchmark[] benchmarks = [.. options.Benchmarks];
        ForEach(benchmarks.Select(benchmark => (true, benchmark)).Concat(benchmarks.Select(benchmark => (false, benchmark))), MeasureBaseline);
        var sizes = benchmarks.Select(benchmark => ScaledBytes(benchmark)).Distinct();
        ForEach(sizes.SelectMany(size => options.Directions.Select(direction => (direction, size))), MeasureCopyTime);
        var cells = options.Directions
            .SelectMany(direction => benchmarks.SelectMany(benchmark => options.Schemes.Select(kind => (direction, benchmark, kind))))
            .ToArray();
        var results = new SchemeCell[cells.Length];
        ForEach(Enumerable.Range(0, cells.Length), index =>
        {
            ((bool source, bool destination), SchemeBenchmark benchmark, SchemeKind kind) = cells[index];
            results[index] = Measure(source, destination, benchmark, kind);
        });
        return results;
    }

    /// <summary>What copying an image takes while the VM is idle, which is table 1.</summary>
    public SimDuration CopyTime(bool isSourceSsd, bool isDestinationSsd, SchemeBenchmark benchmark) =>
        _copyTimes[(isSourceSsd, isDestinationSsd, ScaledBytes(benchmark))];

    /// <summary>Requests a second of a VM without migration, which is table 2.</summary>
    public double Baseline(bool isSsd, SchemeBenchmark benchmark) => _baselines[(isSsd, benchmark.Name)];

    private void ForEach<T>(IEnumerable<T> items, Action<T> action)
    {
        try
        {
            Parallel.ForEach(items, new ParallelOptions { MaxDegreeOfParallelism = options.Threads }, action);
        }
        catch (AggregateException e) when (e.InnerExceptions.All(inner => inner is OperationCanceledException))
        {
            throw new OperationCanceledException();
        }
    }

    private long ScaledBytes(SchemeBenchmark benchmark) => benchmark.ImageBytes / options.Scale / 4096 * 4096;

    private void MeasureBaseline((bool IsSsd, SchemeBenchmark Benchmark) of)
    {
        SchemeScenario scenario = ScenarioOf(of.IsSsd, of.IsSsd, of.Benchmark, SchemeKind.ReferenceAtSource);
        using var simulation = new SchemeSimulation(scenario, poll);
        _baselines[(of.IsSsd, of.Benchmark.Name)] = simulation.Baseline(options.BaselineTime);
    }

    private void MeasureCopyTime(((bool IsSourceSsd, bool IsDestinationSsd) Direction, long Size) of)
    {
        (bool source, bool destination) = of.Direction;
        SchemeBenchmark any = options.Benchmarks.First(benchmark => ScaledBytes(benchmark) == of.Size);
        SchemeScenario scenario = ScenarioOf(source, destination, any, SchemeKind.ReferenceAtSource) with { Benchmark = null };
        using var simulation = new SchemeSimulation(scenario, poll);
        _copyTimes[(source, destination, of.Size)] = simulation.Run().MigrationTime;
    }

    private SchemeCell Measure(bool source, bool destination, SchemeBenchmark benchmark, SchemeKind kind)
    {
        SimDuration copyTime = CopyTime(source, destination, benchmark);
        SchemeScenario scenario = ScenarioOf(source, destination, benchmark, kind) with { Limit = copyTime * options.MostCopyTimes };
        using var simulation = new SchemeSimulation(scenario, poll);
        SchemeResult result = simulation.Run();
        double best = Math.Max(Baseline(source, benchmark), Baseline(destination, benchmark));
        MigrationCost cost = MigrationCost.Of(new MigrationMeasurement
        {
            BestPerformance = best,
            Performance = result.RequestsPerSecond,
            MigrationTime = result.MigrationTime,
            ImageCopyTime = copyTime,
            Counters = result.Counters,
            IsSourceWorn = source,
            IsDestinationWorn = destination,
        });
        return new SchemeCell(source, destination, benchmark.Name, result, cost);
    }

    private SchemeScenario ScenarioOf(bool source, bool destination, SchemeBenchmark benchmark, SchemeKind kind)
    {
        long image = ScaledBytes(benchmark);
        return new SchemeScenario
        {
            Source = DriveOf(source, image),
            Destination = DriveOf(destination, image),
            Scheme = options.Scheme with { Kind = kind, MostRequests = MostPendingRequests },
            Benchmark = benchmark,
            ImageBytes = image,
            UsedPercent = options.UsedPercent,
            Seed = options.Seed,
        };
    }

    private DriveOptions DriveOf(bool isSsd, long image)
    {
        long bytes = image * (isSsd ? ImagesOfSsd : ImagesOfHdd);
        return (isSsd ? options.Ssd : options.Hdd) with { CapacityBytes = bytes >> 20 << 20 };
    }
}

/// <summary>A cell of the evaluation.</summary>
public sealed record SchemeCell(
    bool IsSourceSsd, bool IsDestinationSsd, string Benchmark, SchemeResult Result, MigrationCost Cost);

/// <summary>What an evaluation is of.</summary>
public sealed record SchemeEvaluationOptions
{
    /// <summary>A drive of its profile with a cache to suit the scale; its capacity follows from the image.</summary>
    public required DriveOptions Ssd { get; init; }

    public required DriveOptions Hdd { get; init; }

    public IReadOnlyList<SchemeBenchmark> Benchmarks { get; init; } = SchemeBenchmark.All;

    public IReadOnlyList<SchemeKind> Schemes { get; init; } = Enum.GetValues<SchemeKind>();

    public IReadOnlyList<(bool IsSourceSsd, bool IsDestinationSsd)> Directions { get; init; } = SchemeEvaluation.Directions;

    /// <summary>Images are so many times smaller than those of the benchmarks. Ratios of times hardly depend on it.</summary>
    public int Scale { get; init; } = 64;

    /// <summary>Share of an image in percent that the VM ever wrote.</summary>
    public int UsedPercent { get; init; } = 100;

    /// <summary>Parameters of all schemes.</summary>
    public SchemeOptions Scheme { get; init; } = new() { Kind = SchemeKind.DirtyBlockTracking };

    /// <summary>How long a VM is watched without a migration.</summary>
    public SimDuration BaselineTime { get; init; } = SimDuration.FromSeconds(2);

    /// <summary>A migration that takes so many times as long as an idle copy has failed.</summary>
    public int MostCopyTimes { get; init; } = 25;

    public ulong Seed { get; init; } = 1;

    /// <summary>Cells that are run at a time; the result does not depend on it.</summary>
    public int Threads { get; init; } = Environment.ProcessorCount;
}
