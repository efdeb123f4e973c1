using Emulator.Wire;

namespace Emulator.Host.Migrate;

/// <summary>Taking it back: the VM runs on at the source as if nothing had been.</summary>
internal sealed partial class MigrationRun
{
    private MigrateException TakenBack(Exception why)
    {
        TakeBack();
        return new MigrateException(
            why is OperationCanceledException ? "interrupted; the VM runs on at the source" : $"{why.Message}; the VM runs on at the source",
            why switch
            {
                OperationCanceledException => ExitCode.Interrupted,
                MigrateException e => e.ExitCode,
                _ => ExitCode.RolledBack,
            });
    }

    /// <summary>The fence is lifted first, then the VM runs, then the destination is told.</summary>
    /// <exception cref="MigrateException">The VM could not be set free.</exception>
    private void TakeBack()
    {
        EnterPhase(MigratePhase.RollingBack);
        Begin(JournalStep.RollBack);
        AtStep("roll back");
        var problems = new List<string>();
        Try(problems, () => _mover?.Cancel());
        bool isFree = Try(problems, () => _source.Steer(VmMigrationFlags.None));
        if (_qemu != null)
            isFree &= Try(problems, _qemu.TakeBack);
        _destination.Patience = TimeSpan.FromSeconds(1);
        Try(problems, () => Cancel(_destination));
        if (!isFree)
        {
            throw new MigrateException(
                $"the migration could not be taken back: {string.Join("; ", problems)}; --roll-back tries again", ExitCode.Unfinished);
        }

        foreach (string problem in problems)
            _display.Say(problem);
        Begin(JournalStep.RolledBack);
        EnterPhase(MigratePhase.RolledBack);
    }

    private static void Cancel(DriveClient drive)
    {
        if (PhaseOf(drive) != VmMigrationPhase.Idle)
            drive.Steer(VmMigrationFlags.None);
    }

    private static bool Try(List<string> problems, Action action)
    {
        try
        {
            action();
            return true;
        }
        catch (Exception e) when (e is MigrateException or QmpException)
        {
            problems.Add(e.Message);
            return false;
        }
    }
}
