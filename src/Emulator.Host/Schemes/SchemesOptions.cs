using Emulator.Migration;
using Emulator.Simulation.Schemes;

namespace Emulator.Host.Schemes;

/// <summary>What the command line of schemes says.</summary>
internal sealed record SchemesOptions
{
    public required string Ssd { get; init; }

    public required string Hdd { get; init; }

    public required IReadOnlyList<SchemeBenchmark> Benchmarks { get; init; }

    /// <summary>Nothing is left out of what can be evaluated.</summary>
    public bool IsComplete { get; init; }

    /// <summary>Null for all.</summary>
    public IReadOnlyList<SchemeKind>? Schemes { get; init; }

    public IReadOnlyList<(bool IsSourceSsd, bool IsDestinationSsd)>? Directions { get; init; }

    public int Scale { get; init; }

    public int UsedPercent { get; init; }

    public int CopyDepth { get; init; }

    public int Threshold { get; init; }

    public int DelayMicroseconds { get; init; }

    /// <summary>A migration that takes so many times as long as an idle copy has failed.</summary>
    public int Limit { get; init; }

    public ulong Seed { get; init; }

    public string? JsonFile { get; init; }

    /// <summary>Null for no plots.</summary>
    public string? PlotDirectory { get; init; }

    public bool Force { get; init; }
}
