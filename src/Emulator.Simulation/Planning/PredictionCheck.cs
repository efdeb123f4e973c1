using Emulator.Device;
using Emulator.Migration;
using Emulator.Simulation.Schemes;

namespace Emulator.Simulation.Planning;

/// <summary>
/// Compares predictions with the counters of simulated migrations, for every benchmark, direction and scheme that can be
/// chosen.
/// </summary>
public static class PredictionCheck
{
    /// <summary>A device is so many times as large as the image, as in the evaluation.</summary>
    private const int ImagesOfSsd = 4;
    private const int ImagesOfHdd = 25;

    /// <param name="options">Its drives have caches to suit the scale.</param>
    /// <param name="poll">Called now and then, by any of the threads; may throw to end it.</param>
    /// <returns>In the order of the evaluation.</returns>
    /// <exception cref="OperationCanceledException">The caller ended it.</exception>
    public static IReadOnlyList<PredictedCell> Run(SchemeEvaluationOptions options, Action? poll = null)
    {
        options = options with { Schemes = MigrationEstimator.Schemes };
        var evaluation = new SchemeEvaluation(options, poll);
        IReadOnlyList<SchemeCell> cells = evaluation.Run();
        long image = options.Benchmarks.Max(benchmark => benchmark.ImageBytes) / options.Scale / 4096 * 4096;
        MediumTraits ssd = MediumProbe.Measure(Sized(options.Ssd, image * ImagesOfSsd), isSsd: true, image);
        MediumTraits hdd = MediumProbe.Measure(Sized(options.Hdd, image * ImagesOfHdd), isSsd: false, image);
        var predicted = new List<PredictedCell>();
        foreach (var group in cells.GroupBy(cell => (cell.IsSourceSsd, cell.IsDestinationSsd, cell.Benchmark)))
        {
            SchemeBenchmark benchmark = options.Benchmarks.First(each => each.Name == group.Key.Benchmark);
            var task = new MigrationTask
            {
                Source = group.Key.IsSourceSsd ? ssd : hdd,
                Destination = group.Key.IsDestinationSsd ? ssd : hdd,
                ImageBytes = benchmark.ImageBytes / options.Scale / 4096 * 4096,
                Workload = WorkloadOf(benchmark, options.UsedPercent),
                Scheme = options.Scheme,
            };
            MigrationOutlook fromMedia = MigrationEstimator.Predict(task);
            MigrationOutlook fromVm = MigrationEstimator.Predict(task with
            {
                Workload = task.Workload with
                {
                    IopsAtSource = evaluation.Baseline(group.Key.IsSourceSsd, benchmark),
                    IopsAtDestination = evaluation.Baseline(group.Key.IsDestinationSsd, benchmark),
                },
            });
            predicted.AddRange(group.Select(
                cell => new PredictedCell(cell, fromMedia.Of(cell.Result.Kind), fromVm.Of(cell.Result.Kind))));
        }

        return predicted;
    }

    private static DriveOptions Sized(DriveOptions drive, long bytes) => drive with { CapacityBytes = bytes >> 20 << 20 };

    private static WorkloadTraits WorkloadOf(SchemeBenchmark benchmark, int usedPercent) => new()
    {
        ReadShare = benchmark.ReadPercent / 100.0,
        RequestBytes = benchmark.Sizes.Sum(size => size.Bytes * size.Weight) / benchmark.Sizes.Sum(size => size.Weight),
        Outstanding = benchmark.Depth,
        ThinkSeconds = benchmark.Think.Nanoseconds / 1e9,
        SequentialShare = benchmark.SequentialPercent / 100.0,
        WorkingSetShare = benchmark.WorkingSet * usedPercent / 10_000.0,
        WorkingSetStart = 0,
        Skew = benchmark.Zipf,
        WrittenShare = usedPercent / 100.0,
    };
}

/// <param name="Cell">As it was simulated.</param>
/// <param name="FromMedia">As it is predicted from the media, the image and the shape of the workload.</param>
/// <param name="FromVm">The same with the rates of the VM on both media, which were measured.</param>
public sealed record PredictedCell(SchemeCell Cell, MigrationForecast FromMedia, MigrationForecast FromVm);
