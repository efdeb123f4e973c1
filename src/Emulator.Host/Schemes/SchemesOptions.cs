using Emulator.Migration;
using Emulator.Simulation.Schemes;

namespace Emulator.Host.Schemes;

/// <summary>What the command line of schemes says.</summary>
internal sealed record SchemesOptions
{
    public required string Ssd { get; init; }

    public required string Hdd { get; init; }

    /// <summary>Null for all.</summary>
    public IReadOnlyList<SchemeBenchmark>? Benchmarks { get; init; }

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

    public bool Force { get; init; }
}
