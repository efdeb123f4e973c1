using Emulator.Core;

namespace Emulator.Device;

/// <summary>The commands that a link takes at a time, as a heap of the times at which each slot is free.</summary>
internal sealed class CommandSlots(int count)
{
    private readonly SimTime[] _free = new SimTime[count];

    /// <summary>When the first slot is free.</summary>
    public SimTime NextFree => _free[0];

    /// <summary>Takes that slot until a later time.</summary>
    public void Take(SimTime until)
    {
        int at = 0;
        while (true)
        {
            int child = (2 * at) + 1;
            if (child >= _free.Length)
                break;
            if (child + 1 < _free.Length && _free[child + 1] < _free[child])
                child++;
            if (_free[child] >= until)
                break;
            _free[at] = _free[child];
            at = child;
        }

        _free[at] = until;
    }
}
