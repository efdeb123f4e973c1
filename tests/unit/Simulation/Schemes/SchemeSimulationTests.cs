using Emulator.Core;
using Emulator.Device;
using Emulator.Flash.Profiles;
using Emulator.Migration;
using Emulator.Simulation.Schemes;

namespace Emulator.UnitTests.Simulation.Schemes;

/// <summary>Schemes between modelled drives, with images of 16 MiB.</summary>
public class SchemeSimulationTests
{
    private const long ImageBytes = 16 << 20;

    public static TheoryData<SchemeKind> Kinds => [.. Enum.GetValues<SchemeKind>()];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_scheme_moves_the_image_and_counts_what_it_writes(SchemeKind kind)
    {
        SchemeCounters counters = Run(kind, "KC_10").Counters;
        Assert.True(counters.BytesWritten > 0);
        Assert.Equal(ImageBytes, counters.BytesCopied + counters.BytesSkipped);
        (long source, long destination, long copiedTwice) = kind switch
        {
            SchemeKind.Mirroring or SchemeKind.AsynchronousMirroring =>
                (counters.BytesWritten, counters.BytesWrittenToCopied, 0L),
            SchemeKind.LowRedundancy or SchemeKind.ReferenceAtDestination => (0L, counters.BytesWritten, 0L),
            SchemeKind.SourceLowRedundancy =>
                (counters.BytesWritten - counters.BytesWrittenToCopied, counters.BytesWrittenToCopied, 0L),
            _ => (counters.BytesWritten, 0L, counters.BytesMerged),
        };

        // A request across the regions, or one that was decided on after it waited, belongs to the other of them in part.
        const long slack = 1 << 20;
        Assert.InRange(counters.BytesToSource, source - slack, source + slack);
        Assert.InRange(counters.BytesToDestination, destination - slack, destination + slack);
        Assert.Equal(copiedTwice, counters.BytesMerged);
        Assert.Equal(kind == SchemeKind.LowRedundancy, counters.BytesSkipped > 0);
    }

    [Fact]
    public void The_same_seed_gives_the_same_result_and_another_one_another()
    {
        SchemeResult first = Run(SchemeKind.AsynchronousMirroring, "Db_16");
        Assert.Equal(first, Run(SchemeKind.AsynchronousMirroring, "Db_16"));
        Assert.NotEqual(first, Run(SchemeKind.AsynchronousMirroring, "Db_16", seed: 2));
    }

    [Fact]
    public void A_migration_that_takes_too_long_has_failed()
    {
        SchemeResult result = Run(SchemeKind.Mirroring, "KC_10", limit: SimDuration.FromMilliseconds(50));
        Assert.False(result.IsCompleted);
        Assert.InRange(result.MigrationTime.Milliseconds, 50, 100);
    }

    [Fact]
    public void An_evaluation_has_a_cell_for_everything_and_the_same_on_any_number_of_threads()
    {
        var options = new SchemeEvaluationOptions
        {
            Ssd = DriveOf("mlc-sata", 64 << 20),
            Hdd = DriveOf("hdd-7200", 64 << 20),
            Benchmarks = [SchemeBenchmark.All[0]],
            Directions = [(true, false)],
            Scale = 1024,
            BaselineTime = SimDuration.FromMilliseconds(100),
        };
        IReadOnlyList<SchemeCell> cells = new SchemeEvaluation(options).Run();
        Assert.Equal(Enum.GetValues<SchemeKind>(), cells.Select(cell => cell.Result.Kind));
        Assert.Equal(cells, new SchemeEvaluation(options with { Threads = 1 }).Run());
        Assert.Equal(cells, new SchemeEvaluation(options with { Threads = 7 }).Run());
        Assert.Equal(0, cells.Single(cell => cell.Result.Kind == SchemeKind.LowRedundancy).Cost.WearOut);
    }

    private static SchemeResult Run(SchemeKind kind, string benchmark, ulong seed = 1, SimDuration? limit = null)
    {
        DriveOptions drive = DriveOf("mlc-sata", 64 << 20);
        using var simulation = new SchemeSimulation(new SchemeScenario
        {
            Source = drive,
            Destination = drive,
            Scheme = new SchemeOptions { Kind = kind },
            Benchmark = SchemeBenchmark.All.Single(each => each.Name == benchmark),
            ImageBytes = ImageBytes,
            Limit = limit ?? SimDuration.FromSeconds(60),
            Seed = seed,
        });
        return simulation.Run();
    }

    private static DriveOptions DriveOf(string profile, long bytes) => new()
    {
        CapacityBytes = bytes,
        Profile = DeviceProfile.Find(profile),
        Timing = DriveTiming.Model,
    };
}
