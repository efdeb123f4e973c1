using System.Globalization;

namespace Emulator.Simulation.Fleets;

/// <summary>Finds what is wrong with a fleet before anything is planned.</summary>
public static class FleetCheck
{
    /// <returns>What is wrong, with the name of the pool, link or VM; null if nothing is.</returns>
    public static string? Problem(Fleet fleet)
    {
        if (fleet.Pools.Count == 0)
            return "there are no pools";
        if (fleet.Schemes.Count == 0)
            return "there is no scheme to choose from";
        if (fleet.MostMigrations < 1)
            return "with a limit of 0 migrations nothing can move";
        return First(fleet.Pools, PoolProblem) ?? DuplicatePool(fleet) ?? First(fleet.Links, link => LinkProblem(fleet, link))
            ?? DuplicateLink(fleet) ?? First(fleet.Vms, vm => VmProblem(fleet, vm)) ?? DuplicateVm(fleet) ?? OverfullDevice(fleet);
    }

    private static string? First<T>(IEnumerable<T> items, Func<T, string?> problemOf) =>
        items.Select(problemOf).FirstOrDefault(problem => problem != null);

    private static string? PoolProblem(FleetPool pool)
    {
        if (pool.Medium.Problem() is { } problem)
            return $"pool {pool.Name}: {problem}";
        if (pool.Devices < 1 || pool.DeviceBytes < 1)
            return $"pool {pool.Name}: it must have devices, and these a capacity";
        if (pool.MostMigrations < 1)
            return $"pool {pool.Name}: with a limit of 0 migrations a device nothing can move";
        return pool.BytesPerSecond > 0 ? null : $"pool {pool.Name}: with a bandwidth of 0 nothing can move";
    }

    private static string? LinkProblem(Fleet fleet, FleetLink link)
    {
        if (!IsPool(fleet, link.From) || !IsPool(fleet, link.To))
            return "a link is between pools that are not there";
        string name = $"link from {fleet.Pools[link.From].Name} to {fleet.Pools[link.To].Name}";
        if (link.MostMigrations < 1)
            return $"{name}: with a limit of 0 migrations nothing can move";
        return link.BytesPerSecond > 0 ? null : $"{name}: with a bandwidth of 0 nothing can move";
    }

    private static string? VmProblem(Fleet fleet, FleetVm vm)
    {
        if (!IsPool(fleet, vm.From) || !IsPool(fleet, vm.To))
            return $"VM {vm.Name}: it is in a pool, or goes to one, that is not there";
        FleetPool from = fleet.Pools[vm.From];
        FleetPool to = fleet.Pools[vm.To];
        if (vm.Device < 0 || vm.Device >= from.Devices)
            return string.Create(CultureInfo.InvariantCulture, $"VM {vm.Name}: pool {from.Name} has devices 0 to {from.Devices - 1}, not {vm.Device}");
        if (vm.From == vm.To && from.Devices == 1)
            return $"VM {vm.Name}: pool {from.Name} has no other device";
        if (vm.ImageBytes > to.DeviceBytes)
            return $"VM {vm.Name}: its image is larger than a device of pool {to.Name}";
        if (!(vm.Gamma >= 0 && vm.Gamma <= 1))
            return $"VM {vm.Name}: gamma must be 0 to 1";
        if (vm.Scheme is { } scheme && !fleet.Schemes.Contains(scheme))
            return $"VM {vm.Name}: its scheme is not one of those to choose from";
        return FleetPlanner.TaskOf(fleet, vm).Problem() is { } problem ? $"VM {vm.Name}: {problem}" : null;
    }

    private static string? DuplicatePool(Fleet fleet) => Duplicate(fleet.Pools.Select(pool => pool.Name)) is { } name
        ? $"there are two pools {name}"
        : null;

    private static string? DuplicateVm(Fleet fleet) => Duplicate(fleet.Vms.Select(vm => vm.Name)) is { } name
        ? $"there are two VMs {name}"
        : null;

    private static string? DuplicateLink(Fleet fleet)
    {
        var seen = new HashSet<(int, int)>();
        foreach (FleetLink link in fleet.Links)
        {
            if (!seen.Add((link.From, link.To)))
                return $"link from {fleet.Pools[link.From].Name} to {fleet.Pools[link.To].Name}: is there twice, with limits that contradict";
        }

        return null;
    }

    private static string? OverfullDevice(Fleet fleet)
    {
        foreach (var device in fleet.Vms.GroupBy(vm => (vm.From, vm.Device)))
        {
            FleetPool pool = fleet.Pools[device.Key.From];
            if (device.Sum(vm => (decimal)vm.ImageBytes) > pool.DeviceBytes)
                return string.Create(CultureInfo.InvariantCulture, $"pool {pool.Name}: device {device.Key.Device} is smaller than the images on it");
        }

        return null;
    }

    private static string? Duplicate(IEnumerable<string> names)
    {
        var seen = new HashSet<string>();
        return names.FirstOrDefault(name => !seen.Add(name));
    }

    private static bool IsPool(Fleet fleet, int index) => index >= 0 && index < fleet.Pools.Count;
}
