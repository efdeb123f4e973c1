using Emulator.Wire;

namespace Emulator.Host.Migrate;

/// <summary>
/// Holding the VM back where it writes as fast as its data moves. The drive holds it, as long as it is told to go on with that,
/// and this process decides, for it knows the goal, the patience and both ways to move data.
/// </summary>
internal sealed partial class MigrationRun
{
    /// <summary>The VM is let go by the drive when this process has said nothing for so long.</summary>
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(3);

    private const double SecondsBetweenRenewals = 0.5;

    /// <summary>For how long the VM's own rate is looked at before anything is changed.</summary>
    private static readonly TimeSpan LookBefore = TimeSpan.FromMilliseconds(250);

    private HoldBack? _holdBack;
    private bool _wasDataAtGoal;
    private double _limit;
    private double _limitSaidAt;

    /// <summary>Whether the VM may be held back, and what it writes while nobody touches it.</summary>
    private void LookAtVm(bool isResumed)
    {
        if (_options.HoldBackPercent == MigrateOptions.NoHoldBack || _options.Scheme != DirectTransferScheme.None)
            return;
        if (!_source.Capabilities.HasFlag(VmasCapabilities.WriteLimit))
        {
            _display.Say("the source drive cannot hold the VM back, should it write faster than its data moves");
            return;
        }

        _holdBack = new HoldBack(_options.HoldBackPercent / 100.0, _options.PatienceSeconds);
        if (isResumed)
            return;
        (VmMigrationStatus before, double began) = (_source.Status(), Seconds);
        Thread.Sleep(LookBefore);
        _holdBack.Before((_source.Status().BytesWritten - before.BytesWritten) / (Seconds - began));
    }

    private void HoldBackIfDue(double now, in VmMigrationStatus status)
    {
        if (_holdBack == null || Report.Phase is MigratePhase.Blackout)
            return;
        _holdBack.Observe(new HoldBackLook
        {
            Seconds = now,
            SecondsLeft = Math.Min(_options.PatienceSeconds, _patienceOver - now),
            Progress = _progress,
            WasAtGoal = _wasDataAtGoal,
            BytesWritten = status.BytesWritten,
        });
        _wasDataAtGoal = false;
        double limit = _holdBack.BytesPerSecond;
        bool isNews = limit != _limit;
        if (!isNews && (limit == 0 || now - _limitSaidAt < SecondsBetweenRenewals))
            return;
        if (isNews)
            Tell(now, limit);
        (_limit, _limitSaidAt) = (limit, now);
        Status set = _source.LimitWrites(limit, Lease);
        if (!set.IsSuccess)
            _display.Say($"the source drive does not hold the VM back: {set}");
    }

    private void Tell(double now, double limit)
    {
        if (limit == 0)
        {
            _display.Say("the VM is not held back any more");
            return;
        }

        Report.HeldBack(now, limit, _holdBack!.Share);
        _display.Say(
            $"the VM writes as fast as its data moves: it is held to {MigrateText.Rate(limit)}, {MigrateText.Percent(_holdBack.Share)} of what it wrote");
    }

    /// <summary>What a message about a migration that does not end has to say of it.</summary>
    private string HoldBackAdvice => _holdBack switch
    {
        { BytesPerSecond: > 0, ShareNeeded: var share } when share < _options.HoldBackPercent / 100.0 =>
            $"; the VM was held to {MigrateText.Percent(_holdBack.Share)} of what it wrote, and --hold-back {Math.Max(1, Math.Floor(share * 100))} "
            + "would hold it to what moves in time",
        { BytesPerSecond: > 0 } => $"; the VM was held to {MigrateText.Percent(_holdBack.Share)} of what it wrote",
        _ => "",
    };
}
