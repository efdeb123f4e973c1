using Emulator.Core;
using Emulator.Wire;

namespace Emulator.Migration;

/// <summary>
/// A transfer under a scheme (specs/schemes.md): hosts come through it from the moment at which the destination was found
/// to be one, and until it is over, one way or the other.
/// </summary>
public sealed partial class DirectTransfer
{
    private const int MostCopyBytes = 64 * 1024;
    private const int MostCopyDepth = 8;

    /// <summary>A request that waits for a block that is being copied waits for no more than one part in so many of a second.</summary>
    private const ulong LongestWaitPart = 100;

    private SchemeMover? _mover;
    private DirectTransferPhase _endsAs;

    /// <summary>It is on its way back: hosts wait until the source has what the destination alone was given.</summary>
    private bool _isReturning;

    /// <summary>The pass that <see cref="_raiseDue"/> is of.</summary>
    private int _passRaised = 1;

    /// <summary>Hosts come through the scheme, though the transfer may have ended.</summary>
    public bool HasScheme => _mover != null;

    /// <summary>It is done, and the source lacks what the destination alone was given: the VM cannot just go on here.</summary>
    public bool HoldsVm => Phase == DirectTransferPhase.Done && _mover is { IsBack: false };

    /// <summary>The VM has left for good, so that nothing is to be restored any more.</summary>
    public void Left(SimTime now)
    {
        Check.That(HoldsVm);
        _mover!.DiscardLogs();
        _mover.Release(now);
    }

    /// <summary>The VM goes on here, after everything was done: what only the destination has comes back.</summary>
    public void ComeBack(SimTime now)
    {
        Check.That(HoldsVm);
        Vm.IsTransferred = true;
        Fail(DirectTransferReason.CameBack, "the VM goes on at the source");
        BeginReturn(now, DirectTransferPhase.Cancelled);
    }

    /// <summary>The VM runs again before the end.</summary>
    public void VmResumed(SimTime now)
    {
        _isFinishing = false;
        if (_mover == null || IsEnded || _isReturning)
            return;
        if (_mover.HasCompletedRun)
        {
            Fail(DirectTransferReason.CameBack, "the VM goes on at the source");
            BeginReturn(now, DirectTransferPhase.Cancelled);
        }
        else
        {
            _mover.Resume(now);
        }
    }

    /// <summary>It has ended, and with it every command that came through the scheme.</summary>
    public bool TryForgetScheme()
    {
        if (!IsEnded || HoldsVm || _mover is not { IsQuiet: true })
            return false;
        _mover.Dispose();
        _mover = null;
        return true;
    }

    private SimTime NextEventOfScheme(SchemeMover mover) =>
        SimTime.Min(mover.NextEvent, mover.AwaitsPeer && _peer != null ? _peer.NextEvent : SimTime.Never);

    /// <summary>The peer is one to write to: hosts come through the scheme from now on, or it goes on with this connection.</summary>
    private bool TryEngage(SimTime now, IPeer peer)
    {
        bool isFirst = _mover == null;
        if (isFirst && !TryMakeMover(now))
        {
            Fail(DirectTransferReason.LogFailed, "there is nowhere to log what the destination alone would have");
            return false;
        }

        _mover!.Attach(now, peer, _examination.MostBytes);
        if (isFirst)
            _mover.Begin(now);
        BeginState(now);
        RestartWindow(now);
        return true;
    }

    private bool TryMakeMover(SimTime now)
    {
        bool needsLog = _plan.Scheme is DirectTransferScheme.LowRedundancy or DirectTransferScheme.SourceLowRedundancy;
        if (_site.OpenVolumes(this, needsLog) is not { } volumes)
            return false;
        (SimTime since, ulong commands) = Vm.SourceSince;
        _mover = new SchemeMover(now, _plan.Scheme, SizedOptions(), volumes, [.. _sources.Select(RangesToCopy)], _plan.Peer.CommandBytes)
        {
            RequestsBefore = Vm.Counts.ReadCommands + Vm.Counts.WriteCommands - commands,
            TimeBefore = now - since,
            AreWorn = _site.AreWorn,
        };
        return true;
    }

