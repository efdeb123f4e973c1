using Emulator.Migration;
using Emulator.Simulation.Plots;

namespace Emulator.Simulation.Schemes;

/// <summary>
/// The figures of US 9,195,401 that have measurements, drawn from the cells of an evaluation. A migration that failed has no bar
/// and no curve.
/// </summary>
/// <param name="cells">Of all directions, all schemes, and the benchmarks of table 7 and of the other figures.</param>
/// <param name="scale">By how much images are smaller than those of the text: times and sizes are drawn as many times larger.</param>
public sealed partial class SchemeFigures(IReadOnlyList<SchemeCell> cells, int scale)
{
    private static readonly IReadOnlyList<SchemeKind> Five =
    [
        SchemeKind.DirtyBlockTracking, SchemeKind.Mirroring, SchemeKind.LowRedundancy, SchemeKind.SourceLowRedundancy,
        SchemeKind.AsynchronousMirroring,
    ];

    private static readonly IReadOnlyList<SchemeKind> Six = [.. Five, SchemeKind.Assist];

    private static readonly IReadOnlyList<SchemeKind> References = [SchemeKind.ReferenceAtSource, SchemeKind.ReferenceAtDestination];

    private static readonly IReadOnlyList<SchemeKind> Existing =
        [SchemeKind.DirtyBlockTracking, SchemeKind.Mirroring, .. References];

    private static readonly string[] Table7 = [.. SchemeBenchmark.All.Select(benchmark => benchmark.Name)];

    /// <summary>What the figures are called, in the order of <see cref="Draw"/>.</summary>
    public static IReadOnlyList<string> Names { get; } =
        ["fig01", "fig02", "fig03", "fig04", "fig05", "fig06", "fig10", "fig11", "fig12", "fig13", "fig14", "fig15"];

    /// <returns>Names without extension, and SVG documents.</returns>
    public IReadOnlyList<(string Name, string Svg)> Draw()
    {
        Sheet[] sheets =
        [
            Figure1(), Figure2(), Figure3(), Figure4(), Figure5(), Figure6(), Figure10(), Direction(11, (false, true)),
            Direction(12, (true, false)), Direction(13, (true, true)), Direction(14, (false, false)), Figure15(),
        ];
        return [.. Names.Zip(sheets, (name, sheet) => (name, sheet.ToString()))];
    }

    /// <summary>Null for a migration that failed.</summary>
    private double? Value(
        (bool Source, bool Destination) direction, string benchmark, SchemeKind kind, Func<SchemeCell, double> of)
    {
        SchemeCell cell = cells.Single(cell => cell.IsSourceSsd == direction.Source && cell.IsDestinationSsd == direction.Destination
            && cell.Benchmark == benchmark && cell.Result.Kind == kind);
        return cell.Result.IsCompleted ? of(cell) : null;
    }
}
