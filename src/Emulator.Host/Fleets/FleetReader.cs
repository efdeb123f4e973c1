using Emulator.Host.Configuration;
using Emulator.Host.Planning;
using Emulator.Migration;
using Emulator.Simulation.Fleets;

namespace Emulator.Host.Fleets;

/// <summary>Makes a fleet of its file; a mistake is named by its place, as in vms[3].to.</summary>
internal static class FleetReader
{
    /// <exception cref="UserErrorException">The file cannot be read, or something in it is wrong.</exception>
    public static Fleet Read(string path)
    {
        string name = Path.GetFileName(path);
        FleetSettings settings = SettingsFile.Read<FleetSettings>(path);
        Fleet fleet;
        try
        {
            fleet = Of(settings);
        }
        catch (Exception e) when (e is FormatException or UserErrorException)
        {
            throw new UserErrorException($"{name}: {e.Message}");
        }

        return FleetCheck.Problem(fleet) is { } problem ? throw new UserErrorException($"{name}: {problem}") : fleet;
    }

    /// <exception cref="FormatException">The text is none of the orders.</exception>
    public static FleetOrder ParseOrder(string text) => text switch
    {
        "longest" => FleetOrder.Longest,
        "gain" => FleetOrder.Gain,
        "cheapest" => FleetOrder.Cheapest,
        "given" => FleetOrder.Given,
        _ => throw new FormatException($"'{text}' must be longest, gain, cheapest or given"),
    };

    private static Fleet Of(FleetSettings settings)
    {
        string[] names = [.. settings.Pools.Select(pool => pool.Name)];
        var media = settings.Pools.Select((pool, i) => (pool.Drive, pool.Kind, Where: $"pools[{i}]"))
            .DistinctBy(pool => (pool.Drive, pool.Kind))
            .ToDictionary(pool => (pool.Drive, pool.Kind), pool => PlannedMedium.Of(pool.Drive, pool.Where + ".drive", IsSsd(pool.Kind, pool.Where)));
        if (settings.Migrations < 0)
            throw new FormatException($"migrations: {settings.Migrations} must be 0 for no limit, or more");
        if (!(settings.Gamma >= 0 && settings.Gamma <= 1))
            throw new FormatException("gamma: must be 0 to 1");
        return new Fleet
        {
            Order = At("order", () => ParseOrder(settings.Order)),
            MostMigrations = settings.Migrations == 0 ? int.MaxValue : settings.Migrations,
            Schemes = At("schemes", () => PlanChoice.ParseSchemes(settings.Schemes.Length == 0 ? null : settings.Schemes)),
            Pools = [.. settings.Pools.Select((pool, i) => PoolOf(pool, i, media[(pool.Drive, pool.Kind)]))],
            Links = [.. settings.Links.Select((link, i) => LinkOf(link, i, names))],
            Vms = [.. settings.Vms.Select((vm, i) => VmOf(vm, i, names, settings))],
        };
    }

    private static bool? IsSsd(string? kind, string where) => kind switch
    {
        null => null,
        PlannedMedium.StatedSsd => true,
        PlannedMedium.StatedHdd => false,
        _ => throw new FormatException($"{where}.kind: '{kind}' must be ssd or hdd"),
    };

    private static FleetPool PoolOf(PoolSettings pool, int index, PlannedMedium medium) => new()
    {
        Name = pool.Name.Length > 0 ? pool.Name : throw new FormatException($"pools[{index}].name: is missing"),
        Medium = medium.Traits,
        Drive = medium.Drive,
        Devices = pool.Devices,
        DeviceBytes = pool.Capacity.Bytes,
        MostMigrations = pool.Migrations,
        BytesPerSecond = pool.Bandwidth?.Bytes ?? medium.Traits.BytesPerSecond,
    };

    private static FleetLink LinkOf(LinkSettings link, int index, string[] pools) => new(
        PoolIndex(link.From, pools, $"links[{index}].from"), PoolIndex(link.To, pools, $"links[{index}].to"),
        link.Bandwidth?.Bytes ?? double.PositiveInfinity, link.Migrations ?? int.MaxValue);

    private static FleetVm VmOf(VmSettings vm, int index, string[] pools, FleetSettings fleet) => new()
    {
        Name = vm.Name.Length > 0 ? vm.Name : $"vms[{index}]",
        From = PoolIndex(vm.From, pools, $"vms[{index}].from"),
        To = PoolIndex(vm.To, pools, $"vms[{index}].to"),
        Device = vm.Device,
        ImageBytes = vm.Image.Bytes,
        Gamma = vm.Gamma ?? fleet.Gamma,
        Scheme = vm.Scheme == null ? null : At($"vms[{index}].scheme", () => PlanChoice.ParseScheme(vm.Scheme)),
        Workload = new WorkloadTraits
        {
            ReadShare = vm.Read / 100.0,
            RequestBytes = vm.RequestSize.Bytes,
            Outstanding = vm.Outstanding,
            IopsAtSource = vm.Iops,
            WorkingSetShare = vm.WorkingSet / 100.0,
            SequentialShare = vm.Sequential / 100.0,
            Skew = vm.Zipf,
            WrittenShare = vm.Used / 100.0,
        },
    };

    private static int PoolIndex(string name, string[] pools, string where)
    {
        int index = Array.IndexOf(pools, name);
        if (index >= 0)
            return index;
        string? near = Spelling.Nearest(name, pools);
        throw new FormatException(name.Length == 0 ? $"{where}: is missing"
            : $"{where}: there is no pool '{name}'" + (near == null ? "" : $"; did you mean '{near}'?"));
    }

    private static T At<T>(string where, Func<T> parse)
    {
        try
        {
            return parse();
        }
        catch (FormatException e)
        {
            throw new FormatException($"{where}: {e.Message}");
        }
    }
}
