using Emulator.Core;
using Emulator.Device;
using Emulator.Migration;

namespace Emulator.Simulation.Schemes;

/// <summary>One migration of the evaluation.</summary>
public sealed record SchemeScenario
{
    public required DriveOptions Source { get; init; }

    public required DriveOptions Destination { get; init; }

    public required SchemeOptions Scheme { get; init; }

    /// <summary>What the VM does meanwhile; null for a VM that is idle.</summary>
    public SchemeBenchmark? Benchmark { get; init; }

    public required long ImageBytes { get; init; }

    /// <summary>Share of the image in percent that the VM ever wrote, from its begin.</summary>
    public int UsedPercent { get; init; } = 100;

    /// <summary>Given up after this.</summary>
    public SimDuration Limit { get; init; } = SimDuration.FromSeconds(3600);

    public bool KeepsContents { get; init; }

    public ulong Seed { get; init; } = 1;
}

/// <summary>What became of it.</summary>
public sealed record SchemeResult
{
    public required SchemeKind Kind { get; init; }

    /// <summary>False if it was given up.</summary>
    public required bool IsCompleted { get; init; }

    /// <summary>False if its rounds did not get shorter, and the VM was paused for a rest of any size.</summary>
    public required bool HasConverged { get; init; }

    /// <summary>From the begin until the VM can go on at the destination, or until it was given up.</summary>
    public required SimDuration MigrationTime { get; init; }

    /// <summary>Its last part, in which the VM is paused.</summary>
    public required SimDuration Downtime { get; init; }

    /// <summary>Requests of the VM a second over all of it.</summary>
    public required double RequestsPerSecond { get; init; }

    public required double MeanMicroseconds { get; init; }

    public required double P99Microseconds { get; init; }

    public required SchemeCounters Counters { get; init; }

    /// <summary>Assist: pages that were kept in the cache of the source until the copy read them there.</summary>
    public long RetainedPagesRead { get; init; }

    /// <summary>Assist: reads of the copy of which the source had read some of the pages ahead.</summary>
    public long ReadsPrefetched { get; init; }
}
