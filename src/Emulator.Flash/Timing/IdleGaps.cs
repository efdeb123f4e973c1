using System.Runtime.CompilerServices;

namespace Emulator.Flash.Timing;

/// <summary>
/// Idle intervals that lie before something already reserved. Work is reserved when it is asked for, and a chain of
/// steps (a mapping read, then a data read) reserves its later steps ahead of time; without these intervals whatever is
/// asked for in between would queue behind work that has not begun. A bounded number is kept, the oldest is forgotten.
/// Times in nanoseconds.
/// </summary>
internal struct IdleGaps
{
    private const int Capacity = 4;

    private Slots _slots;
    private int _next;
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
        _slots[_next & (Capacity - 1)] = new Gap { Start = start, End = end };
        _next++;
        _latestEnd = Math.Max(_latestEnd, end);
    }

    /// <summary>Takes <paramref name="length"/> out of the interval where it can begin first.</summary>
    /// <returns>The beginning, not before <paramref name="earliest"/>; -1 when it fits nowhere.</returns>
    public long Take(long earliest, long length)
    {
        if (earliest + length > _latestEnd)
            return -1;

        int best = -1;
        long bestStart = long.MaxValue;
        for (int i = 0; i < Capacity; i++)
        {
            ref readonly Gap gap = ref _slots[i];
            long start = Math.Max(gap.Start, earliest);
            if (start + length <= gap.End && start < bestStart)
            {
                best = i;
                bestStart = start;
            }
        }

        if (best < 0)
            return -1;
        long taken = _slots[best].Start;
        _slots[best].Start = bestStart + length;
        if (bestStart > taken)
            Add(taken, bestStart);
        return bestStart;
    }
}
