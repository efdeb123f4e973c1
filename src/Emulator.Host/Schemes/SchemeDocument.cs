using Emulator.Simulation.Schemes;

namespace Emulator.Host.Schemes;

/// <summary>An evaluation as it is written to a file: specs/schemes.md.</summary>
internal sealed record SchemeDocument
{
    public required string Ssd { get; init; }

    public required string Hdd { get; init; }

    public required int Scale { get; init; }

    public required int UsedPercent { get; init; }

    public required ulong Seed { get; init; }

    /// <summary>Copies of images of VMs that are idle.</summary>
    public required IReadOnlyList<IdleCopy> IdleCopies { get; init; }

    /// <summary>VMs without migration.</summary>
    public required IReadOnlyList<Baseline> Baselines { get; init; }

    public required IReadOnlyList<SchemeRow> Cells { get; init; }

    public static SchemeDocument Of(
        SchemesOptions options, SchemeEvaluationOptions evaluated, SchemeEvaluation evaluation, IReadOnlyList<SchemeCell> cells)
    {
        var copies =
            from direction in evaluated.Directions
            from benchmark in evaluated.Benchmarks.DistinctBy(benchmark => benchmark.ImageBytes)
            let time = evaluation.CopyTime(direction.IsSourceSsd, direction.IsDestinationSsd, benchmark)
            select new IdleCopy(
                SchemeNames.Direction(direction.IsSourceSsd, direction.IsDestinationSsd), benchmark.ImageBytes, time.Nanoseconds / 1e9);
        var baselines = evaluated.Benchmarks.Select(benchmark => new Baseline(
            benchmark.Name, evaluation.Baseline(isSsd: true, benchmark), evaluation.Baseline(isSsd: false, benchmark)));
        return new SchemeDocument
        {
            Ssd = options.Ssd,
            Hdd = options.Hdd,
            Scale = options.Scale,
            UsedPercent = options.UsedPercent,
            Seed = options.Seed,
            IdleCopies = [.. copies],
            Baselines = [.. baselines],
            Cells = [.. cells.Select(cell => new SchemeRow(cell))],
        };
    }

    /// <param name="ImageBytes">Unscaled.</param>
    /// <param name="Seconds">Of the scaled image.</param>
    internal sealed record IdleCopy(string Direction, long ImageBytes, double Seconds);

    /// <summary>Requests a second.</summary>
    internal sealed record Baseline(string Benchmark, double Ssd, double Hdd);
}
