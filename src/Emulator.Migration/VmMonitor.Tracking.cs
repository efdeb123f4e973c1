using Emulator.Core;

namespace Emulator.Migration;

/// <summary>What the VM wrote, and what changed under it since the round began.</summary>
public sealed partial class VmMonitor
{
    private readonly SortedList<uint, ChangeTracker> _trackers = [];
    private ulong _generation;
    private uint _threshold;

    /// <summary>
    /// LBA_WRITTEN_THRESHOLD in granules, 0 for no limit. Recording goes on above it: that it was exceeded says that the
    /// hypervisor may as well move the whole capacity.
    /// </summary>
    public uint Threshold
    {
        get => _threshold;
        private set
        {
            _threshold = value;
            CompareWithThreshold();
        }
    }

    public bool IsThresholdExceeded { get; private set; }

    /// <summary>Granules that the VM wrote in its life, each counted once.</summary>
    public ulong GranulesWritten { get; private set; }

    /// <summary>Granules that changed in this round, 0 unless the VM is a source.</summary>
    public ulong GranulesDirty
    {
        get
        {
            long dirty = 0;
            if (IsSource)
            {
                foreach (ChangeTracker tracker in _trackers.Values)
                    dirty += tracker.IsAttached ? tracker.Dirty.Count : 0;
            }

            return (ulong)dirty;
        }
    }

    /// <summary>The round of dirty tracking, from 1 on while the VM is a source; else 0.</summary>
    public ulong Round { get; private set; }

    internal IList<ChangeTracker> Trackers => _trackers.Values;

    /// <summary>
    /// Keeps the changes of a namespace that was attached to the VM. A copy that is under way knows nothing of it, so
    /// that all of it counts as changed in this round.
    /// </summary>
    public ChangeTracker Track(ITrackedNamespace ns)
    {
        _trackers.TryGetValue(ns.Nsid, out ChangeTracker? tracker);
        if (tracker is { IsDeleted: false, IsAttached: true })
            return tracker;
        if (tracker == null || tracker.IsDeleted)
        {
            tracker?.ForgetWritten();
            tracker?.Dispose();
            _trackers[ns.Nsid] = tracker = new ChangeTracker(this, ns);
            if (IsSource)
                tracker.StartRounds();
        }

        tracker.IsAttached = true;
        tracker.MarkAllDirty();
        return tracker;
    }

    /// <summary>The namespace is no longer attached to the VM, which leaves what was recorded of it out of every list.</summary>
    public void Ignore(ChangeTracker tracker)
    {
        Check.That(tracker.Monitor == this);
        tracker.IsAttached = false;
    }

    /// <summary>The number of a range list that is latched now, from 1 on.</summary>
    internal ulong NextGeneration() => ++_generation;

    internal void CountWritten(long added)
    {
        GranulesWritten = (ulong)((long)GranulesWritten + added);
        if (_threshold != 0)
            CompareWithThreshold();
    }

    /// <summary>
    /// Begins a new round with what a list did not hold: nothing, unless it was truncated before granule
    /// <paramref name="end"/> of namespace <paramref name="nsid"/>.
    /// </summary>
    internal void AdvanceRound(uint nsid, long end)
    {
        foreach (ChangeTracker tracker in _trackers.Values)
        {
            if (tracker.IsAttached)
                tracker.Take(tracker.Nsid < nsid ? tracker.Granules : tracker.Nsid == nsid ? end : 0);
        }

        Round++;
    }

    internal void UndoRound()
    {
        foreach (ChangeTracker tracker in _trackers.Values)
            tracker.PutBack();
    }

    private void StartRounds()
    {
        Round = 1;
        foreach (ChangeTracker tracker in _trackers.Values)
            tracker.StartRounds();
    }

    private void StopRounds()
    {
        Round = 0;
        foreach (ChangeTracker tracker in _trackers.Values)
            tracker.StopRounds();
    }

    private void ForgetWritten()
    {
        foreach (ChangeTracker tracker in _trackers.Values)
            tracker.ForgetWritten();
    }

    private void CompareWithThreshold()
    {
        bool exceeded = _threshold != 0 && GranulesWritten > _threshold;
        if (exceeded == IsThresholdExceeded)
            return;
        IsThresholdExceeded = exceeded;
        if (exceeded)
            _events.ThresholdExceeded(this);
    }
}
