using System.Globalization;
using Emulator.Core;
using Emulator.Migration;

namespace Emulator.Simulation.Fleets;

/// <summary>
/// Fleets at random by seed, as in the massive migration of US 9,195,401: as many VMs go from SSD to SSD as from HDD to HDD,
/// and as many from SSD to HDD as back.
/// </summary>
public static class FleetGenerator
{
    private const int VmsOfDevice = 50;
    private static readonly long[] ImageSizes = [10L << 30, 20L << 30, 30L << 30, 60L << 30, 100L << 30];

    /// <param name="ssd">Becomes two pools.</param>
    /// <param name="hdd">Becomes two pools.</param>
    /// <param name="samePercent">VMs that stay on media of their kind; the others change it.</param>
    public static Fleet Generate(FleetPool ssd, FleetPool hdd, int vms, int samePercent, double gamma, ulong seed)
    {
        int devices = Math.Max(2, vms / 2 / VmsOfDevice);
        FleetPool[] pools =
        [
            ssd with { Name = "ssd-a", Devices = devices }, ssd with { Name = "ssd-b", Devices = devices },
            hdd with { Name = "hdd-a", Devices = devices }, hdd with { Name = "hdd-b", Devices = devices },
        ];
        var random = new SeededRandom(seed);
        return new Fleet { Pools = pools, Vms = [.. Enumerable.Range(0, vms).Select(number => Vm(random, number, devices, samePercent, gamma))] };
    }

    private static FleetVm Vm(SeededRandom random, int number, int devices, int samePercent, double gamma)
    {
        bool isSsd = random.Chance(50);
        bool staysAlike = random.Chance(samePercent);
        int from = isSsd ? 0 : 2;
        return new FleetVm
        {
            Name = string.Create(CultureInfo.InvariantCulture, $"vm{number}"),
            From = from,
            To = staysAlike == isSsd ? 1 : 3,
            Device = random.Below(devices),
            ImageBytes = ImageSizes[random.Below(ImageSizes.Length)],
            Gamma = gamma,
            Workload = Workload(random),
        };
    }

    /// <summary>Mostly VMs that leave their storage some time.</summary>
    private static WorkloadTraits Workload(SeededRandom random) => new()
    {
        ReadShare = (20 + random.Below(71)) / 100.0,
        RequestBytes = 4096 << random.Below(5),
        Outstanding = 1 << random.Below(5),
        IopsAtSource = 20 << random.Below(6),
        SequentialShare = random.Below(6) * 0.1,
        WorkingSetShare = (5 + random.Below(46)) / 100.0,
        Skew = random.Below(10) * 0.1,
        WrittenShare = (30 + random.Below(71)) / 100.0,
    };
}
