using Emulator.Core;

namespace Emulator.Simulation.Fleets;

/// <summary>
/// Runs planned migrations in virtual time as flows: each wants to copy at the rate that the estimator predicts for it alone,
/// and gets less where devices or links are shared. Between two events, each the end of a migration, all rates stay as they
/// are. Whenever something ended whatever may begin does, in the fleet's order.
/// </summary>
public sealed partial class FleetRun
{
    private readonly Fleet _fleet;
    private readonly IReadOnlyList<PlannedMigration> _plans;
    private readonly Device[][] _devices;
    private readonly Dictionary<(int From, int To), Resource> _links = [];
    private readonly List<Queue> _queues = [];
    private readonly List<Flow> _running = [];
    private readonly FleetOutcome?[] _outcomes;
    private double _now;
    private int _done;

    public FleetRun(Fleet fleet, IReadOnlyList<PlannedMigration> plans)
    {
        (_fleet, _plans) = (fleet, plans);
        _outcomes = new FleetOutcome?[plans.Count];
        _devices = [.. fleet.Pools.Select(pool => Enumerable.Range(0, pool.Devices).Select(_ => new Device(pool)).ToArray())];
        foreach (FleetLink link in fleet.Links)
            _links[(link.From, link.To)] = new Resource(link.BytesPerSecond, link.MostMigrations);
        foreach (FleetVm vm in fleet.Vms)
            _devices[vm.From][vm.Device].FreeBytes -= vm.ImageBytes;
        FillQueues();
    }

    /// <param name="observe">Sees every moment at which something began or ended; may throw to end the run.</param>
    /// <returns>What became of each VM, in their order.</returns>
    public IReadOnlyList<FleetOutcome> Run(Action<FleetMoment>? observe = null)
    {
        while (true)
        {
            StartWhatMay();
            if (_running.Count == 0 && !LeaveOneOut())
                break;
            Share();
            observe?.Invoke(Moment());
            if (_running.Count > 0)
                GoOn();
        }

        return [.. _outcomes.Select(outcome => outcome!)];
    }

    private FleetMoment Moment() => new(
        _now, _done, _queues.Sum(queue => queue.Waiting.Count - queue.Next),
        [.. _running.Select(flow => new FleetFlow(flow.Index, flow.SourceDevice, flow.DestinationDevice, flow.Rate))]);

    /// <summary>VMs wait behind one another that come from the same device and go to the same pool.</summary>
    private void FillQueues()
    {
        int[] ranked = [.. Ranked()];
        var byWay = new Dictionary<(int, int, int), Queue>();
        for (int rank = 0; rank < ranked.Length; rank++)
        {
            FleetVm vm = _plans[ranked[rank]].Vm;
            var way = (vm.From, vm.Device, vm.To);
            if (!byWay.TryGetValue(way, out Queue? queue))
            {
                byWay[way] = queue = new Queue();
                _queues.Add(queue);
            }

            queue.Waiting.Add((rank, ranked[rank]));
        }
    }

    private IEnumerable<int> Ranked()
    {
        IEnumerable<int> all = Enumerable.Range(0, _plans.Count);
        return _fleet.Order switch
        {
            FleetOrder.Longest => all.OrderByDescending(index => _plans[index].Forecast.Seconds),
            FleetOrder.Gain => all.OrderByDescending(index => _plans[index].Gain),
            FleetOrder.Cheapest => all.OrderBy(index => _plans[index].Cost),
            _ => all,
        };
    }

    private void StartWhatMay()
    {
        _queues.RemoveAll(queue => queue.IsEmpty);
        _queues.Sort((a, b) => a.Head.Rank.CompareTo(b.Head.Rank));
        foreach (Queue queue in _queues)
        {
            while (!queue.IsEmpty && TryStart(queue.Head.Index))
                queue.Next++;
        }
    }

    private bool TryStart(int index)
    {
        FleetVm vm = _plans[index].Vm;
        Device source = _devices[vm.From][vm.Device];
        _links.TryGetValue((vm.From, vm.To), out Resource? link);
        if (_running.Count >= _fleet.MostMigrations || !source.Bandwidth.HasPlace || link is { HasPlace: false })
            return false;
        int chosen = DestinationOf(vm);
        if (chosen < 0)
            return false;
        Device destination = _devices[vm.To][chosen];
        destination.FreeBytes -= vm.ImageBytes;
        Resource[] shared = link == null ? [source.Bandwidth, destination.Bandwidth] : [source.Bandwidth, destination.Bandwidth, link];
        foreach (Resource resource in shared)
            resource.Flows++;
        _running.Add(new Flow(index, _plans[index], vm.Device, chosen, shared, _now));
        return true;
    }

