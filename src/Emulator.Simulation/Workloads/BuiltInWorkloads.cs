namespace Emulator.Simulation.Workloads;

/// <summary>Workloads that are known by name.</summary>
public static class BuiltInWorkloads
{
    public static IReadOnlyList<(SyntheticWorkload Workload, string Description)> All { get; } =
    [
        (new SyntheticWorkload { Name = "randread" },
            "4 KiB reads all over a filled drive, depth 32"),
        (new SyntheticWorkload { Name = "randwrite", Read = 0 },
            "4 KiB writes all over a filled drive, depth 32"),
        (new SyntheticWorkload { Name = "seqread", Sizes = [(128 << 10, 1)], Sequential = 100 },
            "128 KiB reads in order, depth 32"),
        (new SyntheticWorkload { Name = "seqwrite", Read = 0, Sizes = [(128 << 10, 1)], Sequential = 100, Precondition = Precondition.None },
            "128 KiB writes in order to an empty drive, depth 32"),
        (new SyntheticWorkload { Name = "mixed", Read = 70 },
            "70% reads and 30% writes of 4 KiB all over a filled drive, depth 32"),
        (new SyntheticWorkload { Name = "steady-write", Read = 0, Precondition = Precondition.Random },
            "4 KiB writes at steady state: garbage collection keeps up with the host"),
        (new SyntheticWorkload { Name = "steady-mixed", Read = 70, Precondition = Precondition.Random },
            "70% reads and 30% writes of 4 KiB at steady state"),
        (new SyntheticWorkload
        {
            Name = "oltp", Read = 70, Flush = 1, Zipf = 0.99, Depth = 16, Sizes = [(4096, 6), (8192, 3), (16384, 1)],
            Precondition = Precondition.Random,
        }, "a database: 70% reads, 29% writes, 1% flushes of 4 to 16 KiB, zipf 0.99, depth 16, at steady state"),
        (new SyntheticWorkload { Name = "latency", Depth = 1 },
            "4 KiB reads all over a filled drive, one at a time"),
        (new SyntheticWorkload { Name = "trim", Read = 40, Trim = 20 },
            "40% reads, 40% writes and 20% trims of 4 KiB all over a filled drive, depth 32"),
    ];

    /// <returns>Null when there is none of that name.</returns>
    public static SyntheticWorkload? Find(string name) => All.FirstOrDefault(entry => entry.Workload.Name == name).Workload;
}
