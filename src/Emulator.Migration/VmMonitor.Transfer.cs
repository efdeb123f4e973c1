using Emulator.Core;

namespace Emulator.Migration;

/// <summary>The VM's changes as a direct transfer takes them.</summary>
public sealed partial class VmMonitor
{
    /// <summary>A direct transfer takes the rounds, so that nobody else may.</summary>
    public bool IsTransferred { get; internal set; }

    /// <summary>When the VM became a source, and what it had done by then.</summary>
    public (SimTime At, ulong Commands) SourceSince { get; private set; }

    /// <summary>The VM has become a source.</summary>
    public void BecameSource(SimTime now)
    {
        SourceSince = (now, Counts.ReadCommands + Counts.WriteCommands);
        WriteLimit.Reset();
    }

    /// <summary>What the VM wrote in its life is to be copied.</summary>
    internal void AddWrittenTo(CopyLoop loop)
    {
        foreach (ChangeTracker tracker in _trackers.Values)
        {
            if (tracker.IsAttached)
                loop.ToDo(tracker.Nsid)?.UnionWith(tracker.Written);
        }
    }

    /// <summary>A new round begins, and what changed in this one is to be copied.</summary>
    internal void MoveRoundTo(CopyLoop loop)
    {
        Check.That(IsSource);
        AdvanceRound(uint.MaxValue, 0);
        foreach (ChangeTracker tracker in _trackers.Values)
        {
            if (tracker.IsAttached)
                loop.ToDo(tracker.Nsid)?.UnionWith(tracker.Taken);
        }
    }

    /// <summary>What is still to be copied is dirty again: whoever goes on finds all of it there.</summary>
    internal void ReturnToRound(CopyLoop loop)
    {
        if (!IsSource)
            return;
        foreach (ChangeTracker tracker in _trackers.Values)
        {
            // One that was formatted since counts as changed in full already.
            if (tracker.IsAttached && loop.ToDo(tracker.Nsid) is { } left && left.Length == tracker.Granules)
                tracker.Dirty.UnionWith(left);
        }
    }

    /// <summary>Whether the VM has a namespace that a copy knows nothing of.</summary>
    internal bool HasMoreThan(CopyLoop loop)
    {
        foreach (ChangeTracker tracker in _trackers.Values)
        {
            if (tracker is { IsAttached: true, IsDeleted: false } && loop.ToDo(tracker.Nsid) == null)
                return true;
        }

        return false;
    }
}
