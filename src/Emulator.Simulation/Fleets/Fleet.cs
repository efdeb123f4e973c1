using Emulator.Device;
using Emulator.Migration;

namespace Emulator.Simulation.Fleets;

/// <summary>VMs whose storage is to move between pools of devices, and what they may use of these meanwhile.</summary>
public sealed record Fleet
{
    public required IReadOnlyList<FleetPool> Pools { get; init; }

    /// <summary>Between which pools there are limits; none for a way that only its devices limit.</summary>
    public IReadOnlyList<FleetLink> Links { get; init; } = [];

    public required IReadOnlyList<FleetVm> Vms { get; init; }

    public FleetOrder Order { get; init; } = FleetOrder.Longest;

    /// <summary>Migrations at a time, everywhere.</summary>
    public int MostMigrations { get; init; } = int.MaxValue;

    /// <summary>Of what the scheme of a VM is chosen that says nothing else; at least one.</summary>
    public IReadOnlyList<SchemeKind> Schemes { get; init; } = MigrationEstimator.Schemes;

    /// <summary>Parameters of the copy.</summary>
    public SchemeOptions Copy { get; init; } = new() { Kind = SchemeKind.DirtyBlockTracking };
}

/// <summary>Which VM goes first when several could.</summary>
public enum FleetOrder
{
    /// <summary>The longest migration, so that none is left alone at the end.</summary>
    Longest,

    /// <summary>The one with which the most requests a second are won for each second of migration.</summary>
    Gain,

    /// <summary>The one with the lowest cost.</summary>
    Cheapest,

    /// <summary>As they are listed.</summary>
    Given,
}

/// <summary>Devices that are alike.</summary>
public sealed record FleetPool
{
    public required string Name { get; init; }

    public required MediumTraits Medium { get; init; }

    /// <summary>What samples are simulated on; null if the figures of the medium were stated, so that nothing can run on it.</summary>
    public DriveOptions? Drive { get; init; }

    public required int Devices { get; init; }

    /// <summary>Of one device.</summary>
    public required long DeviceBytes { get; init; }

    /// <summary>Migrations at a time from and to one device together.</summary>
    public int MostMigrations { get; init; } = 1;

    /// <summary>Bytes a second that these may copy from and to one device together.</summary>
    public required double BytesPerSecond { get; init; }
}

/// <summary>What may go from one pool to another at a time.</summary>
/// <param name="From">Index of a pool.</param>
/// <param name="To">Index of a pool.</param>
public sealed record FleetLink(int From, int To, double BytesPerSecond, int MostMigrations);

/// <summary>A VM that is to be moved.</summary>
public sealed record FleetVm
{
    public required string Name { get; init; }

    /// <summary>Index of a pool.</summary>
    public required int From { get; init; }

    /// <summary>Index within it.</summary>
    public required int Device { get; init; }

    /// <summary>Index of a pool.</summary>
    public required int To { get; init; }

    public required long ImageBytes { get; init; }

    public required WorkloadTraits Workload { get; init; }

    /// <summary>Weight of the life of SSDs in equation 4, from 0 to 1.</summary>
    public double Gamma { get; init; } = 0.5;

    /// <summary>The only scheme that may be used; null for a choice.</summary>
    public SchemeKind? Scheme { get; init; }
}
