using Emulator.Wire;

namespace Emulator.Host.Migrate;

/// <summary>The brown-out: data and RAM move while the VM runs, until the black-out would be short enough.</summary>
internal sealed partial class MigrationRun
{
    private const double SecondsBetweenSamples = 0.05;

    private readonly BlackoutPrediction _prediction = new();
    private MoverProgress _progress = new(MoverPhase.Connecting);
    private RamProgress? _ram;
    private double _patienceOver = double.PositiveInfinity;
    private double _predictedMs = double.PositiveInfinity;
    private double _sampledAt = double.NegativeInfinity;
    private VmMigrationStatus _statusBefore;

    private void Move(bool isResumed)
    {
        _mover = CreateMover();
        if (PhaseOf(_source) == VmMigrationPhase.Blackout)
        {
            // Whoever halted the VM has left a drive that goes on; what this process carries it has to take up.
            if (_mover.IsCarried)
                _mover.Start(isResumed);
            return;
        }

        AtStep("move");
        _mover.Start(isResumed);
        Rehearse();
        EnterPhase(MigratePhase.Copying);
        Converge();
        if (_qemu == null)
            return;
        EnterPhase(MigratePhase.Memory);
        Begin(JournalStep.Memory);
        AtStep("memory");
        _ram = _qemu.Ram();
        if (_ram.Status is "none" or "failed" or "cancelled")
            _qemu.StartRam();
        Converge();
    }

    private IMover CreateMover()
    {
        DirectTransferMode mode = _options.Mode ?? DirectTransferMode.WholeCapacity;
        bool isExceeded = ((VmMigrationFlags)(uint)_source.Status().Flags).HasFlag(VmMigrationFlags.ThresholdExceeded);
        if (mode == DirectTransferMode.WrittenRanges && isExceeded)
        {
            _display.Say("the VM wrote more than its threshold: the whole capacity moves");
            mode = DirectTransferMode.WholeCapacity;
        }

        return _options.Through == MoveThrough.Host
            ? new HostMover(_options, mode, _source, _destination, _journal!)
            : new DriveMover(_options, mode, _source, _destination);
    }

    /// <summary>Goes on until the goal is reached, or it is clear that it is not.</summary>
    private void Converge()
    {
        _patienceOver = double.PositiveInfinity;
        while (true)
        {
            ThrowIfInterrupted();
            Look();
            if (IsGoalReached)
                return;
            if (_progress.IsFirstPassOver && double.IsPositiveInfinity(_patienceOver))
                BeginPatience();
            if (Seconds > _patienceOver)
            {
                GiveUpOrSwitch();
                return;
            }

            if (!_mover!.IsCarried)
                Thread.Sleep(BetweenLooks);
        }
    }

    private bool IsGoalReached => _qemu != null && _ram != null
        ? _ram.IsPaused || (_ram.Passes > 1 && IsDataConverged && _predictedMs <= _options.MaxDowntimeMs)
        : IsDataConverged && _predictedMs <= _options.MaxDowntimeMs;

    private bool IsDataConverged => _progress is { IsFirstPassOver: true, Phase: MoverPhase.CatchingUp or MoverPhase.Converged };

    private void BeginPatience()
    {
        _patienceOver = Seconds + _options.PatienceSeconds;
        if (_ram == null)
            EnterPhase(MigratePhase.CatchingUp);
    }

    /// <summary>Looks how far it is, and keeps a sample now and then.</summary>
    private void Look()
    {
        _progress = _mover!.Advance();
        if (_ram != null)
            _ram = _qemu!.Ram();
        double now = Seconds;
        _prediction.Observe(now, _progress.Round, _progress.BytesDirty);
        _predictedMs = _prediction.Predict(_progress, _source.RoundTrip, _ram);
        _wasDataAtGoal |= IsDataConverged && _prediction.Predict(_progress, _source.RoundTrip, ram: null) <= _options.MaxDowntimeMs;
        if (_progress.Phase == MoverPhase.Failed)
            throw new MigrateException($"the data does not move: {_progress.Problem}");
        if (_ram is { Status: "failed" or "cancelled" })
            throw new MigrateException($"QEMU does not move the memory: {_ram.Problem ?? _ram.Status}");
        if (now - _sampledAt >= SecondsBetweenSamples)
            Sample(now);
    }

    private void Sample(double now)
    {
        VmMigrationStatus status = _source.Status();
        double elapsed = now - _sampledAt;
        ulong commands = status.IoCommands - _statusBefore.IoCommands;
        ulong nanoseconds = status.IoNanoseconds - _statusBefore.IoNanoseconds;

        // A source that was started anew counts from 0.
        bool isFirst = double.IsInfinity(elapsed) || status.IoCommands < _statusBefore.IoCommands;
        (_sampledAt, _statusBefore) = (now, status);
        HoldBackIfDue(now, status);
        var sample = new MigrateSample
        {
            Seconds = now,
            Phase = Report.Phase,
            Round = _progress.Round,
            BytesPerSecond = _progress.BytesPerSecond,
            BytesToDo = _progress.BytesToDo,
            BytesDirty = _progress.BytesDirty,
            DirtyBytesPerSecond = _prediction.DirtyBytesPerSecond,
            BytesSent = _progress.BytesSent,
            PredictedBlackoutMs = _progress.IsFirstPassOver && double.IsFinite(_predictedMs) ? _predictedMs : null,
            RamRemaining = _ram?.Remaining,
            WriteLimit = status.WriteLimit == 0 ? null : status.WriteLimit,
            CommandsHeld = status.CommandsHeld,
            GuestCommandsPerSecond = isFirst ? null : commands / elapsed,
            GuestLatencyUs = isFirst || commands == 0 ? null : nanoseconds / 1e3 / commands,
        };
        Report.Samples.Add(sample);
        _display.Show(sample);
    }

    private void GiveUpOrSwitch()
    {
        string figures =
            $"after {_progress.Round} rounds and {MigrateText.Seconds(_options.PatienceSeconds)} the black-out would be "
            + $"{MigrateText.Ms(_predictedMs)}, not {MigrateText.Ms(_options.MaxDowntimeMs)}: the VM changes "
            + $"{MigrateText.Rate(_prediction.DirtyBytesPerSecond)}, {MigrateText.Rate(_progress.BytesPerSecond)} move"
            + (_ram == null ? "" : $", {MigrateText.Bytes(_ram.Remaining)} of memory are left at {MigrateText.Rate(_ram.BytesPerSecond)}")
            + HoldBackAdvice;
        if (!_options.ForceSwitch)
            throw new MigrateException($"it does not converge: {figures}; --force-switch switches all the same", ExitCode.NotConverging);
        _display.Say($"switching all the same: {figures}");
    }
}
