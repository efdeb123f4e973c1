using Emulator.Core;
using Emulator.Simulation.Workloads;

namespace Emulator.Simulation.Schemes;

/// <summary>
/// A benchmark of US 9,195,401, table 7, as a shape: what its table leaves open is chosen here, and specs/schemes.md says
/// what and why.
/// </summary>
public sealed record SchemeBenchmark
{
    /// <summary>The name of table 7.</summary>
    public required string Name { get; init; }

    /// <summary>Size of the image, unscaled.</summary>
    public required long ImageBytes { get; init; }

    public int ReadPercent { get; init; }

    public int FlushPercent { get; init; }

    public int SequentialPercent { get; init; }

    /// <summary>Skew of the other addresses.</summary>
    public double Zipf { get; init; }

    /// <summary>Bytes and weights.</summary>
    public IReadOnlyList<(int Bytes, double Weight)> Sizes { get; init; } = [(4096, 1)];

    /// <summary>Share of the image in percent that is touched.</summary>
    public int WorkingSet { get; init; } = 100;

    /// <summary>Requests outstanding at most; as many processes take turns to think and to wait for one.</summary>
    public required int Depth { get; init; }

    /// <summary>What each of them does between two requests.</summary>
    public SimDuration Think { get; init; }

    /// <summary>Table 7.</summary>
    public static IReadOnlyList<SchemeBenchmark> All { get; } =
    [
        Iometer("IOM_4", 4),
        Iometer("IOM_16", 16),
        Dbench("Db_2", 2),
        Dbench("Db_16", 16),
        Iozone("IOZ_R", 100),
        Iozone("IOZ_W", 0),
        KernelCompile("KC_10", 10),
        KernelCompile("KC_20", 20),
    ];

    /// <summary>What other tables and figures of the text are about.</summary>
    public static IReadOnlyList<SchemeBenchmark> Others { get; } =
    [
        Iometer("IOM_50", 4) with { ImageBytes = 5L << 30, ReadPercent = 50 },
        Iometer("IOM_25", 4) with { ImageBytes = 5L << 30, ReadPercent = 25 },
        Iometer("IOM_30G", 4) with { ImageBytes = 30L << 30, ReadPercent = 50 },
        Iozone("IOZ_W10", 0) with { WorkingSet = 10 },
        Iozone("IOZ_W40", 0) with { WorkingSet = 40 },
    ];

    internal SyntheticOptions OptionsFor(long imageBytes, ulong seed)
    {
        var sizes = new SizeMix(Sizes);
        long bytes = Math.Max(sizes.Largest, imageBytes * WorkingSet / 100 / 4096 * 4096);
        return new SyntheticOptions
        {
            ReadPercent = ReadPercent,
            WritePercent = 100 - ReadPercent - FlushPercent,
            FlushPercent = FlushPercent,
            ReadSizes = sizes,
            WriteSizes = sizes,
            SequentialPercent = SequentialPercent,
            ZipfTheta = Zipf,
            Bytes = bytes,
            Seed = seed,
        };
    }

    private static SchemeBenchmark Iometer(string name, int outstanding) => new()
    {
        Name = name,
        ImageBytes = 20L << 30,
        ReadPercent = 75,
        Depth = outstanding,
    };

    private static SchemeBenchmark Dbench(string name, int processes) => new()
    {
        Name = name,
        ImageBytes = 20L << 30,
        ReadPercent = 30,
        FlushPercent = 1,
        SequentialPercent = 50,
        Zipf = 0.9,
        Sizes = [(4096, 4), (16 << 10, 2), (64 << 10, 1)],
        WorkingSet = 25,
        Depth = processes,
    };

    private static SchemeBenchmark Iozone(string name, int readPercent) => new()
    {
        Name = name,
        ImageBytes = 30L << 30,
        ReadPercent = readPercent,
        SequentialPercent = 100,
        Sizes = [(64 << 10, 1)],
        WorkingSet = 20,
        Depth = 1,
    };

    private static SchemeBenchmark KernelCompile(string name, int gigabytes) => new()
    {
        Name = name,
        ImageBytes = (long)gigabytes << 30,
        ReadPercent = 60,
        SequentialPercent = 40,
        Zipf = 0.8,
        Sizes = [(4096, 4), (16 << 10, 2), (32 << 10, 1)],
        WorkingSet = 20,
        Depth = 4,
        Think = SimDuration.FromMilliseconds(4),
    };
}
