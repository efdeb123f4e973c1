using Emulator.Core;
using Emulator.Migration;
using Emulator.Simulation.Fleets;

namespace Emulator.UnitTests.Simulation.Fleets;

/// <summary>Small fleets with limits at random.</summary>
internal static class FleetSamples
{
    public static Fleet Fleet(ulong seed)
    {
        var random = new SeededRandom(seed);
        Fleet fleet = FleetGenerator.Generate(
            Limited(random, Pool("ssd", MediumTraits.Ssd)), Limited(random, Pool("hdd", MediumTraits.Hdd)),
            40 + random.Below(60), random.Below(101), random.Below(11) / 10.0, seed);
        return fleet with
        {
            Links = random.Chance(50)
                ? [new FleetLink(0, 3, (10 + random.Below(300)) * 1e6, 1 + random.Below(3)), new FleetLink(2, 1, 100e6, 1 + random.Below(3))]
                : [],
            MostMigrations = random.Chance(50) ? int.MaxValue : 1 + random.Below(8),
            Order = (FleetOrder)random.Below(4),
            Pools = random.Chance(30) ? [.. fleet.Pools.Select(pool => pool with { DeviceBytes = 3L << 40 })] : fleet.Pools,
        };
    }

    public static FleetPool Pool(string name, MediumTraits medium) => new()
    {
        Name = name,
        Medium = medium,
        Devices = 2,
        DeviceBytes = 16L << 40,
        BytesPerSecond = medium.BytesPerSecond,
    };

    private static FleetPool Limited(SeededRandom random, FleetPool pool) => pool with
    {
        MostMigrations = 1 + random.Below(4),
        BytesPerSecond = random.Chance(50) ? pool.BytesPerSecond : (10 + random.Below(200)) * 1e6,
    };
}
