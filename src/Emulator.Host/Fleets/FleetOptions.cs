using Emulator.Host.Configuration;

namespace Emulator.Host.Fleets;

/// <summary>What the command line of fleet says; null is left to the file.</summary>
internal sealed record FleetOptions
{
    /// <summary>Null for a fleet at random.</summary>
    public string? File { get; init; }

    public int? Vms { get; init; }

    public ulong Seed { get; init; } = 1;

    public int SamePercent { get; init; } = 50;

    public required string Ssd { get; init; }

    public required string Hdd { get; init; }

    public double? Gamma { get; init; }

    public string? Order { get; init; }

    public string? Schemes { get; init; }

    public int? Migrations { get; init; }

    public int? DeviceMigrations { get; init; }

    public ByteSize? DeviceBandwidth { get; init; }

    /// <summary>Migrations that are simulated with the schemes themselves, to check the model.</summary>
    public int Simulated { get; init; }

    public bool PlansOnly { get; init; }

    public string? JsonFile { get; init; }

    public bool Force { get; init; }
}
