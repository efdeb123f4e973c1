namespace Emulator.Simulation.Workloads;

/// <summary>What a workload has to know of what it will run on.</summary>
/// <param name="NamespaceBytes">Size of the namespace.</param>
/// <param name="BlockBytes">Bytes of a logical block.</param>
/// <param name="MostOutstanding">Commands that all jobs together can have outstanding.</param>
/// <param name="Seed">Of everything random.</param>
public sealed record WorkloadTarget(long NamespaceBytes, int BlockBytes, int MostOutstanding, ulong Seed);
