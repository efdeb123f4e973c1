using Emulator.Simulation.Workloads;

namespace Emulator.Host.Configuration;

/// <summary>A synthetic workload as a JSON file describes it; the defaults are those of <see cref="SyntheticWorkload"/>.</summary>
public sealed record WorkloadSettings
{
    private static readonly SyntheticWorkload Default = new() { Name = "" };

    /// <summary>Shares of requests in percent; what they leave of 100 is written.</summary>
    public int Read { get; init; } = Default.Read;

    public int Trim { get; init; } = Default.Trim;

    public int Flush { get; init; } = Default.Flush;

    public IReadOnlyList<SizeSettings> Sizes { get; init; } = [new()];

    public int Sequential { get; init; } = Default.Sequential;

    public double Zipf { get; init; } = Default.Zipf;

    public int Depth { get; init; } = Default.Depth;

    public double Rate { get; init; } = Default.Rate;

    public Arrivals Arrivals { get; init; } = Arrivals.Poisson;

    public int WorkingSet { get; init; } = Default.WorkingSet;

    public Precondition Precondition { get; init; } = Default.Precondition;

    /// <exception cref="UserErrorException">The file cannot be read, or something in it is wrong.</exception>
    public static WorkloadSettings FromFile(string path) => SettingsFile.Read<WorkloadSettings>(path);

    /// <exception cref="FormatException">The text is none of the kinds.</exception>
    public static Precondition ParsePrecondition(string text) => text switch
    {
        "none" => Precondition.None,
        "sequential" => Precondition.Sequential,
        "random" => Precondition.Random,
        _ => throw new FormatException($"'{text}' must be none, sequential or random"),
    };

    /// <exception cref="FormatException">The text is none of the kinds.</exception>
    public static Arrivals ParseArrivals(string text) => text switch
    {
        "poisson" => Arrivals.Poisson,
        "even" => Arrivals.Even,
        _ => throw new FormatException($"'{text}' must be poisson or even"),
    };

    public SyntheticWorkload ToWorkload(string name) => new()
    {
        Name = name,
        Read = Read,
        Trim = Trim,
        Flush = Flush,
        Sizes = [.. Sizes.Select(size => ((int)Math.Min(size.Size.Bytes, int.MaxValue), size.Weight))],
        Sequential = Sequential,
        Zipf = Zipf,
        Depth = Depth,
        Rate = Rate,
        IsEvenlySpaced = Arrivals == Arrivals.Even,
        WorkingSet = WorkingSet,
        Precondition = Precondition,
    };
}

/// <summary>A size of requests and how often it comes, in proportion to the other weights.</summary>
public sealed record SizeSettings
{
    public ByteSize Size { get; init; } = new(4096);

    public double Weight { get; init; } = 1;
}

/// <summary>When requests arrive that have a rate.</summary>
public enum Arrivals
{
    Poisson,
    Even,
}
