namespace Emulator.Core;

/// <summary>
/// When a path that carries one transfer at a time is free: a channel to flash, DRAM, the link to a host. Time is cut
/// into slots, and each slot knows up to when it is taken, so that a transfer which is ready early finds room before one
/// that was reserved for later, whatever the order in which they ask. In the order of their times transfers follow one
/// another exactly; out of it they are right to within a slot. Times in nanoseconds.
/// </summary>
public struct BusSchedule
{
    private const int SlotShift = 13;
    private const int SlotCount = 2048;
    private const int LaterSlotsInBacklog = 64;

    private readonly long[] _takenUntil;
    private long _tail;

    public BusSchedule() => _takenUntil = new long[SlotCount];

    /// <summary>How long it carried data in all.</summary>
    public long Busy { get; private set; }

    /// <summary>Reserves <paramref name="length"/> from <paramref name="ready"/> on.</summary>
    /// <returns>When the transfer ends.</returns>
    public long Reserve(long ready, long length)
    {
        Busy += length;
        long slot = ready >> SlotShift;
        long time = ready;
        int later = 0;
        while (true)
        {
            ref long taken = ref _takenUntil[slot & (SlotCount - 1)];
            long slotEnd = (slot + 1) << SlotShift;

            // The slot speaks of a later turn. One of a few was taken by something that was reserved far ahead, and is
            // passed over; many in a row mean that everything up to the last transfer is taken.
            if (taken > slotEnd)
            {
                if (++later == LaterSlotsInBacklog)
                {
                    time = Math.Max(time, _tail);
                    return _tail = time + length;
                }

                time = slotEnd;
                slot++;
                continue;
            }

            later = 0;

            time = Math.Max(time, taken);
            long end = time + length;
            if (end <= slotEnd)
            {
                taken = end;
                _tail = Math.Max(_tail, end);
                return end;
            }

            length = end - slotEnd;
            taken = time = slotEnd;
            slot++;
        }
    }
}