    /// <summary>Under a limit of bandwidth less is under way, since hosts wait for it.</summary>
    private SchemeOptions SizedOptions()
    {
        ulong bytes = Math.Min((ulong)_plan.Peer.CommandBytes, MostCopyBytes);
        int depth = Math.Min(MostCopyDepth, _plan.Peer.IoQueues * _plan.Peer.Depth);
        if (_plan.BytesPerSecond != 0)
        {
            ulong most = Math.Max(_plan.BytesPerSecond / LongestWaitPart, LeastCopyBytes);
            bytes = Math.Min(bytes, most);
            depth = (int)Math.Clamp(most / bytes, 1, (ulong)depth);
        }

        return _plan.SchemeOptions! with { CopyBytes = (int)bytes & -LeastCopyBytes, CopyDepth = depth };
    }

    private const int LeastCopyBytes = 4096;

    /// <summary>The first pass is what the mode says, by granules; the namespace may end within the last.</summary>
    private List<(ulong StartLba, ulong Blocks)> RangesToCopy(ICopySource source)
    {
        TwoLevelBitmap todo = _loop.ToDo(source.Nsid)!;
        int shift = Vm.GranuleShift - source.BlockShift;
        var ranges = new List<(ulong, ulong)>();
        for (long at = 0; todo.TryNextRun(at, out long first, out long count); at = first + count)
        {
            ulong start = (ulong)first << shift;
            ranges.Add((start, Math.Min((ulong)count << shift, source.BlockCount - start)));
        }

        return ranges;
    }

    private DirectTransferPhase PhaseOfScheme(SchemeMover mover) =>
        _isFinishing ? DirectTransferPhase.Finishing
        : mover.IsConverged ? DirectTransferPhase.Converged
        : mover.Pass > 1 ? DirectTransferPhase.CatchingUp
        : DirectTransferPhase.Copying;

    private void MoveByScheme(SimTime now, SchemeMover mover)
    {
        if (_isPaused)
            _pacer.Pause(now);
        else
            Move(now);
        mover.Measure(now);
        MeasureRate(now);
        if (_passRaised != mover.Pass)
            (_passRaised, _raiseDue) = (mover.Pass, now);
        RaiseShareIfDue(now);
        if (!_isFirstPassOver && (mover.Pass > 1 || mover.IsConverged))
            (_isFirstPassOver, _firstPassTime) = (true, now - _started);
        if (_isFinishing)
            mover.Finish(now);
        if (_isFinishing && mover.IsCompleted && TryFinishState(now))
            End(now, DirectTransferPhase.Done);
    }

    /// <summary>Whether the scheme cannot go on, for reasons of its own.</summary>
    private bool HasSchemeFailed()
    {
        if (_mover == null)
            return false;
        if (_mover.HasLogFailed)
            Fail(DirectTransferReason.LogFailed, "what the destination alone has cannot be logged");
        else if (!_mover.Refusal.IsSuccess)
            Fail(DirectTransferReason.WriteRefused, $"the destination refused a command: {_mover.Refusal}", _mover.Refusal);
        else if (_mover.HasGivenUp)
            Fail(DirectTransferReason.DoesNotConverge, "the rounds did not converge");
        return _failure != DirectTransferReason.None;
    }

    private void EndOrReturn(SimTime now, DirectTransferPhase phase)
    {
        if (_mover == null)
            End(now, phase);
        else
            BeginReturn(now, phase);
    }

    /// <summary>There is no destination any more. What only it had is in the log, and hosts that need it wait.</summary>
    private void BeginReturn(SimTime now, DirectTransferPhase endsAs)
    {
        ClosePeer();
        (_endsAs, _isReturning, Phase) = (endsAs, true, DirectTransferPhase.Restoring);
        _mover!.Abandon(now);
        NextEvent = now;
    }

    private void GoOnReturning(SimTime now)
    {
        if (_mover!.IsLost)
        {
            Fail(DirectTransferReason.RestoreFailed, "the source could not be brought up to date");
            End(now, DirectTransferPhase.Failed);
        }
        else if (_mover.IsBack)
        {
            End(now, _endsAs);
        }
    }

    /// <summary>
    /// Where the source has everything hosts need no scheme any more. What is dirty from then on is not at the destination.
    /// </summary>
    private void EndScheme(SimTime now)
    {
        _isReturning = false;
        if (_mover == null)
            return;
        _mover.Ended(now);
        if (Phase != DirectTransferPhase.Done)
            return;
        if (!_mover.IsSourceBehind)
            _mover.Release(now);
        Vm.MoveRoundTo(_loop);
    }
}
