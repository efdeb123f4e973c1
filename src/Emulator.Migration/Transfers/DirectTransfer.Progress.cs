using Emulator.Core;
using Emulator.Wire;

namespace Emulator.Migration;

/// <summary>What log page D8h tells.</summary>
public sealed partial class DirectTransfer
{
    private static readonly SimDuration Window = SimDuration.FromMilliseconds(200);

    private SimTime _windowStart;
    private ulong _windowBytes;
    private double _bytesPerSecond;
    private DirectTransferProgress _final;

    /// <summary>Log page D8h, as it is now or was at the end.</summary>
    public DirectTransferProgress Progress(SimTime now)
    {
        DirectTransferProgress progress = IsEnded ? _final : Describe(now);
        progress.BytesDirty = _mover == null ? DirtyBytes : progress.BytesDirty;
        return progress;
    }

    private DirectTransferProgress Describe(SimTime now)
    {
        ulong left = _mover != null ? _mover.BytesToCopy : IsComparing ? _comparison!.BytesToCompare : _loop.BytesLeft;
        ulong dirty = _mover != null ? _mover.BytesDirty : DirtyBytes;
        CopyCounters counters = _mover != null ? _mover.PeerCounters : _loop.Counters;
        double rate = RateOr(now - _started);
        var progress = new DirectTransferProgress
        {
            Version = 1,
            Target = Target,
            Phase = (byte)Phase,
            Mode = (byte)_plan.Mode,
            Form = (byte)_plan.Form,
            Scheme = (byte)_plan.Scheme,
            SharePercent = (byte)_pacer.SharePercent,
            State = (byte)State,
            Reason = (ushort)_reason,
            PeerStatus = _peerStatus.Value,
            ConnectionsLost = _connectionsLost,
            Round = _mover != null ? (ulong)_mover.Pass : _round,
            BytesDone = _roundBytes - Math.Min(_roundBytes, left),
            BytesToDo = left,
            BytesDirty = dirty,
            BytesPerSecond = (ulong)rate,
            BytesSent = counters.BytesSent,
            BytesZeroed = counters.BytesZeroed,
            BytesRepeated = counters.BytesRepeated,
            BytesEqual = _comparison?.BytesEqual ?? 0,
            StateBytes = _state.BytesApplied,
            Commands = counters.Commands,
            BlocksUnreadable = counters.BlocksUnreadable,
            FirstPassBytes = _firstPassBytes,
            Microseconds = Microseconds(now - _started),
            FirstPassMicroseconds = Microseconds(_firstPassTime),
            BlackoutMicroseconds = rate < 1 ? 0 : (ulong)((left + dirty) / rate * 1e6),
            YieldedMicroseconds = Microseconds(_pacer.Yielded),
            ControllerThere = IsReady ? _peer!.ControllerId : ushort.MaxValue,
        };
        TextField.WritePadded(progress.Text, _text);
        _mover?.Describe(now, ref progress);
        return progress;
    }

    private DirectTransferState State =>
        (IsReady ? DirectTransferState.Connected : 0)
        | (_isPaused ? DirectTransferState.Paused : 0)
        | (_isFinishing ? DirectTransferState.Finishing : 0);

    private static ulong Microseconds(SimDuration duration) => (ulong)(duration.Nanoseconds / 1000);

    private ulong MovedBytes =>
        _mover != null ? _mover.BytesCopied
        : IsComparing ? _comparison!.BytesCompared : _loop.Counters.BytesWritten + _loop.Counters.BytesZeroed;

    /// <summary>What moves in a window of time, averaged with what moved in those before.</summary>
    private void MeasureRate(SimTime now)
    {
        SimDuration elapsed = now - _windowStart;
        if (elapsed < Window)
            return;
        double rate = (MovedBytes - _windowBytes) / (elapsed.Nanoseconds / 1e9);
        bool isAtRest = _isPaused || Phase == DirectTransferPhase.Converged;
        if (!isAtRest)
            _bytesPerSecond = _bytesPerSecond == 0 ? rate : (_bytesPerSecond + rate) / 2;
        if (_mover == null && !_isFinishing)
            RaiseShareIfDue(now);
        RestartWindow(now);
    }

    /// <summary>The rate, or while there was no window yet that of all the time so far.</summary>
    private double RateOr(SimDuration elapsed) =>
        _bytesPerSecond > 0 || elapsed <= SimDuration.Zero ? _bytesPerSecond : MovedBytes / (elapsed.Nanoseconds / 1e9);

    private void RestartWindow(SimTime now) => (_windowStart, _windowBytes) = (now, MovedBytes);
}
