using Emulator.Core;
using Emulator.Wire;

namespace Emulator.Migration;

/// <summary>What is to be copied: the first pass, and rounds of what changed.</summary>
public sealed partial class DirectTransfer
{
    /// <summary>In a round that is known to leave too much and still goes on.</summary>
    private static readonly SimDuration BetweenRaises = SimDuration.FromSeconds(1);

    private ulong _round = 1;
    private SimTime _raiseDue;
    private ulong _roundBytes;
    private ulong _firstPassBytes;
    private SimDuration _firstPassTime;

    private ulong DirtyBytes => Vm.IsSource ? Vm.GranulesDirty << Vm.GranuleShift : 0;

    private void PlanFirstPass(SimTime now)
    {
        switch (_plan.Mode)
        {
            case DirectTransferMode.WholeCapacity:
                foreach (ICopySource source in _sources)
                {
                    TwoLevelBitmap all = _loop.ToDo(source.Nsid)!;
                    all.Set(0, all.Length);
                }

                break;
            case DirectTransferMode.WrittenRanges:
                Vm.AddWrittenTo(_loop);
                break;
            case DirectTransferMode.SnapshotDelta:
                AddChanges(now);
                break;
        }

        // What is read from now on is what it is now or later, so that rounds begin here.
        Vm.MoveRoundTo(_loop);
        _firstPassBytes = _roundBytes = _comparison?.BytesToCompare ?? _loop.BytesLeft;
    }

    /// <summary>What changed since the snapshot in the namespace that it is of, and the others whole.</summary>
    private void AddChanges(SimTime now)
    {
        foreach (ICopySource source in _sources)
        {
            TwoLevelBitmap todo = _loop.ToDo(source.Nsid)!;
            if (!source.TryAddChanges(now, _plan.Snapshot, todo, Vm.GranuleShift))
                todo.Set(0, todo.Length);
        }
    }

    /// <summary>Everything of the round is durable at the destination.</summary>
    private void EndRound(SimTime now)
    {
        if (!_isFirstPassOver)
        {
            _isFirstPassOver = true;
            _firstPassTime = now - _started;
        }

        ulong dirty = DirtyBytes;
        if (_isFinishing && dirty == 0)
        {
            if (TryFinishState(now))
                End(now, DirectTransferPhase.Done);
        }
        else if (_isFinishing || dirty > _plan.ConvergedBytes)
        {
            RaiseShareIfDue(now);
            BeginRound(now);
        }
        else
            (Phase, _convergedCheckDue) = (DirectTransferPhase.Converged, now + ConvergedCheck);
    }

    /// <summary>What is dirty only grows within a round, so that one that leaves too much is known for that before it is over.</summary>
    private void RaiseShareIfDue(SimTime now)
    {
        if (!_plan.RaisesShare || now < _raiseDue || !FallsBehind)
            return;
        _pacer.RaiseShare();
        _raiseDue = now + BetweenRaises;
    }

    private bool FallsBehind => _mover?.FallsBehind ?? (_round > 1 && ShareGrowth.IsDue(DirtyBytes, _roundBytes));

    private void BeginRound(SimTime now)
    {
        _raiseDue = now;
        Vm.MoveRoundTo(_loop);
        _round++;
        _roundBytes = _loop.BytesLeft;
        Phase = _isFinishing ? DirectTransferPhase.Finishing : DirectTransferPhase.CatchingUp;
        _isStarved = false;
        RestartWindow(now);
    }
}
