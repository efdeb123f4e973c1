using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using Emulator.Core;

namespace Emulator.Flash.Timing;

/// <summary>
/// What a die does and will do. Programs, erases and background reads queue; a host's read goes before what is queued
/// and has not begun, and pushes it back. Work that is pushed back or suspended ends later than was said when it was
/// asked for: what was said stands, the die's own time is kept right. Times in nanoseconds.
/// </summary>
internal struct DieSchedule
{
    private const int QueueCapacity = 8;

    /// <summary>
    /// Operations that ended are kept this long, for reads whose time lies a little before another's.
    /// </summary>
    private const long Lookback = 1_000_000;

    private Slots _queue;
    private int _first;
    private int _count;
    private long _queueEnd;
    private long _readsEnd;
    private long _resumeAt;
    private IdleGaps _gaps;

    /// <summary>The reads that end at <see cref="_readsEnd"/> and when the first of them begins.</summary>
    private PlanePlace _lastReads;
    private long _lastReadsStart;

    /// <summary>Array times in units of 1/256 of the nominal ones; 256 for a healthy die.</summary>
    public int Slowdown;

    public DieUse Use;

    /// <summary>One operation, or several that follow one another without a pause when the queue was full.</summary>
    private struct Operation
    {
        public long Start;
        public long End;

        /// <summary>How long one of them takes, whatever came in between.</summary>
        public long Each;
        public int Merged;
        public short Suspensions;
        public OperationKind Kind;
        public PlanePlace Place;
    }

    [InlineArray(QueueCapacity)]
    private struct Slots
    {
        private Operation _first;
    }

    /// <summary>When everything that is queued so far is done.</summary>
    public readonly long End => Math.Max(_queueEnd, _readsEnd);

    /// <summary>Reads ahead of what is queued.</summary>
    /// <returns>When the data is across the channel.</returns>
    public long Read(long earliest, in DieWork work, ref BusSchedule channel, FlashTimingOptions options)
    {
        if (_lastReadsStart > earliest && _lastReads.GoesWith(work.Place))
            return JoinReads(work, ref channel);
        if (earliest < _readsEnd)
        {
            long length = work.Command + work.Array + work.Transfer;
            long gap = _gaps.Take(earliest, length, out long taken);
            if (gap >= 0)
                return ReadInGap(gap, taken, length - taken, work, ref channel);
            earliest = _readsEnd;
        }

        long idleSince = _readsEnd;
        int next = SkipEnded(earliest, ref idleSince);
        long start = earliest;
        bool holds = next < _count && At(next).Start < earliest
            && Interrupt(ref At(next), ref earliest, ref start, options);
        if (!holds && next < _count && At(next).End == start)
            next++;
        else if (!holds && start > idleSince)
            _gaps.Add(idleSince, start);

        long end = Read(start, work, ref channel);
        PushBack(next, holds ? end - earliest : 0, end);
        _readsEnd = end;
        _lastReads = work.Place;
        _lastReadsStart = start;
        return Worked(start, end);
    }

    /// <summary>Queues behind everything; a program's data crosses the channel when its turn has come.</summary>
    /// <returns>When it is done.</returns>
    public long Append(OperationKind kind, long earliest, in DieWork work, ref BusSchedule channel)
    {
        if (_count > 0 && kind == OperationKind.Program && CanJoin(At(_count - 1), earliest, work.Place))
            return JoinProgram(ref At(_count - 1), work, ref channel);

        long start = Math.Max(earliest, End);
        long end = kind == OperationKind.Read
            ? Read(start, work, ref channel)
            : channel.Reserve(start, work.Command + work.Transfer) + work.Array;
        Enqueue(new Operation { Start = start, End = end, Each = end - start, Merged = 1, Kind = kind, Place = work.Place }, earliest);
        return Worked(start, end);
    }

    /// <summary>
    /// The array is read once for all planes. What was read first crosses the channel first, so that only the data of
    /// the planes that join comes later than it was said of the others.
    /// </summary>
    private long JoinReads(in DieWork work, ref BusSchedule channel)
    {
        long end = channel.Reserve(_readsEnd, work.Transfer);
        DelayBehindReads(end - _readsEnd);
        _lastReads = _lastReads.With(work.Place);
        Use.Busy += new SimDuration(work.Transfer);
        return end;
    }

    /// <summary>Whether the last operation has not begun, so that a program of another plane can be part of it.</summary>
    private static bool CanJoin(in Operation last, long now, PlanePlace place) =>
        last.Kind == OperationKind.Program && last.Merged == 1 && last.Start > now && last.Place.GoesWith(place);

