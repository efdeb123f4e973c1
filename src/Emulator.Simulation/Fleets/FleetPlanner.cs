using Emulator.Migration;

namespace Emulator.Simulation.Fleets;

/// <summary>
/// Chooses the scheme of every VM by the lowest predicted cost, which is Mix in US 9,195,401, on all processors. Each VM is
/// planned by itself, so that the plan does not depend on how many there are.
/// </summary>
public static class FleetPlanner
{
    /// <summary>VMs after which the caller hears of progress.</summary>
    private const int Stride = 64;

    /// <param name="nameOf">What to call a scheme in a reason.</param>
    /// <param name="processors">At most so many threads; -1 for as many as there are processors.</param>
    /// <param name="progress">Called now and then with what is planned, by any of the threads; may throw to end it.</param>
    /// <returns>In the order of the VMs.</returns>
    /// <exception cref="OperationCanceledException">The caller ended it.</exception>
    public static IReadOnlyList<PlannedMigration> Plan(
        Fleet fleet, Func<SchemeKind, string> nameOf, int processors = -1, Action<int>? progress = null)
    {
        var plans = new PlannedMigration[fleet.Vms.Count];
        int done = 0;
        try
        {
            Parallel.For(0, plans.Length, new ParallelOptions { MaxDegreeOfParallelism = processors }, index =>
            {
                plans[index] = PlanOf(fleet, fleet.Vms[index], nameOf);
                int count = Interlocked.Increment(ref done);
                if (count % Stride == 0)
                    progress?.Invoke(count);
            });
        }
        catch (AggregateException e) when (e.InnerExceptions.All(inner => inner is OperationCanceledException))
        {
            throw new OperationCanceledException();
        }

        return plans;
    }

    public static MigrationTask TaskOf(Fleet fleet, FleetVm vm) => new()
    {
        Source = fleet.Pools[vm.From].Medium,
        Destination = fleet.Pools[vm.To].Medium,
        ImageBytes = vm.ImageBytes,
        Workload = vm.Workload,
        Scheme = fleet.Copy,
    };

    private static PlannedMigration PlanOf(Fleet fleet, FleetVm vm, Func<SchemeKind, string> nameOf)
    {
        MigrationOutlook outlook = MigrationEstimator.Predict(TaskOf(fleet, vm));
        SchemeChoice choice = vm.Scheme is { } only
            ? new SchemeChoice(only, "the only one that is allowed for this VM")
            : SchemeChoice.ByCost(outlook, vm.Gamma, (IReadOnlyCollection<SchemeKind>)fleet.Schemes, nameOf);
        return new PlannedMigration(vm, outlook, choice);
    }
}

/// <summary>What was decided for a VM.</summary>
public sealed record PlannedMigration(FleetVm Vm, MigrationOutlook Outlook, SchemeChoice Choice)
{
    public MigrationForecast Forecast { get; } = Outlook.Of(Choice.Kind);

    public double Cost => Forecast.Cost.Total(Vm.Gamma);

    /// <summary>Requests a second that the VM wins, for each second of its migration.</summary>
    public double Gain => (Outlook.IopsAtDestination - Outlook.IopsAtSource) / Forecast.Seconds;

    public double CostOf(SchemeKind kind) => Outlook.Of(kind).Cost.Total(Vm.Gamma);
}
