namespace Emulator.Simulation.Workloads;

/// <summary>Where the requests of a job come from, one after the other.</summary>
public abstract class RequestSource : IDisposable
{
    /// <summary>
    /// Whether requests arrive at times of their own, whatever the drive does. Otherwise one follows as soon as the queue
    /// has room for it.
    /// </summary>
    public abstract bool IsOpenLoop { get; }

    /// <summary>How many requests there will be; null when only time ends them.</summary>
    public abstract long? Count { get; }

    /// <summary>Arrivals never go back in time.</summary>
    /// <returns>False at the end.</returns>
    public abstract bool TryNext(out Request request);

    public virtual void Dispose() => GC.SuppressFinalize(this);
}
