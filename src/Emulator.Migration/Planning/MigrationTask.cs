namespace Emulator.Migration;

/// <summary>A migration that is to be predicted.</summary>
public sealed record MigrationTask
{
    public required MediumTraits Source { get; init; }

    public required MediumTraits Destination { get; init; }

    public required long ImageBytes { get; init; }

    public WorkloadTraits Workload { get; init; } = new();

    /// <summary>Size and number of copy commands, rounds and their limit, threshold: the same for every scheme.</summary>
    public SchemeOptions Scheme { get; init; } = new() { Kind = SchemeKind.DirtyBlockTracking };

    /// <summary>What is wrong with it; null if nothing is.</summary>
    public string? Problem()
    {
        if (ImageBytes < MediumTraits.SmallBytes)
            return $"an image must have at least {MediumTraits.SmallBytes} bytes";
        return Prefixed("source", Source.Problem()) ?? Prefixed("destination", Destination.Problem())
            ?? Prefixed("workload", Workload.Problem());
    }

    private static string? Prefixed(string of, string? problem) => problem == null ? null : $"{of}: {problem}";
}
