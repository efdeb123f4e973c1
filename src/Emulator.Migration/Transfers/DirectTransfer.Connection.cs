using Emulator.Core;
using Emulator.Wire;

namespace Emulator.Migration;

/// <summary>The connection to the destination: made, kept, lost and made anew.</summary>
public sealed partial class DirectTransfer : IPeerSink
{
    /// <summary>While hosts keep the drive busy the connection is looked at no more often.</summary>
    private static readonly SimDuration PollWhenBusy = SimDuration.FromMicroseconds(50);

    private static readonly SimDuration KeepAliveInterval = SimDuration.FromSeconds(2);

    /// <summary>A peer that says nothing for so long, though it was asked, is lost.</summary>
    private static readonly SimDuration MostSilence = SimDuration.FromSeconds(10);

    private static readonly SimDuration FirstRetry = SimDuration.FromMilliseconds(50);
    private static readonly SimDuration LongestRetry = SimDuration.FromSeconds(2);

    private readonly PeerExamination _examination;
    private IPeer? _peer;
    private SimTime _polledAt;
    private SimTime _retryAt;
    private SimDuration _retryDelay = FirstRetry;
    private SimTime _lostSince = SimTime.Never;
    private SimTime _silenceDue = SimTime.Never;
    private SimTime _keepAliveDue;
    private bool _isExamining;
    private bool _isAccepted;
    private bool _wasReady;
    private uint _connectionsLost;
    private DirectTransferReason _failure;
    private DirectTransferReason _reason;
    private Status _peerStatus;
    private string _text = "";

    /// <summary>The destination is one to write to.</summary>
    private bool IsReady => _peer is { State: PeerState.Ready } && _isAccepted;

    void IPeerSink.Completed(SimTime now, IPeerQueue queue, int slot, PeerCompletion completion)
    {
        _silenceDue = now + MostSilence;
        if (IsComparing && _comparison!.Owns(queue, slot))
            _comparison.Completed(queue, slot, completion);
        else if (queue.Index != 0 && _mover != null)
            _mover.Completed(now, queue, slot, completion);
        else if (queue.Index != 0)
            _loop.Completed(now, queue, slot, completion);
        else if (_examination.Owns(slot))
            _examination.Completed(now, slot, completion);
        else if (_state.Owns(slot))
            StateCompleted(now, slot, completion);
        else
            queue.Release(slot);
    }

    /// <summary>Connects if there is no connection, polls it if there is one, and works when it is ready.</summary>
    private void Connected(SimTime now)
    {
        if (_peer == null)
        {
            if (now < _retryAt)
                return;
            _peer = _site.Connector.Connect(now, _plan.Peer, this);
            _isExamining = false;
            _silenceDue = now + MostSilence;
        }

        if (!IsReady || _pacer.IsIdle(now) || now - _polledAt >= PollWhenBusy || _mover is { AwaitsPeer: true })
        {
            _polledAt = now;
            _peer.Poll(now);
        }

        if (_peer.State == PeerState.Lost)
            Lost(now, _peer.Problem, _peer.IsRefused);
        else if (now >= _silenceDue)
            Lost(now, "no answer in time", isRefused: false);
        else if (_peer.State == PeerState.Ready)
            Examined(now, _peer);
    }

    private void Examined(SimTime now, IPeer peer)
    {
        if (!_isExamining)
        {
            _isExamining = true;
            _examination.Begin(now, peer);
        }

        _examination.Advance(now);
        if (!_examination.IsOver || (!_isAccepted && !TryAccept(now, peer)))
            return;
        KeepAlive(now, peer);
        Work(now);
    }

    /// <summary>The examination is over: the peer is one to write to, or there is no point in going on.</summary>
    private bool TryAccept(SimTime now, IPeer peer)
    {
        if (_examination.Reason != DirectTransferReason.None)
        {
            Fail(_examination.Reason, _examination.Problem, _examination.Status);
            return false;
        }

        _isAccepted = _wasReady = true;
        _lostSince = SimTime.Never;
        _retryDelay = FirstRetry;
        _keepAliveDue = now + KeepAliveInterval;
        if (_plan.Scheme != DirectTransferScheme.None)
            return TryEngage(now, peer);
        _loop.Attach(peer, _examination.MostBytes, _examination.IsVolatile);
        _comparison?.Attach(peer, _plan.TargetThere, _examination.GranuleShift, _examination.MostBytes, _examination.IsVolatile);
        BeginState(now);
        RestartWindow(now);
        return true;
    }

    private void KeepAlive(SimTime now, IPeer peer)
    {
        if (now < _keepAliveDue)
            return;
        _keepAliveDue = now + KeepAliveInterval;
        if (!peer.Admin.TryAcquire(out int slot))
            return;
        peer.Admin.Entry(slot) = new SubmissionEntry { Opcode = (byte)AdminOpcode.KeepAlive };
        peer.Admin.Submit(now, slot, 0);
    }

    /// <summary>
    /// The connection is gone. One that was never ready is not tried again, so that whoever gave a wrong address hears of it.
    /// </summary>
    private void Lost(SimTime now, string problem, bool isRefused)
    {
        _loop.Detach();
        _mover?.Detach();
        ClosePeer();
        if (!_wasReady)
        {
            Fail(isRefused ? DirectTransferReason.ConnectRefused : DirectTransferReason.CannotConnect, problem);
            return;
        }

        if (_lostSince == SimTime.Never)
        {
            _lostSince = now;
            _connectionsLost++;
        }

        (_reason, _text) = (DirectTransferReason.ConnectionLost, problem);
        Phase = DirectTransferPhase.Reconnecting;
        _retryAt = now + _retryDelay;
        _retryDelay = new SimDuration(Math.Min(2 * _retryDelay.Nanoseconds, LongestRetry.Nanoseconds));
        if (now - _lostSince >= _plan.ReconnectTime)
            Fail(DirectTransferReason.ConnectionLost, problem);
    }

    private void ClosePeer()
    {
        _peer?.Dispose();
        _peer = null;
        _isExamining = _isAccepted = false;
        _state.Forget();
        _comparison?.Detach();
    }

    /// <summary>It ends as soon as nothing of the peer is on the stack.</summary>
    private void Fail(DirectTransferReason reason, string text, Status status = default)
    {
        _failure = _reason = reason;
        _text = text;
        _peerStatus = status;
    }
}
