using Emulator.Core;
using Emulator.Flash;
using Emulator.Ftl;

namespace Emulator.Cache;

/// <summary>Programming what is dirty: in the background, for room, and because somebody wants it durable.</summary>
public sealed partial class PageCache
{
    /// <summary>One part in so many of the lines may be dirty before the oldest are programmed.</summary>
    private const int HighWaterPart = 2;

    /// <summary>
    /// Lines that may be dirty above a store that takes no time. A long queue would save nothing but some overwritten pages,
    /// and would cost the processor's cache: each line is touched again when it is programmed (specs/performance.md).
    /// </summary>
    private const int ShortHighWater = 64;

    /// <summary>Groups that are programmed at once because they are old.</summary>
    private const int OldGroupsAtOnce = 16;

    /// <summary>How many lines of other streams are passed over to fill a group.</summary>
    private const int GatherReach = 4;

    private static readonly SimDuration OldAge = SimDuration.FromSeconds(1);
    private static readonly SimDuration OldSlice = SimDuration.FromMilliseconds(1);

    private readonly int[] _group;
    private int _highWater;
    private SimTime _lastProgramDone;
    private SimTime _idleDue = SimTime.Never;
    private long _dirtied;
    private long _dirtiedBefore;

    /// <summary>Makes everything written and trimmed survive a loss of power.</summary>
    /// <returns>
    /// When it does: at once where capacitors stand behind it. A write fault means that some of it is in DRAM still, and
    /// stays there.
    /// </returns>
    public MediumResult Flush(SimTime now) => AsSeenByHost(now, FlushLines(now));

    /// <summary>As <see cref="Flush"/>, without waiting for the medium (<see cref="IPageStore.BeginFlush"/>).</summary>
    public MediumResult BeginFlush(SimTime now) => AsSeenByHost(now, Destage(now).And(BeginPersistStore(now)));

    /// <summary>The same for some pages: others may stay in DRAM.</summary>
    public MediumResult BeginFlush(SimTime now, IPageSet pages) =>
        AsSeenByHost(now, Destage(now, pages).And(BeginPersistStore(now)));

    /// <summary>Makes one page survive a loss of power, if it would not.</summary>
    /// <returns>When it does, and the store has it.</returns>
    public MediumResult Commit(SimTime now, LogicalPage page)
    {
        int line = _index.Find(page);
        if (line == CacheLine.None)
            return MediumResult.Success(now);
        ref readonly CacheLine committed = ref _lines[line];
        if (committed.State == LineState.Programming)
            return MediumResult.Success(SimTime.Max(now, new SimTime(committed.CleanAt)));
        if (committed.State != LineState.Dirty)
            return MediumResult.Success(now);

        SimTime start = SimTime.Max(now, new SimTime(committed.ReadyAt));
        MediumResult result = Program(start, page, new WriteStream(committed.Stream), _lines.Data(line));
        if (!result.IsSuccess)
        {
            _counters.DestagesFailed++;
            return result;
        }

        Leave(line);
        BecomeProgrammed(now, line, result.Done);
        _counters.PagesDestaged++;
        return result.And(PersistStore(now));
    }

    /// <summary>Gives everything that is dirty to the store, without waiting until it is programmed.</summary>
    /// <returns>When it is.</returns>
    public MediumResult Destage(SimTime now)
    {
        MediumResult result = MediumResult.Success(now);
        while (_dirty.Count > 0 && result.IsSuccess)
            result = result.And(DestageGroup(now));
        return result;
    }

    /// <summary>
    /// Gives those of some pages that are dirty to the store; others go with them only where they fill a program operation.
    /// </summary>
    private MediumResult Destage(SimTime now, IPageSet pages)
    {
        MoveAhead(pages);
        MediumResult result = MediumResult.Success(now);
        while (_dirty.First != CacheLine.None && Holds(pages, _dirty.First) && result.IsSuccess)
            result = result.And(DestageGroup(now));
        return result;
    }

    /// <summary>Dirty lines of some pages come before all others, in the order in which they were.</summary>
    private void MoveAhead(IPageSet pages)
    {
        int line = _dirty.Last;
        for (int left = _dirty.Count; left > 0; left--)
        {
            int before = _lines[line].Previous;
            if (Holds(pages, line))
            {
                _dirty.Remove(line);
                _dirty.AddFirst(line);
            }

            line = before;
        }
    }

    private bool Holds(IPageSet pages, int line) => pages.Contains(new LogicalPage(_lines[line].Page));

    private MediumResult FlushLines(SimTime now) => Destage(now).And(PersistStore(now));

    /// <summary>
    /// Programs the oldest dirty line, and with it as many of its stream as one program operation takes. All of them are
    /// clean when the operation is over.
    /// </summary>
    private MediumResult DestageGroup(SimTime now)
    {
        int count = GatherGroup();
        int programmed = 0;
        MediumResult result = MediumResult.Success(now);
        for (; programmed < count && result.IsSuccess; programmed++)
        {
            ref readonly CacheLine line = ref _lines[_group[programmed]];
            result = result.And(Program(
                SimTime.Max(now, new SimTime(line.ReadyAt)),
                new LogicalPage(line.Page),
                new WriteStream(line.Stream),
                _lines.Data(_group[programmed])));
        }

        if (!result.IsSuccess)
        {
            programmed--;
            _counters.DestagesFailed++;
        }

        for (int i = 0; i < programmed; i++)
        {
            Leave(_group[i]);
            BecomeProgrammed(now, _group[i], result.Done);
        }

        _counters.PagesDestaged += programmed;
        return result;
    }

    private int GatherGroup()
    {
        int count = 0;
        int line = _dirty.First;
        int reach = _group.Length == 1 ? 1 : _group.Length * GatherReach;
        for (; line != CacheLine.None && count < _group.Length && reach > 0; reach--, line = _lines[line].Next)
        {
            if (count == 0 || _lines[line].Stream == _lines[_group[0]].Stream)
                _group[count++] = line;
        }

        return count;
    }

    private MediumResult Program(SimTime now, LogicalPage page, WriteStream stream, ReadOnlySpan<byte> data)
    {
        MediumResult result = _store.Write(now, page, stream, data);
        ObserveTime(now, result.Done);
        _lastProgramDone = SimTime.Max(_lastProgramDone, result.Done);
        return result;
    }

    /// <summary>From now on it is known how many lines were written since.</summary>
    private void WatchAge(SimTime now)
    {
        _idleDue = now + OldAge;
        _dirtiedBefore = _dirtied;
    }

    /// <summary>
    /// Programs, some at a time, what was not written within the last second: nothing stays in DRAM alone for long because
    /// the host has nothing more to write. What the store refuses waits for the next write, or a flush.
    /// </summary>
    private void DestageOld(SimTime now)
    {
        if (now < _idleDue)
            return;

        long old = _dirty.Count - (_dirtied - _dirtiedBefore);
        MediumResult result = MediumResult.Success(now);
        for (int i = 0; i < OldGroupsAtOnce && old > 0 && result.IsSuccess; i++)
        {
            int before = _dirty.Count;
            result = DestageGroup(now);
            old -= before - _dirty.Count;
        }

        if (old > 0 && result.IsSuccess)
            _idleDue = now + OldSlice;
        else if (_dirty.Count > 0 && result.IsSuccess)
            WatchAge(now);
        else
            _idleDue = SimTime.Never;
    }
}
