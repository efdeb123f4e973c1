using Emulator.Core;
using Emulator.Ftl;

namespace Emulator.Cache;

/// <summary>How lines come, change and go.</summary>
public sealed partial class PageCache
{
    /// <summary>
    /// A line for another page, without waiting for one: free, or else the clean one that the policy gives up. It is in no
    /// list.
    /// </summary>
    private int TakeCleanLine(SimTime now)
    {
        if (_free.Count == 0)
            Settle(now);
        int line = _free.First;
        if (line != CacheLine.None)
        {
            _free.Remove(line);
            return line;
        }

        line = _policy.Evict();
        if (line != CacheLine.None)
        {
            Forget(line);
            _counters.Evictions++;
        }

        return line;
    }

    /// <summary>A line for a write, which waits for one if it must.</summary>
    /// <param name="at">When the line can be had.</param>
    /// <returns>None if the store takes nothing more.</returns>
    private int TakeLine(SimTime now, out SimTime at)
    {
        at = now;
        int line = TakeCleanLine(now);
        if (line != CacheLine.None)
            return line;
        if (_programming.Count == 0)
        {
            DestageGroup(now);
            line = TakeCleanLine(now);
            if (line != CacheLine.None)
                return line;
        }

        line = _programming.First;
        if (line != CacheLine.None)
        {
            at = new SimTime(_lines[line].CleanAt);
            _counters.WritesDelayed++;
        }
        else
        {
            line = _retained.First;
            if (line != CacheLine.None)
                _owners[_lines[line].Owner].RetainedDropped++;
        }

        if (line != CacheLine.None)
        {
            Leave(line);
            Forget(line);
        }

        return line;
    }

    /// <summary>Gives a line a page; it is not in a list yet.</summary>
    private void Install(int line, LogicalPage page, WriteStream stream, SimTime readyAt)
    {
        _lines[line] = new CacheLine { Page = page.Value, Stream = stream.Value, ReadyAt = readyAt.Nanoseconds };
        _index.Add(page, line);
    }

    /// <summary>Takes the page from a line that is in no list.</summary>
    private void Forget(int line)
    {
        ref CacheLine forgotten = ref _lines[line];
        if (forgotten.Has(LineFlags.Retain))
            DropRetention(ref forgotten);
        Claim(ref forgotten, default);
        _index.Remove(new LogicalPage(forgotten.Page));
        forgotten.State = LineState.Free;
    }

    /// <summary>The last to be freed is the first to be used again: its data is in the processor's cache.</summary>
    private void Free(int line)
    {
        Forget(line);
        _free.AddFirst(line);
    }

    /// <summary>Takes a line out of the list that it is in.</summary>
    private void Leave(int line)
    {
        ref CacheLine left = ref _lines[line];
        switch (left.State)
        {
            case LineState.Dirty:
                _dirty.Remove(line);
                _dirtyRegions.Remove(new LogicalPage(left.Page));
                if (left.Owner != 0)
                    _owners[left.Owner].DirtyLines--;
                break;
            case LineState.Programming:
                _programming.Remove(line);
                break;
            case LineState.Retained:
                _retained.Remove(line);
                break;
            case LineState.Clean:
                _policy.Remove(line);
                break;
            default:
                Check.Fail("a free line is in no list that it could leave");
                break;
        }
    }

    /// <summary>The line holds what the store has not: it is the one that was written last.</summary>
    private void BecomeDirty(SimTime now, int line)
    {
        ref CacheLine dirty = ref _lines[line];
        dirty.State = LineState.Dirty;
        if (dirty.Owner != 0)
            _owners[dirty.Owner].DirtyLines++;
        _dirty.AddLast(line);
        _dirtyRegions.Add(new LogicalPage(dirty.Page));
        _dirtied++;
        if (_idleDue == SimTime.Never)
            WatchAge(now);
    }

    /// <summary>The store has the data of a line that is in no list, and has programmed it at <paramref name="cleanAt"/>.</summary>
    private void BecomeProgrammed(SimTime now, int line, SimTime cleanAt)
    {
        if (cleanAt <= now)
        {
            BecomeClean(line);
            return;
        }

        ref CacheLine programming = ref _lines[line];
        programming.State = LineState.Programming;
        programming.CleanAt = cleanAt.Nanoseconds;
        _programming.AddByCleanTime(line);
    }

    /// <summary>The data of a line that is in no list is in the store: the line is kept if it is worth that.</summary>
    private void BecomeClean(int line)
    {
        ref CacheLine clean = ref _lines[line];
        if (clean.Has(LineFlags.Retain))
        {
            BecomeRetained(line);
        }
        else if (_storeTakesTime || clean.Has(LineFlags.Favoured | LineFlags.Prefetched))
        {
            clean.State = LineState.Clean;
            _policy.Add(line);
        }
        else
        {
            Free(line);
        }
    }

    /// <summary>What is programmed by now is clean.</summary>
    private void Settle(SimTime now)
    {
        for (int line = _programming.First;
            line != CacheLine.None && _lines[line].CleanAt <= now.Nanoseconds;
            line = _programming.First)
        {
            _programming.Remove(line);
            BecomeClean(line);
        }
    }
}
