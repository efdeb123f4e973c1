using Emulator.Core;
using Emulator.Wire;

namespace Emulator.Migration;

/// <summary>
/// Moves a VM's data and state to another drive, as its host, while the VM runs: a first pass, then rounds of what changed
/// meanwhile, and when the VM is halted the last of them. It is a part of the source drive: called on the thread that owns
/// it, with the time, and whenever <see cref="NextEvent"/> has come.
/// <para>
/// A lost connection is made anew, and what the destination had made durable before is not sent again. However it ends
/// other than done, what it has not sent is in the VM's dirty set afterwards.
/// </para>
/// </summary>
public sealed partial class DirectTransfer : IDisposable
{
    /// <summary>Bytes that one call may read and send: the thread has others to serve.</summary>
    private const int MostBytesOfCall = 256 * 1024;

    /// <summary>How often it looks whether enough is dirty for another round.</summary>
    private static readonly SimDuration ConvergedCheck = SimDuration.FromMilliseconds(10);

    private readonly TransferPlan _plan;
    private readonly ITransferSite _site;
    private readonly ICopySource[] _sources;
    private readonly CopyLoop _loop;
    private readonly TransferPacer _pacer;
    private readonly SimTime _started;
    private bool _isFirstPassOver;
    private bool _isPaused;
    private bool _isFinishing;
    private bool _isStarved;

    /// <summary>It has ended once: the set to copy is gone.</summary>
    private bool _wasDone;
    private SimTime _nextEvent;

    /// <summary>The connection is not looked at before, whatever comes.</summary>
    private SimTime _pollFrom;
    private SimTime _convergedCheckDue = SimTime.Never;

    /// <param name="target">CNTLID or handle of the VM, for the log page.</param>
    /// <param name="sources">The VM's namespaces, in ascending order of NSID.</param>
    public DirectTransfer(
        SimTime now, TransferPlan plan, VmMonitor vm, ushort target, IReadOnlyList<ICopySource> sources, ITransferSite site)
    {
        Check.That(vm.IsSource && !vm.IsTransferred);
        _plan = plan;
        _site = site;
        _sources = [.. sources];
        Vm = vm;
        Target = target;
        _started = _windowStart = now;
        _loop = new CopyLoop(sources, vm.GranuleShift, new CopyOptions
        {
            CommandBytes = plan.Peer.CommandBytes,
            IsStored = plan.Form == DirectTransferForm.Stored,
        });
        _pacer = new TransferPacer(site.Hosts, plan.SharePercent, plan.Peer.CommandBytes, plan.BytesPerSecond);
        _examination = new PeerExamination(plan, _sources);
        _state = new StateSender(plan.TargetThere);
        if (plan.Mode == DirectTransferMode.Checksums)
            _comparison = new RangeComparison(_sources, _loop, vm.GranuleShift, plan.ChecksumRangeShift);
        vm.IsTransferred = true;
        PlanFirstPass(now);
        NextEvent = now;
    }

    public VmMonitor Vm { get; }

    /// <summary>CNTLID or handle of the VM.</summary>
    public ushort Target { get; }

    public DirectTransferPhase Phase { get; private set; } = DirectTransferPhase.Connecting;

    /// <summary>Done, failed or cancelled: it does nothing any more.</summary>
    public bool IsEnded => Phase is DirectTransferPhase.Done or DirectTransferPhase.Failed or DirectTransferPhase.Cancelled;

    /// <summary>When <see cref="Advance"/> wants to be called next.</summary>
    public SimTime NextEvent
    {
        get
        {
            SimTime next = _peer == null ? _nextEvent : SimTime.Min(_nextEvent, SimTime.Max(_peer.NextEvent, _pollFrom));
            return _mover == null ? next : SimTime.Min(next, NextEventOfScheme(_mover));
        }
        private set => _nextEvent = value;
    }

    public void Advance(SimTime now)
    {
        _mover?.Advance(now);
        if (IsEnded)
            return;
        if (_isReturning)
            GoOnReturning(now);
        else if (!Vm.IsSource)
            Fail(DirectTransferReason.MigrationEnded, "the migration ended at the source");
        else if (!_loop.AreSourcesAsBefore || Vm.HasMoreThan(_loop))
            Fail(DirectTransferReason.NamespaceChanged, "a namespace of the VM is not what it was");
        else if (!HasSchemeFailed())
            Connected(now);

        if (_failure != DirectTransferReason.None && !IsEnded && !_isReturning)
            EndOrReturn(now, _failure == DirectTransferReason.MigrationEnded ? DirectTransferPhase.Cancelled : DirectTransferPhase.Failed);
        if (!IsEnded)
            NextEvent = FindNextEvent(now);
    }

