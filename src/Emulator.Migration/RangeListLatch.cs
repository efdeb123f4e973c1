using Emulator.Core;
using Emulator.Wire;

namespace Emulator.Migration;

/// <summary>
/// A range list, log page D3h or D4h of the vendor command set, as it was when it was latched. The memory is the
/// reader's.
/// </summary>
public sealed class RangeListLatch
{
    private readonly RangeListPage _page = new();
    private uint _stoppedInNsid;
    private long _stoppedAtGranule;

    /// <summary>The page: header and entries.</summary>
    public ReadOnlySpan<byte> Page => _page.Bytes;

    private bool IsTruncated => _stoppedInNsid != uint.MaxValue;

    /// <summary>Latches log page D4h: what the VM wrote in its life.</summary>
    /// <param name="target">CNTLID or handle, as the page tells it.</param>
    /// <param name="mostRanges">The list is truncated after as many.</param>
    public void LatchWritten(VmMonitor vm, ushort target, int mostRanges)
    {
        Begin();
        foreach (ChangeTracker tracker in vm.Trackers)
        {
            if (tracker.IsAttached && !Collect(tracker, tracker.Written, mostRanges))
                break;
        }

        WriteHeader(vm, target, vm.Round, RangeListFlags.None);
    }

    /// <summary>Latches log page D3h: what changed in this round. The VM is a source.</summary>
    /// <param name="advance">What the list holds is taken out of the set, and a new round begins.</param>
    /// <param name="undo">What was taken last is put back before.</param>
    public void LatchDirty(VmMonitor vm, ushort target, bool advance, bool undo, int mostRanges)
    {
        Check.That(vm.IsSource);
        if (undo)
            vm.UndoRound();
        Begin();
        foreach (ChangeTracker tracker in vm.Trackers)
        {
            if (tracker.IsAttached && !Collect(tracker, tracker.Dirty, mostRanges))
                break;
        }

        ulong round = vm.Round;
        if (advance)
            vm.AdvanceRound(_stoppedInNsid, _stoppedAtGranule);
        WriteHeader(vm, target, round, advance ? RangeListFlags.BeganNewRound : RangeListFlags.None);
    }

    private void Begin()
    {
        _page.Clear();
        _stoppedInNsid = uint.MaxValue;
        _stoppedAtGranule = 0;
    }

    /// <returns>False when the list is full.</returns>
    private bool Collect(ChangeTracker tracker, TwoLevelBitmap set, int mostRanges)
    {
        for (long from = 0; set.TryNextRun(from, out long first, out long count); from = first + count)
        {
            if (!CollectRun(tracker, first, count, mostRanges))
                return false;
        }

        return true;
    }

    private bool CollectRun(ChangeTracker tracker, long first, long count, int mostRanges)
    {
        for (long end = first + count; first < end;)
        {
            long alike = (long)tracker.GranulesAlike(first, end - first, out bool readAsZero);
            if (!TryAdd(tracker, first, alike, readAsZero, mostRanges))
            {
                (_stoppedInNsid, _stoppedAtGranule) = (tracker.Nsid, first);
                return false;
            }

            first += alike;
        }

        return true;
    }

    /// <summary>Adds granules, as blocks that the namespace has, to the last range or as a new one.</summary>
    private bool TryAdd(ChangeTracker tracker, long firstGranule, long granules, bool readAsZero, int mostRanges)
    {
        int shift = tracker.Monitor.GranuleShift - tracker.BlockShift;
        ulong start = (ulong)firstGranule << shift;
        ulong blocks = Math.Min((ulong)granules << shift, tracker.BlockCount - start);
        uint flags = readAsZero ? RangeListEntry.ReadsAsZero : 0;
        return _page.TryAdd(tracker.Nsid, start, blocks, flags, mostRanges);
    }

    private void WriteHeader(VmMonitor vm, ushort target, ulong round, RangeListFlags flags)
    {
        if (vm.IsThresholdExceeded)
            flags |= RangeListFlags.ThresholdExceeded;
        if (IsTruncated)
            flags |= RangeListFlags.Truncated;
        _page.WriteHeader(new RangeListHeader
        {
            Target = target,
            Flags = (uint)flags,
            Generation = vm.NextGeneration(),
            Round = round,
            Granule = 1u << vm.GranuleShift,
        });
    }
}
