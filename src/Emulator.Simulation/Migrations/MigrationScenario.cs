using Emulator.Core;
using Emulator.Device;
using Emulator.Simulation.Workloads;

namespace Emulator.Simulation.Migrations;

/// <summary>A migration of a VM with its storage, in virtual time.</summary>
public sealed record MigrationScenario
{
    /// <summary>The drive that the VM leaves, with one namespace.</summary>
    public required DriveOptions Source { get; init; }

    /// <summary>The drive that it goes to, with a namespace of the same size.</summary>
    public required DriveOptions Destination { get; init; }

    /// <summary>What the VM does all the time, over the part of the namespace that it uses (its working set).</summary>
    public required SyntheticWorkload Workload { get; init; }

    /// <summary>What the link between the hosts carries, each way.</summary>
    public long LinkBytesPerSecond { get; init; } = 1_250_000_000;

    /// <summary>One way.</summary>
    public SimDuration LinkLatency { get; init; } = SimDuration.FromMicroseconds(25);

    /// <summary>Bytes that the hypervisor reads and writes with one command.</summary>
    public int CopyBytes { get; init; } = 128 << 10;

    /// <summary>Commands that it has outstanding.</summary>
    public int CopyDepth { get; init; } = 8;

    /// <summary>The VM is paused once a round leaves less than this to copy.</summary>
    public long ConvergedBytes { get; init; } = 16 << 20;

    /// <summary>Rounds after the first pass; then the VM is paused, however much there is to copy.</summary>
    public int MostRounds { get; init; } = 30;

    /// <summary>How long the VM runs before the migration, which is what it is compared with.</summary>
    public SimDuration Before { get; init; } = SimDuration.FromSeconds(1);

    /// <summary>How long it is watched at the destination; 0 for not at all.</summary>
    public SimDuration After { get; init; } = SimDuration.FromSeconds(1);

    /// <summary>Whether the drives keep the contents of pages, on which no time depends.</summary>
    public bool KeepsContents { get; init; } = true;

    public ulong Seed { get; init; } = 1;

    /// <summary>Chunks in which a hypervisor notes writes that the drive does not note for it.</summary>
    public const int HypervisorChunkBytes = 64 << 10;
}