    /// <returns>The least busy device with room for the VM, of these the emptiest; negative if there is none.</returns>
    private int DestinationOf(FleetVm vm)
    {
        Device[] pool = _devices[vm.To];
        int best = -1;
        for (int i = 0; i < pool.Length; i++)
        {
            if (!pool[i].Bandwidth.HasPlace || pool[i].FreeBytes < vm.ImageBytes || (vm.From == vm.To && i == vm.Device))
                continue;
            if (best < 0 || IsBetter(pool[i], pool[best]))
                best = i;
        }

        return best;
    }

    private static bool IsBetter(Device a, Device b) => a.Bandwidth.Flows < b.Bandwidth.Flows
        || (a.Bandwidth.Flows == b.Bandwidth.Flows && a.FreeBytes > b.FreeBytes);

    /// <summary>Nothing runs and nothing may begin: the first in order finds no room, and never will.</summary>
    /// <returns>False if there is nobody left.</returns>
    private bool LeaveOneOut()
    {
        if (_queues.Find(queue => !queue.IsEmpty) is not { } queue)
            return false;
        int index = queue.Head.Index;
        queue.Next++;
        FleetVm vm = _plans[index].Vm;
        _outcomes[index] = new FleetOutcome(
            _plans[index], null, $"no device of pool {_fleet.Pools[vm.To].Name} has room for it");
        _done++;
        return true;
    }

    /// <summary>To the next end of a migration, or several.</summary>
    private void GoOn()
    {
        double step = _running.Min(flow => flow.Remaining / flow.Rate);
        Check.That(step >= 0 && double.IsFinite(step));
        _now += step;
        for (int i = _running.Count - 1; i >= 0; i--)
        {
            Flow flow = _running[i];
            flow.Remaining -= step * flow.Rate;
            if (flow.Remaining > flow.Bytes * 1e-9)
                continue;
            End(flow);
            _running.RemoveAt(i);
        }
    }

    private void End(Flow flow)
    {
        FleetVm vm = flow.Plan.Vm;
        foreach (Resource resource in flow.Shared)
            resource.Flows--;
        _devices[vm.From][vm.Device].FreeBytes += vm.ImageBytes;
        _outcomes[flow.Index] = new FleetOutcome(flow.Plan, new FleetTimes(flow.Begin, _now, flow.DestinationDevice), null);
        _done++;
    }

    private sealed class Device(FleetPool pool)
    {
        public Resource Bandwidth { get; } = new(pool.BytesPerSecond, pool.MostMigrations);

        public long FreeBytes { get; set; } = pool.DeviceBytes;
    }

    private sealed class Queue
    {
        public List<(int Rank, int Index)> Waiting { get; } = [];

        public int Next { get; set; }

        public bool IsEmpty => Next == Waiting.Count;

        public (int Rank, int Index) Head => Waiting[Next];
    }
}

/// <summary>A migration under way.</summary>
/// <param name="Vm">Index of the VM.</param>
/// <param name="BytesPerSecond">What it copies.</param>
public readonly record struct FleetFlow(int Vm, int SourceDevice, int DestinationDevice, double BytesPerSecond);

/// <summary>How it is at a moment.</summary>
/// <param name="Seconds">Since the begin.</param>
/// <param name="Done">VMs that are through, or were left out.</param>
public sealed record FleetMoment(double Seconds, int Done, int Waiting, IReadOnlyList<FleetFlow> Running);

/// <summary>What became of a VM.</summary>
/// <param name="Times">Null if it was not migrated.</param>
/// <param name="LeftOut">Why it was not migrated; null if it was.</param>
public sealed record FleetOutcome(PlannedMigration Plan, FleetTimes? Times, string? LeftOut)
{
    /// <summary>
    /// Equation 4 with the time that it took beside others. Penalty and wear are those of a migration alone: one that is held
    /// back leaves more to its VM, so that the cost is rather too high.
    /// </summary>
    public double? CostAsRun => Times == null
        ? null
        : (Plan.Forecast.Cost with { MigrationTime = (Times.End - Times.Begin) / Plan.Outlook.CopySeconds }).Total(Plan.Vm.Gamma);
}

/// <param name="Begin">Seconds since the begin of all.</param>
/// <param name="Device">Of the destination's pool.</param>
public sealed record FleetTimes(double Begin, double End, int Device);
