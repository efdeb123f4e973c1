using System.Globalization;
using Emulator.Simulation.Schemes;
using Spectre.Console;

namespace Emulator.Host.Schemes;

/// <summary>The evaluation for people: a table for each direction.</summary>
internal static class SchemesTable
{
    private const int LineWidth = 170;

    private static readonly string[] Columns = ["time s", "copy s", "down ms", "IOPS", "source", "dest.", "IO", "time", "wear"];

    private static readonly double[] Gammas = [0, 0.1, 0.5, 0.8, 1];

    public static void Print(
        IAnsiConsole console, SchemesOptions options, SchemeEvaluationOptions evaluated, SchemeEvaluation evaluation,
        IReadOnlyList<SchemeCell> cells)
    {
        console.Profile.Width = Math.Max(console.Profile.Width, LineWidth);
        console.WriteLine($"{options.Ssd} and {options.Hdd}, images 1/{options.Scale} of the benchmarks', seed {options.Seed}");
        foreach (var direction in cells.GroupBy(cell => (cell.IsSourceSsd, cell.IsDestinationSsd)))
            PrintDirection(console, evaluated, evaluation, direction.Key, [.. direction]);
    }

    private static void PrintDirection(
        IAnsiConsole console, SchemeEvaluationOptions evaluated, SchemeEvaluation evaluation,
        (bool IsSourceSsd, bool IsDestinationSsd) direction, IReadOnlyList<SchemeCell> cells)
    {
        var table = new Table().Border(TableBorder.Simple)
            .Title(SchemeNames.Direction(direction.IsSourceSsd, direction.IsDestinationSsd));
        table.AddColumn(new TableColumn("benchmark").NoWrap());
        table.AddColumn(new TableColumn("scheme").NoWrap());
        foreach (string column in Columns.Concat(Gammas.Select(gamma => "MC " + gamma.ToString(CultureInfo.InvariantCulture))))
            table.AddColumn(new TableColumn(column).RightAligned());
        foreach (SchemeCell cell in cells)
            table.AddRow([.. RowOf(cell, evaluated, evaluation)]);
        console.Write(table);
    }

    private static IEnumerable<string> RowOf(SchemeCell cell, SchemeEvaluationOptions evaluated, SchemeEvaluation evaluation)
    {
        SchemeBenchmark benchmark = evaluated.Benchmarks.First(benchmark => benchmark.Name == cell.Benchmark);
        yield return cell.Benchmark;
        yield return SchemeNames.Of(cell.Result.Kind) + (cell.Result.IsCompleted ? "" : " (failed)");
        yield return Number(cell.Result.MigrationTime.Nanoseconds / 1e9, "N2");
        yield return Number(evaluation.CopyTime(cell.IsSourceSsd, cell.IsDestinationSsd, benchmark).Nanoseconds / 1e9, "N2");
        yield return Number(cell.Result.Downtime.Nanoseconds / 1e6, "N1");
        yield return Number(cell.Result.RequestsPerSecond, "N0");
        yield return Number(evaluation.Baseline(cell.IsSourceSsd, benchmark), "N0");
        yield return Number(evaluation.Baseline(cell.IsDestinationSsd, benchmark), "N0");
        yield return Number(cell.Cost.IoPenalty, "N2");
        yield return Number(cell.Cost.MigrationTime, "N2");
        yield return Number(cell.Cost.WearOut, "N2");
        foreach (double gamma in Gammas)
            yield return Number(cell.Cost.Total(gamma), "N2");
    }

    private static string Number(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}
