using Emulator.Wire;

namespace Emulator.Host.Migrate;

/// <summary>The black-out and the switch.</summary>
internal sealed partial class MigrationRun
{
    /// <summary>A black-out that takes so much longer than it was to be is taken back.</summary>
    private const double MostTimesTheGoal = 10;

    private const double LeastLimitMs = 5_000;

    /// <summary>The VM is paused after so many times the time for which it was to be quiet, even if it was not.</summary>
    private const double MostDrains = 5;

    private static readonly TimeSpan PatienceAfterSwitch = TimeSpan.FromSeconds(60);

    private VmMigrationStatus _writtenBefore;
    private double _fencedAt;

    private double BlackoutLimitMs => _options.ForceSwitch
        ? double.PositiveInfinity
        : Math.Max(LeastLimitMs, MostTimesTheGoal * _options.MaxDowntimeMs);

    /// <summary>
    /// Sends what the switch will send, as it changes nothing: code that runs for the first time is compiled, which the VM would
    /// have to wait for, and it is seen how long both drives take to answer.
    /// </summary>
    private void Rehearse()
    {
        _source.Steer(VmMigrationFlags.Active);
        _destination.Steer(VmMigrationFlags.Active | VmMigrationFlags.Destination);
        if (_options.Through == MoveThrough.Drive)
            _source.ControlTransfer(DirectTransferAction.Resume);
        _destination.Status();
    }

    /// <summary>Fences and pauses the VM, and waits until the destination has the rest.</summary>
    private void BlackOut()
    {
        Begin(JournalStep.Switch);
        EnterPhase(MigratePhase.Blackout);
        Report.PredictedBlackoutMs = double.IsFinite(_predictedMs) ? _predictedMs : null;
        AtStep("halt");
        _fencedAt = Seconds;
        _source.Steer(VmMigrationFlags.Active | VmMigrationFlags.Halted);
        if (_qemu != null)
            Pause(_qemu);
        AtStep("finish");
        _mover!.Finish();
        WaitUntilAllIsThere();
        Sample(Seconds);
        Report.Take(_progress);
        if (_options.SnapshotAtSwitch)
            Report.Snapshots = [.. _destination.Namespaces().Select(nsid => new SnapshotReport(nsid, _destination.TakeSnapshot(nsid)))];
        if (_qemu != null)
            HandOver(_qemu);
        AtStep("switch");
        IsPastSwitch = true;
    }

    /// <summary>
    /// The fence comes first: the VM hears that its commands have to wait while it can, and none is answered into a network card
    /// that nobody listens to.
    /// </summary>
    private void Pause(QemuPair qemu)
    {
        AtStep("pause");
        Drain();
        Report.PausedAtSeconds = Seconds;
        qemu.Pause();
        _ram ??= qemu.Ram();
    }

    /// <summary>
    /// Waits until the VM has sent nothing that the fence turns away for a while, so that it knows, and no answer is on its way to it. One
    /// that never rests is not waited for.
    /// </summary>
    private void Drain()
    {
        double last = Seconds;
        double end = last + (MostDrains * _options.DrainMs / 1e3);
        ulong fenced = 0;
        while (Seconds < Math.Min(end, last + (_options.DrainMs / 1e3)))
        {
            Thread.Sleep(TimeSpan.FromMilliseconds(Math.Min(1, _options.DrainMs)));
            ulong now = _source.Status().CommandsFenced;
            if (now != fenced)
                last = Seconds;
            fenced = now;
        }
    }

    private void WaitUntilAllIsThere()
    {
        while (true)
        {
            ThrowIfInterrupted();
            Look();
            bool isMemoryThere = _ram == null || _ram.Status == "pre-switchover" || _ram.IsOver;
            if (_progress.Phase == MoverPhase.Done && isMemoryThere)
                return;
            double elapsed = (Seconds - _fencedAt) * 1e3;
            if (elapsed > BlackoutLimitMs)
                throw new MigrateException($"the VM stood still for {MigrateText.Ms(elapsed)}: {StateOfBlackout()}");
            // Asking takes the drives' time, which they need for what is waited for.
            if (!_mover!.IsCarried)
                Thread.Sleep(1);
        }
    }

    private string StateOfBlackout() =>
        $"the data is {_progress.Phase}" + (_progress.Problem.Length == 0 ? "" : $" ({_progress.Problem})")
        + (_ram == null ? "" : $", the memory {_ram.Status}");

    private void HandOver(QemuPair qemu)
    {
        AtStep("hand over");
        try
        {
            RamProgress ram = qemu.HandOver();
            Report.RamBytes = ram.Transferred;
        }
        catch (QmpException e)
        {
            IsPastSwitch = true;
            throw new MigrateException(
                $"{e.Message}; whether the VM has left is not known: --resume looks at the destination, and goes on if it is there",
                ExitCode.Unfinished);
        }
    }

    /// <summary>What there is to do once nothing can be taken back.</summary>
    /// <exception cref="MigrateException">It has to be resumed.</exception>
    private void Complete()
    {
        EnterPhase(MigratePhase.Switching);
        _source.Patience = _destination.Patience = PatienceAfterSwitch;
        try
        {
            if (_qemu != null)
            {
                AtStep("resume");
                _qemu.Resume();
                Report.ResumedAtSeconds = Seconds;
            }

            // The VM runs, so that it hears that its path is open.
            AtStep("arrive");
            CompleteAt(_destination, VmMigrationFlags.None);
            if (_fencedAt > 0)
                Report.BlackoutMs = (Seconds - _fencedAt) * 1e3;
            Begin(JournalStep.Arrived);
            AtStep("leave");
            CompleteAt(_source, _options.EraseSource ? VmMigrationFlags.Erase : VmMigrationFlags.None);
            Report.Take(_source.Status(), _writtenBefore);
            Report.QemuDowntimeMs = _qemu is { IsSourceThere: true } ? _qemu.Downtime() : null;
            Begin(JournalStep.Done);
        }
        catch (Exception e) when (e is MigrateException or QmpException)
        {
            throw new MigrateException($"the switch has begun and is not over: {e.Message}; --resume goes on", ExitCode.Unfinished);
        }

        EnterPhase(MigratePhase.Done);
    }

    private void CompleteAt(DriveClient drive, VmMigrationFlags flags)
    {
        Status status = drive.TrySteer(VmMigrationFlags.Completed | flags);
        if (status.IsSuccess)
            return;
        bool wasCompleted = ((VmMigrationFlags)(uint)drive.Status().Flags).HasFlag(VmMigrationFlags.Completed);
        if (status.Matches(Status.MigrationNotActive) && wasCompleted)
            return;
        if (drive != _source || !status.Matches(Status.MigrationNotActive))
            throw new MigrateException($"the {drive.Role} drive refuses COMPLETED: {status}");

        // It lost its power: what it knows lastingly is that the VM may be elsewhere.
        _display.Say("the source drive does not know of the migration any more");
    }

    /// <summary>Whether the process that died had switched.</summary>
    /// <exception cref="MigrateException">Nobody knows.</exception>
    private bool HasArrived()
    {
        var flags = (VmMigrationFlags)(uint)_destination.Status().Flags;
        if (!flags.HasFlag(VmMigrationFlags.Active))
        {
            return flags.HasFlag(VmMigrationFlags.Completed)
                ? true
                : throw new MigrateException(
                    "the destination drive does not know of the migration any more: look where the VM runs", ExitCode.Unfinished);
        }

        return _qemu is { IsHandedOver: true };
    }
}
