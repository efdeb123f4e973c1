using System.Runtime.CompilerServices;

namespace Emulator.Flash.Timing;

/// <summary>
/// Idle intervals that lie before something already reserved. Work is reserved when it is asked for, and a chain of
/// steps (a mapping read, then a data read) reserves its later steps ahead of time; without these intervals whatever is
/// asked for in between would queue behind work that has not begun. A bounded number is kept: the one that ends first
/// is forgotten. Times in nanoseconds.
/// </summary>
internal struct IdleGaps
{
    private const int Capacity = 4;

    private Slots _slots;
    private long _latestEnd;

    private struct Gap
    {
        public long Start;
        public long End;
    }

    [InlineArray(Capacity)]
    private struct Slots
    {
        private Gap _first;
    }

    public void Add(long start, long end)
    {
        int oldest = 0;
        for (int i = 1; i < Capacity; i++)
        {
            if (_slots[i].End < _slots[oldest].End)
                oldest = i;
        }

        _slots[oldest] = new Gap { Start = start, End = end };
        _latestEnd = Math.Max(_latestEnd, end);
    }

    /// <summary>Takes up to <paramref name="length"/> out of the interval where there is something first.</summary>
    /// <param name="taken">How much of the length there was, more than 0 where there is an interval.</param>
    /// <returns>The beginning, not before <paramref name="earliest"/>; -1 when there is none.</returns>
    public long Take(long earliest, long length, out long taken)
    {
        taken = 0;
        if (earliest >= _latestEnd)
            return -1;

        int best = -1;
        long bestStart = long.MaxValue;
        for (int i = 0; i < Capacity; i++)
        {
            ref readonly Gap gap = ref _slots[i];
            long start = Math.Max(gap.Start, earliest);
            if (start < gap.End && start < bestStart)
            {
                best = i;
                bestStart = start;
            }
        }

        if (best < 0)
            return -1;
        Gap found = _slots[best];
        taken = Math.Min(length, found.End - bestStart);
        _slots[best].Start = bestStart + taken;
        if (bestStart > found.Start)
            Add(found.Start, bestStart);
        return bestStart;
    }

    /// <summary>
    /// Lets what begins at a time begin later, and what follows it as far as no interval takes that up.
    /// </summary>
    /// <param name="delay">In: by how much; out: what no interval took up, which everything behind them bears.</param>
    /// <returns>The delays of all that was delayed, together.</returns>
    public long Delay(long from, ref long delay)
    {
        long total = 0;
        while (delay > 0)
        {
            total += delay;
            int next = -1;
            for (int i = 0; i < Capacity; i++)
            {
                ref readonly Gap gap = ref _slots[i];
                if (gap.Start >= from && gap.Start < gap.End && (next < 0 || gap.Start < _slots[next].Start))
                    next = i;
            }

            if (next < 0)
                return total;
            ref Gap idle = ref _slots[next];
            long takenUp = Math.Min(delay, idle.End - idle.Start);
            idle.Start += takenUp;
            delay -= takenUp;
            from = idle.End;
        }

        return total;
    }
}