    private long JoinProgram(ref Operation last, in DieWork work, ref BusSchedule channel)
    {
        long end = Math.Max(last.End, channel.Reserve(last.End - work.Array, work.Transfer) + work.Array);
        Use.Busy += new SimDuration(end - last.End);
        last.End = end;
        last.Place = last.Place.With(work.Place);
        _queueEnd = Math.Max(_queueEnd, end);
        return end;
    }

    private static long Read(long start, in DieWork work, ref BusSchedule channel) =>
        channel.Reserve(channel.Reserve(start, work.Command) + work.Array, work.Transfer);

    /// <summary>
    /// Reads where the die has nothing to do, before reads that were reserved for later. What does not fit delays those;
    /// as their ends are said, this read is said to end later by as much instead, which leaves the mean as it is.
    /// </summary>
    private long ReadInGap(long start, long taken, long overrun, in DieWork work, ref BusSchedule channel)
    {
        long end = Worked(start, Read(start, work, ref channel));
        if (overrun == 0)
            return end;
        end += _gaps.Delay(start + taken, ref overrun);
        DelayBehindReads(overrun);
        return end;
    }

    private void DelayBehindReads(long delay)
    {
        for (int i = 0; i < _count && delay > 0; i++)
        {
            if (At(i).Start < _readsEnd)
                continue;
            At(i).Start += delay;
            At(i).End += delay;
        }

        _queueEnd += _queueEnd >= _readsEnd ? delay : 0;
        _readsEnd += delay;
    }

    private long Worked(long start, long end)
    {
        Use.Busy += new SimDuration(end - start);
        return end;
    }

    [UnscopedRef]
    private ref Operation At(int index) => ref _queue[(_first + index) & (QueueCapacity - 1)];

    /// <summary>Finds the first operation that has not ended at a time, and drops what ended long before.</summary>
    private int SkipEnded(long time, ref long idleSince)
    {
        int index = 0;
        while (index < _count && At(index).End <= time)
        {
            idleSince = Math.Max(idleSince, At(index).End);
            if (index == 0 && At(0).End + Lookback <= time)
                DropFirst();
            else
                index++;
        }

        return index;
    }

    private void DropFirst()
    {
        _first = (_first + 1) & (QueueCapacity - 1);
        _count--;
    }

    /// <summary>
    /// What a read does about the operation that runs when it could begin: waits for its end, or suspends it.
    /// </summary>
    /// <param name="from">Since when the operation does not proceed; in: when the read could begin.</param>
    /// <param name="start">When the read begins.</param>
    /// <returns>Whether the operation, or the rest of several merged into one, goes on after the read.</returns>
    private bool Interrupt(ref Operation running, ref long from, ref long start, FlashTimingOptions options)
    {
        // Another read was here before: the operation waits for the end of that one and is not resumed in between.
        if (_resumeAt == from)
            return true;

        long remaining = Remaining(running, from);
        SuspendOptions? suspend = running.Kind switch
        {
            OperationKind.Program => options.ProgramSuspend,
            OperationKind.Erase => options.EraseSuspend,
            _ => null,
        };
        if (suspend != null && running.Suspensions < suspend.Limit && remaining > suspend.LeastRemaining.Nanoseconds)
        {
            running.Suspensions++;
            Use.Suspensions++;
            start += suspend.Latency.Nanoseconds;
            return true;
        }

        from = start += remaining;
        return start < running.End;
    }

    /// <summary>How long the running operation still takes; of merged ones, the one that runs at that time.</summary>
    private static long Remaining(in Operation operation, long time)
    {
        long remaining = operation.End - time;
        return operation.Merged == 1 ? remaining : ((remaining - 1) % operation.Each) + 1;
    }

    /// <summary>Makes room for a read: what it interrupted ends later, what had not begun begins later.</summary>
    private void PushBack(int next, long interrupted, long readEnd)
    {
        long before = readEnd;
        if (interrupted > 0)
        {
            before = At(next++).End += interrupted;
            _resumeAt = readEnd;
            _queueEnd = Math.Max(_queueEnd, before);
        }

        for (; next < _count && At(next).Start < before; next++)
        {
            ref Operation operation = ref At(next);
            operation.End += before - operation.Start;
            operation.Start = before;
            before = operation.End;
            _queueEnd = Math.Max(_queueEnd, before);
        }
    }

    private void Enqueue(in Operation operation, long now)
    {
        _queueEnd = operation.End;
        while (_count > 0 && (At(0).End + Lookback <= now || (_count == QueueCapacity && At(0).End <= now)))
            DropFirst();
        if (_count < QueueCapacity)
        {
            At(_count++) = operation;
            return;
        }

        ref Operation last = ref At(_count - 1);
        last.End = operation.End;
        last.Each = ((last.Each * last.Merged) + operation.Each) / (last.Merged + 1);
        last.Merged++;
    }
}
