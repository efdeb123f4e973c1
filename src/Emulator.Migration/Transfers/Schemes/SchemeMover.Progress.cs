using Emulator.Core;
using Emulator.Wire;

namespace Emulator.Migration;

/// <summary>What log page D8h tells of a scheme.</summary>
internal sealed partial class SchemeMover
{
    private const double Millionths = 1e6;

    /// <summary>A rate over less is chance.</summary>
    private static readonly SimDuration LeastTimeBefore = SimDuration.FromMilliseconds(100);

    private static readonly SimDuration Window = SimDuration.FromMilliseconds(200);

    private SimTime _windowStart;
    private long _windowBytes;
    private double _bestCopyRate;

    /// <summary>Commands of the VM between the start of its migration and that of the scheme.</summary>
    public required ulong RequestsBefore { get; init; }

    /// <summary>That time.</summary>
    public required SimDuration TimeBefore { get; init; }

    /// <summary>Whether the source, and the destination, are worn by writes.</summary>
    public required (bool Source, bool Destination) AreWorn { get; init; }

    public CopyCounters PeerCounters => _commands.Counters;

    /// <summary>Passes of the run that is furthest, 1 for the first.</summary>
    public int Pass => 1 + _runs.Max(run => run.Counters.Rounds);

    public ulong BytesToCopy => Sum(run => run.BlocksToCopy);

    public ulong BytesDirty => Sum(run => run.BlocksDirty);

    /// <summary>A pass of one of the runs will leave about as much as it began with.</summary>
    public bool FallsBehind => Array.Exists(_runs, run => run.FallsBehind);

    /// <summary>Bytes that the copy has moved, in all passes.</summary>
    public ulong BytesCopied
    {
        get
        {
            SchemeCounters counters = Counters;
            return (ulong)(counters.BytesCopied + counters.BytesMerged);
        }
    }

    private SchemeCounters Counters
    {
        get
        {
            var sum = default(SchemeCounters);
            foreach (SchemeRun run in _runs)
                Add(ref sum, run.Counters);
            return sum;
        }
    }

    /// <summary>Called now and then, to find the best that the copy does.</summary>
    public void Measure(SimTime now)
    {
        if (now - _windowStart < Window)
            return;
        var bytes = (long)BytesCopied;
        _bestCopyRate = Math.Max(_bestCopyRate, (bytes - _windowBytes) / ((now - _windowStart).Nanoseconds / 1e9));
        (_windowStart, _windowBytes) = (now, bytes);
    }

    public void Ended(SimTime now) => _ended = SimTime.Min(_ended, now);

    public void Describe(SimTime now, ref DirectTransferProgress progress)
    {
        SchemeCounters counters = Counters;
        SimDuration during = SimTime.Min(now, _ended) - _started;
        progress.Requests = (ulong)counters.Requests;
        progress.BytesWritten = (ulong)counters.BytesWritten;
        progress.BytesWrittenToCopied = (ulong)counters.BytesWrittenToCopied;
        progress.BytesToSource = (ulong)counters.BytesToSource;
        progress.BytesToDestination = (ulong)counters.BytesToDestination;
        progress.BytesReadAtDestination = (ulong)counters.BytesReadAtDestination;
        progress.BytesCopied = (ulong)counters.BytesCopied;
        progress.BytesSkipped = (ulong)counters.BytesSkipped;
        progress.BytesMerged = (ulong)counters.BytesMerged;
        progress.RequestsDeferred = (ulong)counters.RequestsDeferred;
        progress.Delays = (ulong)counters.Delays;
        progress.MostPending = (ulong)counters.MostPending;
        progress.LogBytes = (ulong)counters.LogBytes;
        progress.BytesRestored = (ulong)counters.BytesRestored;
        progress.RequestsBefore = RequestsBefore;
        progress.MicrosecondsBefore = (ulong)(TimeBefore.Nanoseconds / 1000);
        progress.SchemeMicroseconds = (ulong)(during.Nanoseconds / 1000);
        progress.BestCopyBytesPerSecond = (ulong)_bestCopyRate;
        DescribeCost(counters, during, ref progress);
    }

    /// <summary>Equations 1 to 3, of what was counted here.</summary>
    private void DescribeCost(in SchemeCounters counters, SimDuration during, ref DirectTransferProgress progress)
    {
        const uint unknown = uint.MaxValue;
        double seconds = during.Nanoseconds / 1e9;
        double image = counters.BytesCopied + counters.BytesSkipped;
        MigrationCost cost = MigrationCost.Of(new MigrationMeasurement
        {
            BestPerformance = TimeBefore.Nanoseconds > 0 ? RequestsBefore / (TimeBefore.Nanoseconds / 1e9) : 0,
            Performance = seconds > 0 ? counters.Requests / seconds : 0,
            MigrationTime = during,
            ImageCopyTime = _bestCopyRate > 0 ? new SimDuration((long)(image / _bestCopyRate * 1e9)) : SimDuration.Zero,
            Counters = counters,
            IsSourceWorn = AreWorn.Source,
            IsDestinationWorn = AreWorn.Destination,
        });
        bool isPenaltyKnown = TimeBefore >= LeastTimeBefore && RequestsBefore > 0 && seconds > 0;
        progress.Penalty = isPenaltyKnown ? (uint)(cost.IoPenalty * Millionths) : unknown;
        progress.TimeFactor = _bestCopyRate > 0 && image > 0 ? (uint)Math.Min(cost.MigrationTime * Millionths, unknown - 1) : unknown;
        progress.WearOut = counters.BytesWritten > 0 ? (uint)Math.Min(cost.WearOut * Millionths, unknown - 1) : unknown;
    }

    private ulong Sum(Func<SchemeRun, long> blocks)
    {
        ulong bytes = 0;
        for (int i = 0; i < _runs.Length; i++)
            bytes += (ulong)blocks(_runs[i]) << _volumes[i].BlockShift;
        return bytes;
    }

    private static void Add(ref SchemeCounters sum, in SchemeCounters counters)
    {
        sum.Requests += counters.Requests;
        sum.BytesWritten += counters.BytesWritten;
        sum.BytesWrittenToCopied += counters.BytesWrittenToCopied;
        sum.BytesToSource += counters.BytesToSource;
        sum.BytesToDestination += counters.BytesToDestination;
        sum.BytesReadAtDestination += counters.BytesReadAtDestination;
        sum.BytesCopied += counters.BytesCopied;
        sum.BytesSkipped += counters.BytesSkipped;
        sum.BytesMerged += counters.BytesMerged;
        sum.RequestsDeferred += counters.RequestsDeferred;
        sum.Delays += counters.Delays;
        sum.MostPending = Math.Max(sum.MostPending, counters.MostPending);
        sum.LogBytes += counters.LogBytes;
        sum.BytesRestored += counters.BytesRestored;
    }
}
