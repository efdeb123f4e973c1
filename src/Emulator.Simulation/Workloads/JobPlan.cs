using Emulator.Core;

namespace Emulator.Simulation.Workloads;

/// <summary>One stream of requests with a queue depth of its own.</summary>
public sealed record JobPlan
{
    public required string Name { get; init; }

    public required RequestSource Source { get; init; }

    /// <summary>Commands that it may have outstanding.</summary>
    public required int Depth { get; init; }

    /// <summary>Jobs of one stage run together; a stage begins when the one before it is through. From 0.</summary>
    public int Stage { get; init; }

    /// <summary>How long it submits; null until its requests end.</summary>
    public SimDuration? Runtime { get; init; }
}
