namespace Emulator.Simulation.Workloads;

/// <summary>A synthetic workload as it is described, without regard to the drive that it will run on.</summary>
public sealed record SyntheticWorkload
{
    public required string Name { get; init; }

    /// <summary>Shares of the kinds of requests in percent; what they leave of 100 is written.</summary>
    public int Read { get; init; } = 100;

    public int Trim { get; init; }

    public int Flush { get; init; }

    /// <summary>Bytes and weights.</summary>
    public IReadOnlyList<(int Bytes, double Weight)> Sizes { get; init; } = [(4096, 1)];

    /// <summary>Share in percent of requests that continue where the last of their kind ended.</summary>
    public int Sequential { get; init; }

    /// <summary>Skew of the other addresses; 0 for none.</summary>
    public double Zipf { get; init; }

    public int Depth { get; init; } = 32;

    /// <summary>Requests a second; 0 for as many as the drive takes.</summary>
    public double Rate { get; init; }

    /// <summary>Whether they arrive evenly spaced rather than as a Poisson process.</summary>
    public bool IsEvenlySpaced { get; init; }

    /// <summary>Share of the namespace in percent that is touched, from its begin.</summary>
    public int WorkingSet { get; init; } = 100;

    public Precondition Precondition { get; init; } = Precondition.Sequential;

    /// <exception cref="WorkloadException">It cannot run on such a namespace; the message names what is wrong.</exception>
    public Workload On(WorkloadTarget target, long commands)
    {
        if (Problem(target) is { } problem)
            throw new WorkloadException($"workload {Name}: {problem}");

        var sizes = new SizeMix(Sizes);
        long bytes = (long)(target.NamespaceBytes * (WorkingSet / 100.0)) / target.BlockBytes * target.BlockBytes;
        if (sizes.Largest > bytes)
            throw new WorkloadException($"workload {Name}: requests of {sizes.Largest} bytes do not fit into {bytes} bytes");
        var options = new SyntheticOptions
        {
            ReadPercent = Read,
            WritePercent = 100 - Read - Trim - Flush,
            TrimPercent = Trim,
            FlushPercent = Flush,
            ReadSizes = sizes,
            WriteSizes = sizes,
            TrimSizes = sizes,
            SequentialPercent = Sequential,
            ZipfTheta = Zipf,
            Bytes = bytes,
            Rate = Rate,
            IsPoisson = !IsEvenlySpaced,
            RequestLimit = commands,
            Seed = target.Seed,
        };
        return new Workload
        {
            Name = Name,
            Jobs = [new JobPlan { Name = Name, Depth = Depth, Source = new SyntheticSource(options) }],
            Precondition = Precondition,
            Fill = options with { ReadPercent = 0, WritePercent = 100, TrimPercent = 0, FlushPercent = 0, Rate = 0, RequestLimit = null },
        };
    }

    private string? Problem(WorkloadTarget target)
    {
        if (Read < 0 || Trim < 0 || Flush < 0 || Read + Trim + Flush > 100)
            return $"{Read}% reads, {Trim}% trims and {Flush}% flushes must each be 0 to 100, and together at most 100";
        if (Sizes.Count == 0 || Sizes.Any(size => size.Weight < 0) || Sizes.Sum(size => size.Weight) <= 0)
            return "needs sizes of requests whose weights are not negative and not all 0";
        foreach ((int bytes, _) in Sizes)
        {
            if (bytes < target.BlockBytes || bytes % target.BlockBytes != 0)
                return $"a request of {bytes} bytes is not a whole number of blocks of {target.BlockBytes} bytes";
        }

        if (Sequential is < 0 or > 100)
            return $"a sequential share of {Sequential}% must be 0 to 100";
        if (!(Zipf is >= 0 and <= 10))
            return $"a zipf skew of {Zipf} must be 0 to 10";
        if (Depth < 1 || Depth > target.MostOutstanding)
            return $"a queue depth of {Depth} must be 1 to {target.MostOutstanding}";
        if (!(Rate is >= 0 and <= 1e9))
            return $"a rate of {Rate} requests a second must be 0 to 1000000000";
        return WorkingSet is < 1 or > 100 ? $"a working set of {WorkingSet}% must be 1 to 100" : null;
    }
}
