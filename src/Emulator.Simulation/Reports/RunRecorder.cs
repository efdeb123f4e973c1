using Emulator.Core;
using Emulator.Simulation.Workloads;
using Emulator.Wire;

namespace Emulator.Simulation.Reports;

/// <summary>Measures a run: sees every command when it completes.</summary>
/// <param name="begin">The time at which the run begins; what completes before does not count.</param>
public sealed class RunRecorder(SimTime begin)
{
    private const int Kinds = (int)RequestKind.Flush + 1;

    private readonly LatencyHistogram[] _byKind = [.. Enumerable.Range(0, Kinds).Select(_ => new LatencyHistogram())];
    private readonly long[] _bytes = new long[Kinds];
    private readonly Dictionary<Status, long> _errors = [];
    private TraceHash _hash = new();

    public SimTime Begin { get; } = begin;

    /// <summary>When the last command completed.</summary>
    public SimTime End { get; private set; } = begin;

    /// <summary>From arrival to completion, of all commands.</summary>
    public LatencyHistogram Latencies { get; } = new();

    public IntervalSeries Series { get; } = new(begin);

    public string Hash => _hash.ToString();

    /// <summary>How often a command ended with a status other than success.</summary>
    public IEnumerable<KeyValuePair<Status, long>> Errors => _errors.OrderBy(error => error.Key.Value);

    public LatencyHistogram LatenciesOf(RequestKind kind) => _byKind[(int)kind];

    public long BytesOf(RequestKind kind) => _bytes[(int)kind];

    internal void Record(in InFlight command, SimTime now, long bytes)
    {
        if (now < Begin)
            return;
        SimDuration latency = now - command.Arrived;
        _hash.Add(command, now);
        Latencies.Record(latency);
        _byKind[(int)command.Kind].Record(latency);
        _bytes[(int)command.Kind] += bytes;
        Series.Record(now, latency, command.Kind == RequestKind.Trim ? 0 : bytes);
        End = now;
        if (!command.Status.IsSuccess)
            _errors[command.Status] = _errors.GetValueOrDefault(command.Status) + 1;
    }
}
