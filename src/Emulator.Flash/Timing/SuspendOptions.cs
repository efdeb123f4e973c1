using Emulator.Core;

namespace Emulator.Flash.Timing;

/// <summary>When a die interrupts a running program or erase to serve a read.</summary>
public sealed record SuspendOptions
{
    /// <summary>From the suspend command until the die takes a read.</summary>
    public required SimDuration Latency { get; init; }

    /// <summary>An operation that ends sooner than this is left to end.</summary>
    public SimDuration LeastRemaining { get; init; }

    /// <summary>How often one operation may be suspended; after that reads wait for its end.</summary>
    public required int Limit { get; init; }
}
