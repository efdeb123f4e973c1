using Emulator.Core;
using Emulator.Migration;
using Emulator.Simulation.Workloads;

namespace Emulator.Simulation.Schemes;

/// <summary>A VM in a closed loop: processes that wait for one request each, and think before the next.</summary>
internal sealed class SimulatedGuest : ISchemeSink, IDisposable
{
    private readonly SyntheticSource _requests;
    private readonly SeededRandom _random;
    private readonly SimDuration _think;
    private readonly int _blockShift;
    private readonly EventQueue<int> _thinking;
    private readonly SimTime[] _submitted;

    public SimulatedGuest(SchemeBenchmark benchmark, long imageBytes, int blockShift, ulong seed, SimTime now)
    {
        _requests = new SyntheticSource(benchmark.OptionsFor(imageBytes, seed));
        _random = new SeededRandom(~seed);
        (_think, _blockShift) = (benchmark.Think, blockShift);
        _thinking = new EventQueue<int>(benchmark.Depth);
        _submitted = new SimTime[benchmark.Depth];
        for (int process = 0; process < benchmark.Depth; process++)
            _thinking.Add(now, process);
    }

    public SimTime NextEvent => IsPaused ? SimTime.Never : _thinking.NextDue;

    public bool IsPaused { get; set; }

    public LatencyHistogram Latencies { get; } = new();

    public void Advance(SimTime now, SchemeRun run)
    {
        while (!IsPaused && _thinking.TryTake(now, out int process))
        {
            _requests.TryNext(out Request request);
            BlockOperation operation = request.Kind switch
            {
                RequestKind.Read => BlockOperation.Read,
                RequestKind.Write => BlockOperation.Write,
                _ => BlockOperation.Flush,
            };
            _submitted[process] = now;
            Check.That(run.TrySubmit(
                now,
                process,
                new BlockRequest(operation, (ulong)request.Offset >> _blockShift, (uint)(request.Length >> _blockShift)),
                default));
        }
    }

    public void RequestCompleted(SimTime now, int request, bool isSuccess)
    {
        Check.That(isSuccess);
        Latencies.Record(now - _submitted[request]);
        _thinking.Add(now + ThinkTime(), request);
    }

    public void Dispose() => _requests.Dispose();

    /// <summary>Even between half and one and a half of the mean, so that processes do not march in step.</summary>
    private SimDuration ThinkTime() => _think == SimDuration.Zero
        ? SimDuration.Zero
        : new SimDuration((_think.Nanoseconds / 2) + (long)_random.Below((ulong)_think.Nanoseconds));
}
