using Emulator.Host.Configuration;

namespace Emulator.Host.Assist;

/// <summary>What the command line of assist says.</summary>
internal sealed record AssistOptions
{
    public required string Profile { get; init; }

    /// <summary>Profile of the destination; null for the same.</summary>
    public string? To { get; init; }

    public ByteSize Size { get; init; }

    public int UsedPercent { get; init; }

    public required string Workload { get; init; }

    public int Rate { get; init; }

    public int LinkMegabits { get; init; }

    public int CopyDepth { get; init; }

    /// <summary>The VM is paused once a round leaves no more than this.</summary>
    public ByteSize Converged { get; init; }

    public ulong Seed { get; init; }

    public string? JsonFile { get; init; }

    public bool Force { get; init; }
}
