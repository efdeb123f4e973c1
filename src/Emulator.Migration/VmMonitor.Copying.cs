using Emulator.Core;

namespace Emulator.Migration;

/// <summary>What whoever copies the VM will read, for those who prepare it.</summary>
public sealed partial class VmMonitor
{
    private ulong _roundWhenHalted;

    /// <summary>
    /// The next run of granules that are to be copied, in the order of the lists: while the VM runs what it wrote in its
    /// life, while it is halted what is dirty, or what was taken of that since.
    /// </summary>
    /// <param name="nsid">A namespace.</param>
    /// <param name="from">First granule to look at.</param>
    /// <param name="first">First granule of the run.</param>
    /// <param name="count">Granules of the run.</param>
    /// <returns>False when there is none, or the VM is no source.</returns>
    public bool TryNextToCopy(uint nsid, ulong from, out ulong first, out ulong count)
    {
        first = count = 0;
        if (!IsSource || !_trackers.TryGetValue(nsid, out ChangeTracker? tracker) || !tracker.IsAttached || tracker.IsDeleted)
            return false;

        TwoLevelBitmap set = !IsHalted ? tracker.Written : Round == _roundWhenHalted ? tracker.Dirty : tracker.Taken;
        bool found = set.TryNextRun((long)from, out long start, out long length);
        (first, count) = ((ulong)start, (ulong)length);
        return found;
    }
}
