using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using Emulator.Device;
using Emulator.Host.Configuration;
using Emulator.Host.Simulate;
using Emulator.Migration;
using Emulator.Simulation.Planning;
using Emulator.Simulation.Schemes;
using Spectre.Console;

namespace Emulator.Host.Planning;

/// <summary>How good predictions are: beside the counters of simulated migrations.</summary>
internal sealed class PlanCheckProcess(PlanCheckOptions options)
{
    private const int LineWidth = 160;

    private static readonly double[] Gammas = [0, 0.1, 0.3, 0.5, 0.8, 1];

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    private volatile bool _interrupted;

    /// <returns>The exit code of the process.</returns>
    /// <exception cref="UserErrorException">Something in the options is wrong; the message says what.</exception>
    public int Run()
    {
        OutputFile? json = options.JsonFile == null ? null : new OutputFile("--json", options.JsonFile, options.Force);
        json?.Check();
        if (options.Scale is < 1 or > 1024)
            throw new UserErrorException($"--scale: {options.Scale} must be 1 to 1024");
        var evaluated = new SchemeEvaluationOptions
        {
            Ssd = DriveOf("--ssd", options.Ssd, isSsd: true),
            Hdd = DriveOf("--hdd", options.Hdd, isSsd: false),
            Scale = options.Scale,
            Seed = options.Seed,
        };
        using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Interrupt);
        try
        {
            IReadOnlyList<PredictedCell> cells = PredictionCheck.Run(evaluated, EndIfInterrupted);
            Print(AnsiConsole.Console, cells);
            json?.Write(JsonSerializer.Serialize(cells.Select(cell => new PlanCheckRow(cell)), Json) + "\n");
            return ExitCode.Success;
        }
        catch (OperationCanceledException)
        {
            Console.Error.WriteLine("emulator: interrupted");
            return ExitCode.Interrupted;
        }
    }

    private DriveOptions DriveOf(string option, string profile, bool isSsd)
    {
        if (profile == DriveProfiles.Default)
            throw new UserErrorException($"{option}: a drive without a profile takes no time");
        DriveOptions drive = DriveProfiles.Apply(profile, new DriveSettings { Size = new ByteSize(1L << 30) }, option);
        if (PlannedMedium.KindOf(drive) is { } told && told != isSsd)
            throw new UserErrorException($"{option}: {profile} is an {(told ? "SSD" : "HDD")}");
        return ShrunkDrive.Of(drive, options.Scale);
    }

    private static void Print(IAnsiConsole console, IReadOnlyList<PredictedCell> cells)
    {
        console.Profile.Width = Math.Max(console.Profile.Width, LineWidth);
        var errors = TableOf("direction", "scheme", "time off by", "penalty", "wear-out", "with the VM's rates: time off by", "penalty", "wear-out");
        foreach (var group in cells.GroupBy(cell => (Direction: DirectionOf(cell), cell.Cell.Result.Kind)))
        {
            errors.AddRow(
                [group.Key.Direction, SchemeNames.Of(group.Key.Kind), .. Errors(group, cell => cell.FromMedia), .. Errors(group, cell => cell.FromVm)]);
        }

        console.Write(errors);
        var choices = TableOf(
        [
            "direction", .. Gammas.Select(gamma => "at " + gamma.ToString(CultureInfo.InvariantCulture)),
            "within 10%", "of", "not live", "cost", "least",
        ]);
        foreach (var direction in cells.GroupBy(DirectionOf))
            choices.AddRow([direction.Key, .. Choices([.. direction.GroupBy(cell => cell.Cell.Benchmark).Select(group => group.ToArray())])]);
        console.Write(choices);
    }

    /// <summary>
    /// The time in the geometric mean, as a factor; the others as absolute differences in the mean. A migration that failed counts
    /// with the limit, as does one that is predicted to be longer.
    /// </summary>
    private static IEnumerable<string> Errors(IEnumerable<PredictedCell> cells, Func<PredictedCell, MigrationForecast> of)
    {
        PredictedCell[] all = [.. cells];
        double limit = SchemeChoice.MostCopyTimes;
        yield return Invariant($"{Math.Exp(all.Average(cell => Math.Abs(Math.Log(Math.Min(limit, of(cell).Cost.MigrationTime) / Math.Min(limit, cell.Cell.Cost.MigrationTime))))):0.00}");
        yield return Invariant($"{all.Average(cell => Math.Abs(of(cell).Cost.IoPenalty - cell.Cell.Cost.IoPenalty)):0.00}");
        yield return Invariant($"{all.Average(cell => Math.Abs(of(cell).Cost.WearOut - cell.Cell.Cost.WearOut)):0.00}");
    }

    /// <summary>
    /// Of the benchmarks that any scheme could migrate, how often the choice by prediction is the cheapest by the counters; and
    /// what the choices cost together, beside the cheapest.
    /// </summary>
    private static IEnumerable<string> Choices(IReadOnlyList<PredictedCell[]> benchmarks)
    {
        int near = 0, all = 0, failed = 0;
        double sum = 0, least = 0;
        foreach (double gamma in Gammas)
        {
            int right = 0;
            foreach (PredictedCell[] cells in benchmarks.Where(cells => cells.Any(cell => cell.Cell.Result.IsCompleted)))
            {
                PredictedCell chosen = ChoiceOf(cells, gamma);
                PredictedCell[] good = GoodOf(cells);
                double best = good.Min(cell => cell.Cell.Cost.Total(gamma));
                double cost = chosen.Cell.Cost.Total(gamma);
                bool hasFailed = !good.Contains(chosen);
                (sum, least) = (sum + cost, least + best);
                all++;
                failed += hasFailed ? 1 : 0;
                right += !hasFailed && cost <= best + 1e-9 ? 1 : 0;
                near += !hasFailed && cost <= (best * 1.1) + 0.01 ? 1 : 0;
            }

            yield return Invariant($"{right}");
        }

        yield return Invariant($"{near}");
        yield return Invariant($"{all}");
        yield return Invariant($"{failed}");
        yield return Invariant($"{sum:0.0}");
        yield return Invariant($"{least:0.0}");
    }

    /// <summary>What may be chosen: what ends and, while there are any, by rounds that get shorter.</summary>
    private static PredictedCell[] GoodOf(PredictedCell[] cells)
    {
        PredictedCell[] ended = [.. cells.Where(cell => cell.Cell.Result.IsCompleted)];
        PredictedCell[] converged = [.. ended.Where(cell => cell.Cell.Result.HasConverged)];
        return converged.Length > 0 ? converged : ended;
    }

    private static PredictedCell ChoiceOf(PredictedCell[] cells, double gamma)
    {
        var outlook = new MigrationOutlook
        {
            IopsAtSource = 0,
            IopsAtDestination = 0,
            ThinkSeconds = 0,
            CopySeconds = 0,
            Forecasts = [.. cells.Select(cell => cell.FromVm)],
        };
        SchemeKind kind = SchemeChoice.ByCost(outlook, gamma, (IReadOnlyCollection<SchemeKind>)MigrationEstimator.Schemes, SchemeNames.Of).Kind;
        return cells.First(cell => cell.Cell.Result.Kind == kind);
    }

    private static string DirectionOf(PredictedCell cell) => SchemeNames.Direction(cell.Cell.IsSourceSsd, cell.Cell.IsDestinationSsd);

    private static Table TableOf(params string[] columns)
    {
        Table table = new Table().Border(TableBorder.Simple);
        foreach (string column in columns)
            table.AddColumn(column);
        return table;
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private void EndIfInterrupted()
    {
        if (_interrupted)
            throw new OperationCanceledException();
    }

    private void Interrupt(PosixSignalContext context)
    {
        context.Cancel = true;
        _interrupted = true;
    }
}

/// <summary>What the command line of plan check says.</summary>
internal sealed record PlanCheckOptions(string Ssd, string Hdd, int Scale, ulong Seed, string? JsonFile, bool Force);

/// <summary>A cell as it is written to a file.</summary>
internal sealed class PlanCheckRow(PredictedCell cell)
{
    public string Direction { get; } = SchemeNames.Direction(cell.Cell.IsSourceSsd, cell.Cell.IsDestinationSsd);

    public string Benchmark { get; } = cell.Cell.Benchmark;

    public string Scheme { get; } = SchemeNames.Of(cell.Cell.Result.Kind);

    public bool IsCompleted { get; } = cell.Cell.Result.IsCompleted;

    public bool HasConverged { get; } = cell.Cell.Result.HasConverged;

    public MigrationCost Measured { get; } = cell.Cell.Cost;

    public MigrationCost FromMedia { get; } = cell.FromMedia.Cost;

    public MigrationCost FromVm { get; } = cell.FromVm.Cost;

    public bool Converges { get; } = cell.FromVm.Converges;
}
