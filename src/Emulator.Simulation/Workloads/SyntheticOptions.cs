namespace Emulator.Simulation.Workloads;

/// <summary>What a synthetic stream of requests is made of.</summary>
public sealed record SyntheticOptions
{
    /// <summary>Shares of the kinds of requests in percent; together 100.</summary>
    public int ReadPercent { get; init; } = 100;

    public int WritePercent { get; init; }

    public int TrimPercent { get; init; }

    public int FlushPercent { get; init; }

    public SizeMix ReadSizes { get; init; } = SizeMix.Of(4096);

    public SizeMix WriteSizes { get; init; } = SizeMix.Of(4096);

    public SizeMix TrimSizes { get; init; } = SizeMix.Of(4096);

    /// <summary>Share of requests in percent that continue where the last of their kind ended.</summary>
    public int SequentialPercent { get; init; }

    /// <summary>Skew of the Zipf distribution of the other addresses; 0 for addresses that are all alike.</summary>
    public double ZipfTheta { get; init; }

    /// <summary>First byte of the range that is touched.</summary>
    public long Offset { get; init; }

    /// <summary>Length of that range in bytes.</summary>
    public required long Bytes { get; init; }

    /// <summary>Requests a second; 0 for a closed loop.</summary>
    public double Rate { get; init; }

    /// <summary>Whether arrivals are a Poisson process rather than evenly spaced.</summary>
    public bool IsPoisson { get; init; }

    /// <summary>A flush follows every so many writes; 0 for none.</summary>
    public int FlushEvery { get; init; }

    /// <summary>Ends after so many requests; null for no such end.</summary>
    public long? RequestLimit { get; init; }

    /// <summary>Ends after so many bytes; null for no such end.</summary>
    public long? ByteLimit { get; init; }

    public ulong Seed { get; init; } = 1;
}
