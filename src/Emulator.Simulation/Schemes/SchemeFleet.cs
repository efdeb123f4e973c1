using Emulator.Migration;

namespace Emulator.Simulation.Schemes;

/// <summary>
/// What moving many VMs costs, from the cells of an evaluation: as many VMs run each of its benchmarks, a share of them moves
/// between SSDs and as many between HDDs, and half of the rest each way between the two.
/// </summary>
public sealed class SchemeFleet(IReadOnlyList<SchemeCell> cells)
{
    /// <summary>Those of which the mix takes the cheapest for each VM.</summary>
    public static IReadOnlyList<SchemeKind> Mixed { get; } =
        [SchemeKind.LowRedundancy, SchemeKind.SourceLowRedundancy, SchemeKind.AsynchronousMirroring];

    /// <param name="kind">The scheme of all VMs; null for the cheapest of <see cref="Mixed"/> for each.</param>
    /// <param name="alike">Share of the VMs that move from SSD to SSD, and of those from HDD to HDD; at most a half.</param>
    /// <returns>The mean over the VMs of equation 4.</returns>
    public double Cost(SchemeKind? kind, double gamma, double alike) => cells
        .GroupBy(cell => (cell.IsSourceSsd, cell.IsDestinationSsd))
        .Sum(direction => (direction.Key.IsSourceSsd == direction.Key.IsDestinationSsd ? alike : 0.5 - alike)
            * direction.GroupBy(cell => cell.Benchmark).Average(vm => Cheapest(vm, kind, gamma)));

    private static double Cheapest(IEnumerable<SchemeCell> vm, SchemeKind? kind, double gamma) => vm
        .Where(cell => kind == null ? Mixed.Contains(cell.Result.Kind) : cell.Result.Kind == kind)
        .Min(cell => cell.Cost.Total(gamma));
}
