namespace Emulator.Simulation.Workloads;

/// <summary>A workload that is ready to run on one drive, once.</summary>
public sealed record Workload : IDisposable
{
    public required string Name { get; init; }

    public required IReadOnlyList<JobPlan> Jobs { get; init; }

    public Precondition Precondition { get; init; }

    /// <summary>The range that is preconditioned, and how random overwrites are made.</summary>
    public required SyntheticOptions Fill { get; init; }

    /// <summary>Requests of all jobs; null when one of them is ended by time alone.</summary>
    public long? Count => Jobs.Any(job => job.Source.Count == null) ? null : Jobs.Sum(job => job.Source.Count);

    public void Dispose()
    {
        foreach (JobPlan job in Jobs)
            job.Source.Dispose();
    }
}
