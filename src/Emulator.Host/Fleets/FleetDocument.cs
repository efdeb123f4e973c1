using Emulator.Simulation.Fleets;
using Emulator.Simulation.Schemes;

namespace Emulator.Host.Fleets;

/// <summary>A fleet's report as it is written to a file: specs/planning.md.</summary>
internal sealed class FleetDocument(FleetReport report)
{
    public double PlanningSeconds { get; } = report.Planning.TotalSeconds;

    public IReadOnlyList<FleetDocumentMix> Mix { get; } =
        [.. FleetMix.Of(report.Plans, report.Fleet.Schemes).Select(mix => new FleetDocumentMix(SchemeNames.Of(mix.Kind), mix.Movable, mix.Cost, mix.MixCost))];

    public IReadOnlyList<FleetDocumentVm> Vms { get; } =
        [.. report.Plans.Select((plan, i) => new FleetDocumentVm(report, plan, report.Outcomes.Count > 0 ? report.Outcomes[i] : null))];

    public IReadOnlyList<FleetDocumentSample> Simulated { get; } =
        [.. report.Samples.Select(sample => new FleetDocumentSample(sample))];
}

internal sealed record FleetDocumentMix(string Scheme, int Movable, double Cost, double MixCost);

internal sealed class FleetDocumentVm(FleetReport report, PlannedMigration plan, FleetOutcome? outcome)
{
    public string Name { get; } = plan.Vm.Name;

    public string From { get; } = report.Fleet.Pools[plan.Vm.From].Name;

    public int FromDevice { get; } = plan.Vm.Device;

    public string To { get; } = report.Fleet.Pools[plan.Vm.To].Name;

    public int? ToDevice { get; } = outcome?.Times?.Device;

    public string Scheme { get; } = SchemeNames.Of(plan.Choice.Kind);

    public string Reason { get; } = plan.Choice.Reason;

    public double PlannedSeconds { get; } = plan.Forecast.Seconds;

    public double PlannedCost { get; } = plan.Cost;

    public double? BeginSeconds { get; } = outcome?.Times?.Begin;

    public double? EndSeconds { get; } = outcome?.Times?.End;

    public double? CostAsRun { get; } = outcome?.CostAsRun;

    public string? LeftOut { get; } = outcome?.LeftOut;
}

internal sealed class FleetDocumentSample(FleetSample sample)
{
    public string Name { get; } = sample.Plan.Vm.Name;

    public string Scheme { get; } = SchemeNames.Of(sample.Plan.Choice.Kind);

    public bool IsCompleted { get; } = sample.IsCompleted;

    public double MigrationTimeFactor { get; } = sample.Simulated.MigrationTime;

    public double IoPenalty { get; } = sample.Simulated.IoPenalty;

    public double WearOut { get; } = sample.Simulated.WearOut;

    public double PredictedMigrationTimeFactor { get; } = sample.Predicted.MigrationTime;

    public double PredictedIoPenalty { get; } = sample.Predicted.IoPenalty;

    public double PredictedWearOut { get; } = sample.Predicted.WearOut;
}
