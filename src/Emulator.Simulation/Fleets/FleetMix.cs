using Emulator.Migration;

namespace Emulator.Simulation.Fleets;

/// <summary>
/// What a single scheme for all VMs would cost beside the mix, which is figure 15. Only VMs count that the scheme is expected
/// to bring to an end.
/// </summary>
/// <param name="Movable">How many VMs these are.</param>
/// <param name="Cost">Their predicted costs under the scheme.</param>
/// <param name="MixCost">The same VMs, each under the scheme that was chosen for it.</param>
public sealed record FleetMix(SchemeKind Kind, int Movable, double Cost, double MixCost)
{
    /// <param name="schemes">Those that were to choose from.</param>
    public static IReadOnlyList<FleetMix> Of(IReadOnlyList<PlannedMigration> plans, IReadOnlyList<SchemeKind> schemes) =>
    [
        .. schemes.Select(kind =>
        {
            PlannedMigration[] movable = [.. plans.Where(plan => plan.Vm.Scheme == null && plan.Outlook.Of(kind).IsSound)];
            return new FleetMix(kind, movable.Length, movable.Sum(plan => plan.CostOf(kind)), movable.Sum(plan => plan.Cost));
        }),
    ];
}
