using Emulator.Core;
using Emulator.Simulation.Workloads;

namespace Emulator.Simulation;

/// <summary>Where a job is: what it wants to submit next, and how much it has outstanding.</summary>
internal sealed class JobState(JobPlan plan)
{
    private readonly RequestSource _source = plan.Source;
    private readonly bool _isOpenLoop = plan.Source.IsOpenLoop;
    private SimTime _begin;
    private SimTime _end = SimTime.Never;

    /// <summary>What comes next, or what is left of it; of use while <see cref="HasRequest"/>.</summary>
    public Request Next;

    /// <summary>When it arrives; in a closed loop, as soon as there is room.</summary>
    public SimTime Arrival;

    public int Outstanding;

    /// <summary>An event will come when <see cref="Next"/> arrives.</summary>
    public bool IsAwaited;

    public int Depth { get; } = plan.Depth;

    public int Stage { get; } = plan.Stage;

    public bool HasRequest { get; private set; }

    public void Begin(SimTime now)
    {
        _begin = now;
        if (plan.Runtime is { } runtime)
            _end = now + runtime;
        Advance(now);
    }

    /// <summary>Takes the next request from the source.</summary>
    public void Advance(SimTime now)
    {
        HasRequest = now < _end && _source.TryNext(out Next);
        if (!HasRequest)
            return;
        Arrival = _isOpenLoop ? _begin + Next.Arrival : now;
        if (Arrival >= _end)
            HasRequest = false;
    }

    /// <summary>In a closed loop a request arrives when the queue has room for it, unless its job's time is over.</summary>
    public void ArriveNow(SimTime now)
    {
        if (_isOpenLoop)
            return;
        Arrival = now;
        if (now >= _end)
            HasRequest = false;
    }

    public void Stop() => HasRequest = false;
}
