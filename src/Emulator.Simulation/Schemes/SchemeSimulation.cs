using Emulator.Core;
using Emulator.Migration;
using Emulator.Wire;

namespace Emulator.Simulation.Schemes;

/// <summary>A scheme between two modelled drives, in virtual time, with a VM that goes on meanwhile.</summary>
public sealed class SchemeSimulation : IDisposable
{
    /// <summary>The caller hears of progress whenever these bits of the number of events are 0.</summary>
    private const long PollMask = 0x3FFF;

    private readonly SchemeScenario _scenario;
    private readonly SimulatedDevice _source;
    private readonly SimulatedDevice _destination;
    private readonly Action? _poll;
    private long _events;
    private int _rounds;

    /// <param name="poll">Called now and then; may throw to end the run.</param>
    public SchemeSimulation(SchemeScenario scenario, Action? poll = null)
    {
        (_scenario, _poll) = (scenario, poll);
        int commands = scenario.Scheme.MostRequests + scenario.Scheme.CopyDepth + 1;
        _source = new SimulatedDevice(scenario.Source, scenario.ImageBytes, commands, scenario.KeepsContents, Assists);
        _destination = new SimulatedDevice(scenario.Destination, scenario.ImageBytes, commands, scenario.KeepsContents);
    }

    private bool Assists => _scenario.Scheme.Kind == SchemeKind.Assist;

    private long UsedBytes => _scenario.ImageBytes * _scenario.UsedPercent / 100 / 4096 * 4096;

    public SchemeResult Run()
    {
        SimTime begin = FillDrives();
        using SimulatedGuest? guest = GuestAt(begin);
        using var run = new SchemeRun(_source, _destination, Scheme(begin), (ISchemeSink?)guest ?? new NoGuest());
        run.Begin(begin);
        SimTime now = RunWhile(SchemePhase.Copying, begin, run, guest);
        SimTime paused = now;
        if (run.Phase == SchemePhase.Converged)
        {
            if (guest != null)
                guest.IsPaused = true;
            if (Assists)
                _source.Halt(now);
            run.Finish(now);
            now = RunWhile(SchemePhase.Finishing, now, run, guest);
        }

        VmMigrationStatus assist = Assists ? _source.AssistStatus(now) : default;
        LatencyHistogram latencies = guest?.Latencies ?? new LatencyHistogram();
        return new SchemeResult
        {
            Kind = _scenario.Scheme.Kind,
            IsCompleted = run.Phase == SchemePhase.Completed,
            HasConverged = run.HasConverged,
            MigrationTime = now - begin,
            Downtime = now - paused,
            RequestsPerSecond = latencies.Count / ((now - begin).Nanoseconds / 1e9),
            MeanMicroseconds = latencies.Mean.Nanoseconds / 1e3,
            P99Microseconds = latencies.Percentile(99).Nanoseconds / 1e3,
            Counters = run.Counters,
            RetainedPagesRead = (long)(ulong)assist.RetainedPagesRead,
            ReadsPrefetched = (long)(ulong)assist.ReadsPrefetched,
        };
    }

    /// <summary>What the VM does without a migration, on the source alone.</summary>
    /// <returns>Requests a second.</returns>
    public double Baseline(SimDuration duration)
    {
        SimTime begin = FillDrives();
        using SimulatedGuest? guest = GuestAt(begin);
        if (guest == null)
            return 0;
        SchemeOptions still = _scenario.Scheme with { Kind = SchemeKind.ReferenceAtSource, Written = [] };
        using var run = new SchemeRun(_source, _destination, still, guest);
        run.Begin(begin);
        SimTime now = begin;
        while (now - begin < duration)
            now = Step(now, run, guest);
        return guest.Latencies.Count / ((now - begin).Nanoseconds / 1e9);
    }

    public void Dispose()
    {
        _source.Dispose();
        _destination.Dispose();
    }

    private SchemeOptions Scheme(SimTime now) =>
        Assists ? _scenario.Scheme with { Written = _source.BeginAssist(now) } : _scenario.Scheme;

    private SimulatedGuest? GuestAt(SimTime now) => _scenario.Benchmark == null
        ? null
        : new SimulatedGuest(_scenario.Benchmark, UsedBytes, _source.BlockShift, _scenario.Seed, now);

    /// <summary>
    /// The image is on the source. At the destination there is nothing, unless the VM is to read it there all the same.
    /// </summary>
    private SimTime FillDrives()
    {
        SimTime filled = _source.Fill(SimTime.Zero, UsedBytes);
        return _scenario.Scheme.Kind == SchemeKind.ReferenceAtDestination
            ? SimTime.Max(filled, _destination.Fill(SimTime.Zero, UsedBytes))
            : filled;
    }

    private SimTime RunWhile(SchemePhase phase, SimTime now, SchemeRun run, SimulatedGuest? guest)
    {
        SimTime limit = now + _scenario.Limit;
        while (run.Phase == phase && now < limit)
            now = Step(now, run, guest);
        return now;
    }

    private SimTime Step(SimTime now, SchemeRun run, SimulatedGuest? guest)
    {
        if ((++_events & PollMask) == 0)
            _poll?.Invoke();
        SimTime next = SimTime.Min(SimTime.Min(_source.NextEvent, _destination.NextEvent), run.NextEvent);
        if (guest != null)
            next = SimTime.Min(next, guest.NextEvent);
        Check.That(next != SimTime.Never);
        now = SimTime.Max(now, next);
        if (_source.NextEvent <= now)
            _source.Advance(now, run.Completed);
        if (_destination.NextEvent <= now)
            _destination.Advance(now, run.Completed);
        if (run.NextEvent <= now)
            run.Advance(now);
        guest?.Advance(now, run);
        if (Assists && run.Counters.Rounds > _rounds)
        {
            _rounds = run.Counters.Rounds;
            _source.NextRound(now);
        }

        return now;
    }

    private sealed class NoGuest : ISchemeSink
    {
        public void RequestCompleted(SimTime now, int request, bool isSuccess) => Check.Fail("there is no VM");
    }
}
