using System.Diagnostics;
using Emulator.Wire;

namespace Emulator.Host.Migrate;

/// <summary>How far it is, and what the VM does meanwhile.</summary>
internal sealed partial class HostMover
{
    private static readonly long Window = Stopwatch.Frequency / 5;
    private static readonly long BetweenLooks = Stopwatch.Frequency / 200;

    private long _lookAt;
    private ulong _dirtyBytes;
    private bool _isHalted;

    /// <summary>It was looked since a round began.</summary>
    private bool _isStatusNew;
    private long _windowStart;
    private ulong _windowBytes;
    private double _bytesPerSecond;
    private bool _couldTakeMore;

    private MoverPhase PhaseOfWork =>
        !_isFirstPassOver ? MoverPhase.FirstPass : _isFinishing ? MoverPhase.Finishing : MoverPhase.CatchingUp;

    private ulong MovedBytes => _copy.Counters.BytesWritten + _copy.Counters.BytesZeroed;

    private MoverProgress Describe() => new(_phase)
    {
        Round = _round,
        BytesToDo = _copy.BytesLeft,
        BytesDirty = _dirtyBytes,
        BytesPerSecond = Rate,
        BytesSent = _copy.Counters.BytesSent,
        BytesZeroed = _copy.Counters.BytesZeroed,
        BytesRepeated = _copy.Counters.BytesRepeated,
        StateBytes = _state.BytesApplied,
        FirstPassBytes = _firstPassBytes,
        FirstPassSeconds = _firstPassSeconds,
        CouldTakeMore = _couldTakeMore,
        Problem = _problem,
    };

    /// <summary>While there was no window yet that of all the time so far.</summary>
    private double Rate => _bytesPerSecond > 0 ? _bytesPerSecond : MovedBytes / Stopwatch.GetElapsedTime(_started).TotalSeconds;

    /// <summary>Asks the source now and then what the VM does and what is dirty.</summary>
    private void LookAtSource(long now)
    {
        if (_source!.TryTakeStatus(out VmMigrationStatus status))
            TakeStatus(status);
        if (now < _lookAt || _isFinishing)
            return;
        _lookAt = now + BetweenLooks;
        _source.AskStatus(_sourceDrive.Vm);
        HoldIfDue();
    }

    private void TakeStatus(in VmMigrationStatus status)
    {
        var phase = (VmMigrationPhase)(uint)status.Phase;
        if (phase is not (VmMigrationPhase.Brownout or VmMigrationPhase.Blackout))
            Fail("the migration ended at the source");
        _isHalted = phase == VmMigrationPhase.Blackout;
        _dirtyBytes = status.GranulesDirty * _granuleBytes;
        _isStatusNew = true;
        _pacer.Observe(Stopwatch.GetTimestamp(), status.IoCommands, _isHalted);
    }

    private void MeasureRate(long now)
    {
        long elapsed = now - _windowStart;
        if (elapsed < Window)
            return;
        double rate = (MovedBytes - _windowBytes) * (double)Stopwatch.Frequency / elapsed;
        if (_phase != MoverPhase.Converged)
            _bytesPerSecond = _bytesPerSecond == 0 ? rate : (_bytesPerSecond + rate) / 2;
        RaiseShareIfDue();
        _couldTakeMore = _pacer.TakeWasKept();
        RestartWindow(now);
    }

    private void RestartWindow(long now) => (_windowStart, _windowBytes) = (now, MovedBytes);
}
