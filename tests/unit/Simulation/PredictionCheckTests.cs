using Emulator.Device;
using Emulator.Flash.Profiles;
using Emulator.Host.Planning;
using Emulator.Migration;
using Emulator.Simulation.Planning;
using Emulator.Simulation.Schemes;

namespace Emulator.UnitTests.Simulation;

/// <summary>Predictions beside counters of simulated migrations, where they are robust; specs/planning.md has all of them.</summary>
public class PredictionCheckTests
{
    private const int Scale = 256;

    private static readonly Lazy<IReadOnlyList<PredictedCell>> Cells = new(() => PredictionCheck.Run(new SchemeEvaluationOptions
    {
        Ssd = ShrunkDrive.Of(DriveOf("array-ssd"), Scale),
        Hdd = ShrunkDrive.Of(DriveOf("array-hdd"), Scale),
        Benchmarks = [.. SchemeBenchmark.All.Where(benchmark => benchmark.Name == "KC_10")],
        Scale = Scale,
    }));

    [Fact]
    public void Times_are_predicted_within_a_factor_of_two() => Assert.All(
        Cells.Value.Where(cell => cell.Cell.Result.IsCompleted),
        cell => Assert.True(
            cell.FromVm.Cost.MigrationTime / cell.Cell.Cost.MigrationTime is > 0.5 and < 2, $"{cell.Cell}: {cell.FromVm.Cost}"));

    [Fact]
    public void Penalties_and_writes_to_SSDs_are_predicted_within_a_fifth() => Assert.All(
        Cells.Value.Where(cell => cell.Cell.Result.IsCompleted),
        cell =>
        {
            Assert.Equal(cell.Cell.Cost.IoPenalty, cell.FromVm.Cost.IoPenalty, 0.2);
            Assert.Equal(cell.Cell.Cost.WearOut, cell.FromVm.Cost.WearOut, 0.2);
        });

    [Fact]
    public void From_HDD_to_SSD_low_redundancy_is_cheapest_by_prediction_and_by_counters()
    {
        PredictedCell[] cells = [.. Cells.Value.Where(cell => !cell.Cell.IsSourceSsd && cell.Cell.IsDestinationSsd)];
        for (int tenth = 0; tenth <= 8; tenth++)
        {
            Assert.Equal(SchemeKind.LowRedundancy, cells.MinBy(cell => cell.Cell.Cost.Total(tenth / 10.0))!.Cell.Result.Kind);
            Assert.Equal(SchemeKind.LowRedundancy, cells.MinBy(cell => cell.FromVm.Cost.Total(tenth / 10.0))!.Cell.Result.Kind);
            Assert.Equal(SchemeKind.LowRedundancy, cells.MinBy(cell => cell.FromMedia.Cost.Total(tenth / 10.0))!.Cell.Result.Kind);
        }
    }

    /// <summary>AIO, whose writes pile up at one of two alike disks with a VM that only writes, does not end here.</summary>
    [Fact]
    public void Between_disks_nothing_is_chosen_that_does_not_end()
    {
        IReadOnlyList<PredictedCell> cells = PredictionCheck.Run(new SchemeEvaluationOptions
        {
            Ssd = ShrunkDrive.Of(DriveOf("array-ssd"), Scale),
            Hdd = ShrunkDrive.Of(DriveOf("array-hdd"), Scale),
            Benchmarks = [.. SchemeBenchmark.All.Where(benchmark => benchmark.Name is "IOZ_W" or "Db_16")],
            Directions = [(false, false)],
            Scale = Scale / 2,
        });
        foreach (var benchmark in cells.GroupBy(cell => cell.Cell.Benchmark))
        {
            for (int tenth = 0; tenth <= 10; tenth++)
            {
                PredictedCell chosen = benchmark.Where(cell => cell.FromVm.IsSound)
                    .OrderBy(cell => cell.FromVm.Cost.Total(tenth / 10.0)).ThenBy(cell => cell.FromVm.Seconds).First();
                Assert.True(chosen.Cell.Result is { IsCompleted: true, HasConverged: true }, $"{tenth}, {chosen.Cell}: {chosen.FromVm}");
            }
        }
    }

    private static DriveOptions DriveOf(string profile) => new()
    {
        CapacityBytes = 1 << 30,
        Profile = DeviceProfile.Find(profile),
        Timing = DriveTiming.Model,
    };
}
