using Emulator.Migration;
using Emulator.Simulation.Schemes;

namespace Emulator.Host.Planning;

/// <summary>A plan as it is written to a file: specs/planning.md.</summary>
internal sealed class PlanDocument(
    PlannedMedium source, PlannedMedium destination, MigrationTask task, MigrationOutlook outlook, double gamma, SchemeChoice choice)
{
    public PlanDocumentMedium Source { get; } = new(source.Name, task.Source);

    public PlanDocumentMedium Destination { get; } = new(destination.Name, task.Destination);

    public long ImageBytes { get; } = task.ImageBytes;

    public WorkloadTraits Workload { get; } = task.Workload;

    public double Gamma { get; } = gamma;

    public double IopsAtSource { get; } = outlook.IopsAtSource;

    public double IopsAtDestination { get; } = outlook.IopsAtDestination;

    public double CopySeconds { get; } = outlook.CopySeconds;

    public IReadOnlyList<PlanDocumentRow> Schemes { get; } =
        [.. outlook.Forecasts.Select(forecast => new PlanDocumentRow(forecast, gamma))];

    public string Choice { get; } = SchemeNames.Of(choice.Kind);

    public string Reason { get; } = choice.Reason;
}

internal sealed record PlanDocumentMedium(string Name, MediumTraits Traits);

internal sealed class PlanDocumentRow(MigrationForecast forecast, double gamma)
{
    public string Scheme { get; } = SchemeNames.Of(forecast.Kind);

    public double Seconds { get; } = forecast.Seconds;

    public double DowntimeSeconds { get; } = forecast.DowntimeSeconds;

    public double Iops { get; } = forecast.Iops;

    public double IoPenalty { get; } = forecast.Cost.IoPenalty;

    public double MigrationTimeFactor { get; } = forecast.Cost.MigrationTime;

    public double WearOut { get; } = forecast.Cost.WearOut;

    public double Cost { get; } = forecast.Cost.Total(gamma);

    public bool Converges { get; } = forecast.Converges;
}
