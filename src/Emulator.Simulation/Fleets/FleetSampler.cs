using Emulator.Core;
using Emulator.Device;
using Emulator.Migration;
using Emulator.Simulation.Planning;
using Emulator.Simulation.Schemes;

namespace Emulator.Simulation.Fleets;

/// <summary>
/// Simulates some migrations of a plan with the schemes themselves between modelled drives, each by itself and with a smaller
/// image, and predicts the same to compare with.
/// </summary>
public static class FleetSampler
{
    public const long ImageBytes = 128L << 20;

    /// <summary>A device is so many times as large as the image, which the arm of a disk feels.</summary>
    private const int ImagesOfSsd = 4;
    private const int ImagesOfHdd = 25;
    private const int MostPendingRequests = 512;

    /// <param name="fleet">All of its pools have drives, with caches to suit such an image.</param>
    /// <param name="poll">Called now and then, by any of the threads; may throw to end it.</param>
    /// <exception cref="OperationCanceledException">The caller ended it.</exception>
    public static IReadOnlyList<FleetSample> Simulate(
        Fleet fleet, IReadOnlyList<PlannedMigration> plans, int count, ulong seed, Action? poll = null)
    {
        var random = new SeededRandom(seed);
        int[] chosen = [.. Enumerable.Range(0, plans.Count).OrderBy(_ => random.Next()).Take(count).Order()];
        var samples = new FleetSample[chosen.Length];
        try
        {
            var media = fleet.Pools.AsParallel().AsOrdered().Select(pool => Small(pool)).ToArray();
            Parallel.For(0, chosen.Length, i => samples[i] = Simulate(media, fleet, plans[chosen[i]], seed, poll));
        }
        catch (AggregateException e) when (e.InnerExceptions.All(inner => inner is OperationCanceledException))
        {
            throw new OperationCanceledException();
        }

        return samples;
    }

    private static (DriveOptions Drive, MediumTraits Traits) Small(FleetPool pool)
    {
        DriveOptions drive = pool.Drive! with
        {
            CapacityBytes = ImageBytes * (pool.Medium.IsSsd ? ImagesOfSsd : ImagesOfHdd),
        };
        return (drive, MediumProbe.Measure(drive, pool.Medium.IsSsd, ImageBytes));
    }

    private static FleetSample Simulate(
        (DriveOptions Drive, MediumTraits Traits)[] media, Fleet fleet, PlannedMigration plan, ulong seed, Action? poll)
    {
        FleetVm vm = plan.Vm;
        (DriveOptions source, MediumTraits sourceTraits) = media[vm.From];
        (DriveOptions destination, MediumTraits destinationTraits) = media[vm.To];
        // Requests at random in the simulation begin where the image does.
        MigrationOutlook predicted = MigrationEstimator.Predict(new MigrationTask
        {
            Source = sourceTraits,
            Destination = destinationTraits,
            ImageBytes = ImageBytes,
            Workload = vm.Workload with { WorkingSetStart = 0, WrittenShare = 1 },
            Scheme = fleet.Copy,
        });
        var scenario = new SchemeScenario
        {
            Source = source,
            Destination = destination,
            Scheme = fleet.Copy with { Kind = plan.Choice.Kind, MostRequests = MostPendingRequests },
            Benchmark = BenchmarkOf(vm.Workload, predicted.ThinkSeconds),
            ImageBytes = ImageBytes,
            Seed = seed,
        };
        SimDuration copy = Copy(scenario, poll);
        using var simulation = new SchemeSimulation(scenario with { Limit = copy * (long)SchemeChoice.MostCopyTimes }, poll);
        SchemeResult result = simulation.Run();
        MigrationCost cost = MigrationCost.Of(new MigrationMeasurement
        {
            BestPerformance = Math.Max(Alone(scenario, source, poll), Alone(scenario, destination, poll)),
            Performance = result.RequestsPerSecond,
            MigrationTime = result.MigrationTime,
            ImageCopyTime = copy,
            Counters = result.Counters,
            IsSourceWorn = sourceTraits.IsSsd,
            IsDestinationWorn = destinationTraits.IsSsd,
        });
        return new FleetSample(plan, result.IsCompleted, cost, predicted.Of(plan.Choice.Kind).Cost);
    }

    private static SimDuration Copy(SchemeScenario scenario, Action? poll)
    {
        using var idle = new SchemeSimulation(
            scenario with { Benchmark = null, Scheme = scenario.Scheme with { Kind = SchemeKind.ReferenceAtSource } }, poll);
        return idle.Run().MigrationTime;
    }

    private static double Alone(SchemeScenario scenario, DriveOptions drive, Action? poll)
    {
        using var alone = new SchemeSimulation(scenario with { Source = drive, Destination = drive }, poll);
        return alone.Baseline(SimDuration.FromSeconds(2));
    }

    private static SchemeBenchmark BenchmarkOf(WorkloadTraits workload, double think) => new()
    {
        Name = "VM",
        ImageBytes = ImageBytes,
        ReadPercent = (int)Math.Round(workload.ReadShare * 100),
        SequentialPercent = (int)Math.Round(workload.SequentialShare * 100),
        Zipf = workload.Skew,
        Sizes = [(Math.Max(1, (int)Math.Round(workload.RequestBytes / MediumTraits.SmallBytes)) * MediumTraits.SmallBytes, 1)],
        WorkingSet = Math.Max(1, (int)Math.Round(workload.WorkingSetShare * 100)),
        Depth = workload.Outstanding,
        Think = new SimDuration((long)(think * 1e9)),
    };
}

/// <summary>A migration as it was simulated and as it was predicted, both with a small image.</summary>
/// <param name="IsCompleted">False if it was given up after <see cref="SchemeChoice.MostCopyTimes"/>.</param>
public sealed record FleetSample(PlannedMigration Plan, bool IsCompleted, MigrationCost Simulated, MigrationCost Predicted);
