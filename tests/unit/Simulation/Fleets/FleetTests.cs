using Emulator.Migration;
using Emulator.Simulation.Fleets;

namespace Emulator.UnitTests.Simulation.Fleets;

/// <summary>Fleets at random: what is promised of every one of them. Seeds are in the messages.</summary>
public class FleetTests
{
    private const double Slack = 1 + 1e-6;

    public static TheoryData<ulong> Seeds => [.. Enumerable.Range(1, 12).Select(seed => (ulong)seed)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Limits_of_devices_links_and_the_whole_are_never_exceeded(ulong seed)
    {
        Fleet fleet = FleetSamples.Fleet(seed);
        Assert.Null(FleetCheck.Problem(fleet));
        int moments = 0;
        new FleetRun(fleet, Plan(fleet)).Run(moment =>
        {
            moments++;
            CheckMoment(fleet, moment, $"seed {seed}, second {moment.Seconds}");
        });
        Assert.True(moments > 1, $"seed {seed}");
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Limits_bind_and_are_held_in_a_fleet_at_random(ulong seed)
    {
        FleetPool pool = FleetSamples.Pool("any", MediumTraits.Ssd) with
        {
            MostMigrations = 3,
            BytesPerSecond = MediumTraits.Ssd.BytesPerSecond / 2,
            DeviceBytes = 16L << 40,
        };
        Fleet fleet = FleetGenerator.Generate(pool, pool with { Medium = MediumTraits.Hdd }, vms: 150, samePercent: 50, gamma: 0.5, seed);
        int inTurn = 0, atBandwidth = 0;
        new FleetRun(fleet, Plan(fleet)).Run(moment =>
        {
            CheckMoment(fleet, moment, $"seed {seed}, second {moment.Seconds}");
            var devices = moment.Running.GroupBy(flow => (fleet.Vms[flow.Vm].From, flow.SourceDevice)).ToArray();
            inTurn += moment.Waiting > 0 && devices.Any(device => device.Count() == pool.MostMigrations) ? 1 : 0;
            atBandwidth += devices.Any(device => device.Sum(flow => flow.BytesPerSecond) > pool.BytesPerSecond / Slack) ? 1 : 0;
        });
        Assert.True(inTurn > 10, $"seed {seed}: some device had all its places taken {inTurn} times");
        Assert.True(atBandwidth > 10, $"seed {seed}: some device had no bandwidth left {atBandwidth} times");
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Progress_accounts_for_every_VM_and_those_of_one_way_begin_in_order(ulong seed)
    {
        Fleet fleet = FleetSamples.Fleet(seed) with { Order = FleetOrder.Cheapest };
        IReadOnlyList<PlannedMigration> plans = Plan(fleet);
        int done = 0, running = 0;
        double now = 0;
        IReadOnlyList<FleetOutcome> outcomes = new FleetRun(fleet, plans).Run(moment =>
        {
            Assert.Equal(fleet.Vms.Count, moment.Done + moment.Running.Count + moment.Waiting);
            Assert.True(moment.Done >= done && moment.Seconds >= now, $"seed {seed}");
            (done, running, now) = (moment.Done, moment.Running.Count, moment.Seconds);
        });
        Assert.Equal(fleet.Vms.Count, done + running);
        foreach (var way in outcomes.Where(outcome => outcome.Times != null).GroupBy(outcome => (outcome.Plan.Vm.From, outcome.Plan.Vm.Device, outcome.Plan.Vm.To)))
        {
            FleetOutcome[] begun = [.. way.OrderBy(outcome => outcome.Times!.Begin).ThenBy(outcome => outcome.Plan.Cost)];
            Assert.Equal(begun.OrderBy(outcome => outcome.Plan.Cost), begun);
        }
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Every_VM_is_migrated_once_or_there_is_a_reason(ulong seed)
    {
        Fleet fleet = FleetSamples.Fleet(seed);
        var begun = new HashSet<int>();
        var running = new HashSet<int>();
        IReadOnlyList<FleetOutcome> outcomes = new FleetRun(fleet, Plan(fleet)).Run(moment =>
        {
            int[] now = [.. moment.Running.Select(flow => flow.Vm)];
            Assert.Equal(now.Length, now.Distinct().Count());
            Assert.All(now, vm => Assert.True(running.Contains(vm) || begun.Add(vm), $"seed {seed}: VM {vm} began twice"));
            running = [.. now];
        });
        for (int vm = 0; vm < fleet.Vms.Count; vm++)
        {
            Assert.Equal(fleet.Vms[vm], outcomes[vm].Plan.Vm);
            Assert.Equal(outcomes[vm].Times != null, begun.Contains(vm));
            Assert.Equal(outcomes[vm].Times == null, outcomes[vm].LeftOut != null);
        }
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Images_always_have_room_on_their_device(ulong seed)
    {
        Fleet fleet = FleetSamples.Fleet(seed);
        IReadOnlyList<FleetOutcome> outcomes = new FleetRun(fleet, Plan(fleet)).Run();
        var changes = new List<(double At, int Pool, int Device, long Bytes)>();
        foreach (FleetVm vm in fleet.Vms)
            changes.Add((-1, vm.From, vm.Device, vm.ImageBytes));
        foreach (FleetOutcome outcome in outcomes.Where(outcome => outcome.Times != null))
        {
            FleetVm vm = outcome.Plan.Vm;
            changes.Add((outcome.Times!.Begin, vm.To, outcome.Times.Device, vm.ImageBytes));
            changes.Add((outcome.Times.End, vm.From, vm.Device, -vm.ImageBytes));
        }

        var used = new Dictionary<(int, int), long>();
        foreach ((double at, int pool, int device, long bytes) in changes.OrderBy(change => change.At).ThenBy(change => change.Bytes))
        {
            used[(pool, device)] = used.GetValueOrDefault((pool, device)) + bytes;
            Assert.InRange(used[(pool, device)], 0, fleet.Pools[pool].DeviceBytes);
        }
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void The_mix_never_costs_more_than_any_scheme_for_all(ulong seed)
    {
        Fleet fleet = FleetSamples.Fleet(seed);
        IReadOnlyList<FleetMix> mixes = FleetMix.Of(Plan(fleet), fleet.Schemes);
        Assert.Equal(fleet.Schemes, mixes.Select(mix => mix.Kind));
        Assert.All(mixes, mix => Assert.True(mix.MixCost <= mix.Cost * Slack, $"seed {seed}, {mix}"));
    }

    [Fact]
    public void The_plan_and_the_run_do_not_depend_on_the_number_of_processors()
    {
        Fleet fleet = FleetSamples.Fleet(7);
        Assert.Equal(Run(fleet, processors: 1), Run(fleet, processors: 4));
    }

    [Theory]
    [InlineData(FleetOrder.Given, 0)]
    [InlineData(FleetOrder.Longest, 1)]
    [InlineData(FleetOrder.Cheapest, 2)]
    [InlineData(FleetOrder.Gain, 3)]
    public void The_order_says_who_goes_first(FleetOrder order, int first)
    {
        var idle = new WorkloadTraits { IopsAtSource = 10, ReadShare = 0.5, WorkingSetShare = 0.2, Outstanding = 1 };
        var busy = new WorkloadTraits { ReadShare = 0.9, WorkingSetShare = 0.2, Outstanding = 8 };
        FleetPool pool = FleetSamples.Pool("ssd", MediumTraits.Ssd) with { Devices = 1, MostMigrations = 8, DeviceBytes = 1L << 43 };
        FleetPool hdd = pool with { Name = "hdd", Medium = MediumTraits.Hdd };
        Fleet fleet = new()
        {
            Pools = [hdd, pool],
            Order = order,
            MostMigrations = 1,
            Schemes = [SchemeKind.LowRedundancy],
            Vms =
            [
                Vm("middling", 20, idle with { IopsAtSource = 30 }), Vm("large", 3000, idle), Vm("small", 1, idle with { IopsAtSource = 1 }),
                Vm("busy", 10, busy),
            ],
        };
        IReadOnlyList<FleetOutcome> outcomes = new FleetRun(fleet, Plan(fleet)).Run();
        Assert.Equal(0, outcomes[first].Times!.Begin);
        Assert.Equal(3, outcomes.Count(outcome => outcome.Times!.Begin > 0));

        static FleetVm Vm(string name, long gib, WorkloadTraits workload) =>
            new() { Name = name, From = 0, Device = 0, To = 1, ImageBytes = gib << 30, Workload = workload };
    }

    [Fact]
    public void Two_that_share_a_limit_get_half_of_it_each()
    {
        FleetPool pool = FleetSamples.Pool("a", MediumTraits.Ssd) with { Devices = 1, MostMigrations = 2, BytesPerSecond = 50e6 };
        FleetVm vm = new() { Name = "x", From = 0, Device = 0, To = 1, ImageBytes = 1L << 30, Workload = new WorkloadTraits { IopsAtSource = 10 } };
        Fleet fleet = new() { Pools = [pool, pool with { Name = "b" }], Vms = [vm, vm with { Name = "y" }] };
        var rates = new List<double>();
        new FleetRun(fleet, Plan(fleet)).Run(moment => rates.AddRange(moment.Running.Select(flow => flow.BytesPerSecond)));
        Assert.Equal(2, rates.Count);
        Assert.All(rates, rate => Assert.Equal(25e6, rate, 1));
    }

    [Fact]
    public void A_VM_without_room_is_left_out_with_the_reason()
    {
        FleetPool pool = FleetSamples.Pool("a", MediumTraits.Ssd) with { Devices = 1, DeviceBytes = 3L << 30 };
        FleetVm vm = new() { Name = "x", From = 0, Device = 0, To = 1, ImageBytes = 1L << 30, Workload = new WorkloadTraits() };
        Fleet fleet = new()
        {
            Pools = [pool, pool with { Name = "b", DeviceBytes = 2L << 30 }],
            Vms = [vm, vm with { Name = "y" }, vm with { Name = "z" }],
        };
        IReadOnlyList<FleetOutcome> outcomes = new FleetRun(fleet, Plan(fleet)).Run();
        Assert.Equal(["no device of pool b has room for it"], outcomes.Where(outcome => outcome.Times == null).Select(outcome => outcome.LeftOut));
    }

    private static IReadOnlyList<PlannedMigration> Plan(Fleet fleet, int processors = -1) =>
        FleetPlanner.Plan(fleet, kind => kind.ToString(), processors);

    private static IEnumerable<(SchemeKind, string, FleetTimes?)> Run(Fleet fleet, int processors) =>
        [.. new FleetRun(fleet, Plan(fleet, processors)).Run().Select(
            outcome => (outcome.Plan.Choice.Kind, outcome.Plan.Choice.Reason, outcome.Times))];

    private static void CheckMoment(Fleet fleet, FleetMoment moment, string where)
    {
        Assert.True(moment.Running.Count <= fleet.MostMigrations, where);
        var flows = moment.Running.Select(flow => (Vm: fleet.Vms[flow.Vm], Flow: flow)).ToArray();
        var devices = flows.Select(each => (Pool: each.Vm.From, Device: each.Flow.SourceDevice, each.Flow.BytesPerSecond))
            .Concat(flows.Select(each => (Pool: each.Vm.To, Device: each.Flow.DestinationDevice, each.Flow.BytesPerSecond)))
            .GroupBy(end => (end.Pool, end.Device));
        foreach (var device in devices)
        {
            FleetPool pool = fleet.Pools[device.Key.Pool];
            Assert.True(device.Count() <= pool.MostMigrations, where);
            Assert.True(device.Sum(end => end.BytesPerSecond) <= pool.BytesPerSecond * Slack, where);
        }

        foreach (FleetLink link in fleet.Links)
        {
            var on = flows.Where(each => each.Vm.From == link.From && each.Vm.To == link.To).ToArray();
            Assert.True(on.Length <= link.MostMigrations, where);
            Assert.True(on.Sum(each => each.Flow.BytesPerSecond) <= link.BytesPerSecond * Slack, where);
        }

        Assert.All(flows, each => Assert.True(each.Flow.BytesPerSecond > 0, where));
    }
}
