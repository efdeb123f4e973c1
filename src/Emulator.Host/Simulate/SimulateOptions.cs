using Emulator.Host.Configuration;
using Emulator.Simulation.Workloads;

namespace Emulator.Host.Simulate;

/// <summary>What the command line of simulate says; null where it says nothing.</summary>
public sealed record SimulateOptions
{
    /// <summary>A name or a file.</summary>
    public required string Workload { get; init; }

    public string Profile { get; init; } = DriveProfiles.Default;

    public ByteSize? Size { get; init; }

    public int? BlockSize { get; init; }

    public string? ConfigFile { get; init; }

    public long? Commands { get; init; }

    public ulong Seed { get; init; } = 1;

    public int? Depth { get; init; }

    public double? Rate { get; init; }

    public Precondition? Precondition { get; init; }

    /// <summary>Format of a trace.</summary>
    public string? Format { get; init; }

    public bool Wrap { get; init; }

    public string? JsonFile { get; init; }

    public string? PlotFile { get; init; }

    public bool Force { get; init; }
}