    /// <summary>Carries out Direct Transfer Control.</summary>
    /// <returns>Success, Command Sequence Error, or Transfer Failed.</returns>
    public Status Control(SimTime now, DirectTransferAction action)
    {
        if (Phase == DirectTransferPhase.Failed)
            return Status.TransferFailed;
        if (IsEnded || _isReturning || (action == DirectTransferAction.Finish && !Vm.IsHalted))
            return Status.CommandSequenceError;
        switch (action)
        {
            case DirectTransferAction.Pause:
                _isPaused = true;
                break;
            case DirectTransferAction.Cancel:
                EndOrReturn(now, DirectTransferPhase.Cancelled);
                return Status.Success;
            case DirectTransferAction.Finish:
                _isFinishing = true;
                Resume(now);
                break;
            default:
                Resume(now);
                break;
        }

        NextEvent = now;
        return Status.Success;
    }

    /// <summary>The migration ends, or the drive stands still: what is not sent stays unsent.</summary>
    public void Abandon(SimTime now)
    {
        if (IsEnded || _isReturning)
            return;
        Fail(DirectTransferReason.MigrationEnded, "the migration ended at the source");
        EndOrReturn(now, DirectTransferPhase.Cancelled);
    }

    /// <summary>The drive is gone.</summary>
    public void Dispose()
    {
        ClosePeer();
        _mover?.Dispose();
        _loop.Dispose();
    }

    private void Resume(SimTime now)
    {
        _isPaused = false;
        RestartWindow(now);
    }

    /// <summary>What there is to do with a peer that is ready.</summary>
    private void Work(SimTime now)
    {
        // The VM runs again, so that what it writes now is not the last.
        _isFinishing &= Vm.IsHalted;
        _isFinalStateThere &= _isFinishing;
        _pacer.IsUrgent = _isFinishing;
        Phase = PhaseOfWork;
        if (_mover != null)
        {
            MoveByScheme(now, _mover);
            return;
        }

        if (IsComparing)
        {
            Compare(now, _comparison!);
            return;
        }

        _loop.SendWhatIsRead(now);
        if (_isPaused)
            _pacer.Pause(now);
        else
            Move(now);
        _loop.FlushIfDue(now);
        MeasureRate(now);
        if (!_loop.Refusal.IsSuccess)
            Fail(DirectTransferReason.WriteRefused, $"the destination refused a command: {_loop.Refusal}", _loop.Refusal);
        else if (_loop.IsSettled && !_isPaused)
            EndRound(now);
    }

    private DirectTransferPhase PhaseOfWork =>
        _mover != null ? PhaseOfScheme(_mover)
        : IsComparing ? DirectTransferPhase.Comparing
        : !_isFirstPassOver ? DirectTransferPhase.Copying
        : _isFinishing ? DirectTransferPhase.Finishing
        : Phase == DirectTransferPhase.Converged ? DirectTransferPhase.Converged
        : DirectTransferPhase.CatchingUp;

    private void Move(SimTime now)
    {
        _isStarved = false;
        for (int budget = MostBytesOfCall; budget > 0;)
        {
            int most = _pacer.MayMove(now);
            if (most == 0)
                return;
            _isStarved = _mover == null && _loop.ReadsUnderWay >= _pacer.MostReads(now);
            if (_isStarved)
                break;
            int moved = _mover == null ? _loop.TryStep(now, most) : _mover.StepCopy(now);
            _isStarved = moved == 0;
            if (_isStarved)
                break;
            _pacer.Moved(now, moved);
            budget -= _pacer.IsQuiet(now) ? moved : MostBytesOfCall;
        }

        _pacer.Rest(now);
    }

    private SimTime FindNextEvent(SimTime now)
    {
        if (_isReturning)
            return _mover!.IsLost || _mover.IsBack ? now : SimTime.Never;
        if (_peer == null)
            return _retryAt;
        _pollFrom = !IsReady || _pacer.IsIdle(now) ? SimTime.Zero : _polledAt + PollWhenBusy;
        if (!IsReady)
            return SimTime.Min(_silenceDue, _examination.Due);
        SimTime next = SimTime.Min(SimTime.Min(_silenceDue, _loop.NextEvent), _keepAliveDue);
        if (IsComparing)
            next = SimTime.Min(next, _comparison!.NextEvent(now));
        if (_isPaused)
            return next;
        if (Phase == DirectTransferPhase.Converged)
            return SimTime.Min(next, _convergedCheckDue);
        return _isStarved ? next : SimTime.Min(next, _pacer.NextChance(now));
    }

    private void End(SimTime now, DirectTransferPhase phase)
    {
        _loop.Detach();
        ClosePeer();
        Phase = phase;
        EndScheme(now);
        _final = Describe(now);
        if (phase != DirectTransferPhase.Done && !_wasDone)
        {
            _comparison?.AddRest();
            Vm.ReturnToRound(_loop);
        }

        Vm.IsTransferred = false;
        _wasDone = true;
        _loop.Dispose();
        NextEvent = SimTime.Never;
        _site.TransferEnded(this);
    }
}
