using Emulator.Cache;
using Emulator.Device;
using Emulator.Flash.Profiles;
using Emulator.Migration;
using Emulator.Simulation.Schemes;

namespace Emulator.UnitTests.Simulation.Schemes;

/// <summary>The evaluation of US 9,195,401 between its arrays, at 1/256 of its sizes, once for all claims.</summary>
public sealed class SchemeEvaluationFixture
{
    public SchemeEvaluationFixture() => Cells = new SchemeEvaluation(new SchemeEvaluationOptions
    {
        Ssd = DriveOf("array-ssd"),
        Hdd = DriveOf("array-hdd"),
        Scale = 256,
    }).Run();

    public static IReadOnlyList<SchemeKind> Five { get; } =
    [
        SchemeKind.DirtyBlockTracking, SchemeKind.Mirroring, SchemeKind.LowRedundancy, SchemeKind.SourceLowRedundancy,
        SchemeKind.AsynchronousMirroring,
    ];

    public IReadOnlyList<SchemeCell> Cells { get; }

    public SchemeCell Cell((bool Source, bool Destination) isSsd, string benchmark, SchemeKind kind) => Cells.Single(cell =>
        (cell.IsSourceSsd, cell.IsDestinationSsd) == isSsd && cell.Benchmark == benchmark && cell.Result.Kind == kind);

    /// <summary>Over the benchmarks of table 7; a migration that failed counts with what it was until it was given up.</summary>
    public double Mean((bool Source, bool Destination) isSsd, SchemeKind kind, Func<SchemeCell, double> of) =>
        SchemeBenchmark.All.Average(benchmark => of(Cell(isSsd, benchmark.Name, kind)));

    private static DriveOptions DriveOf(string profile) => new()
    {
        CapacityBytes = 1 << 30,
        Profile = DeviceProfile.Find(profile),
        Timing = DriveTiming.Model,
        Cache = new CacheOptions { Mode = CacheMode.Off },
    };
}
