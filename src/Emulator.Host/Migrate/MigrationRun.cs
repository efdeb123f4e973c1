using System.Diagnostics;
using Emulator.Wire;

namespace Emulator.Host.Migrate;

/// <summary>
/// One migration, from the checks to the end: preparation, brown-out (the data moves, then the RAM, while the VM runs), black-out
/// (the last of both), switch. Every step finds out first whether it was done before, so that another process can go on with
/// what one that died has begun.
/// </summary>
internal sealed partial class MigrationRun : IDisposable
{
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(10);

    private readonly MigrateOptions _options;
    private readonly IMigrateDisplay _display;
    private readonly Func<bool> _isInterrupted;
    private readonly long _started = Stopwatch.GetTimestamp();
    private readonly DriveClient _source;
    private readonly DriveClient _destination;
    private readonly QemuPair? _qemu;
    private MigrationJournal? _journal;
    private IMover? _mover;

    /// <summary>Connects to everybody and changes nothing.</summary>
    /// <param name="options">What is to be done.</param>
    /// <param name="isResumed">The QEMU of the source may be gone by now.</param>
    /// <param name="display">Where people see how it goes.</param>
    /// <param name="isInterrupted">Asked now and then; true takes the migration back, unless it is past its switch.</param>
    /// <exception cref="MigrateException">A drive is not there.</exception>
    /// <exception cref="QmpException">A QEMU is not there.</exception>
    public MigrationRun(MigrateOptions options, bool isResumed, IMigrateDisplay display, Func<bool> isInterrupted)
    {
        _options = options;
        _display = display;
        _isInterrupted = isInterrupted;
        Report = new MigrateReport { Options = options };
        EnterPhase(MigratePhase.Preparing);
        _source = new DriveClient("source", options.SourceEndPoint, options.Subsystem, options.Manager);
        try
        {
            _destination = new DriveClient("destination", options.DestinationEndPoint, options.Subsystem, options.Manager);
            _qemu = options.MovesVm ? new QemuPair(options, isResumed) : null;
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public MigrateReport Report { get; }

    /// <summary>Called with the step before anything of it is done, durably noted or not; for tests that kill it there.</summary>
    public Action<string> AtStep { get; init; } = _ => { };

    /// <summary>Nothing can be taken back any more.</summary>
    public bool IsPastSwitch { get; private set; }

    private double Seconds => Stopwatch.GetElapsedTime(_started).TotalSeconds;

    public void Dispose()
    {
        _mover?.Dispose();
        _qemu?.Dispose();
        _destination?.Dispose();
        _source?.Dispose();
    }

    /// <summary>Checks everything, and begins the journal.</summary>
    /// <exception cref="MigrateException">The VM cannot move; nothing was changed.</exception>
    public MigrationJournal Prepare(string journalPath)
    {
        Preparation.FindVm(_options, _source, _destination);
        Preparation.Check(_options, _source, _destination);
        if (_qemu?.Problem() is { } problem)
            throw new MigrateException(problem, ExitCode.UserError);
        if (_qemu != null)
            _display.Say($"QEMU {_qemu.SourceVersion} at the source, {_qemu.DestinationVersion} at the destination");
        return MigrationJournal.Create(journalPath, _options, _source.Vm, _destination.Vm);
    }

    /// <summary>Carries the migration out, or goes on where the journal ends.</summary>
    /// <exception cref="MigrateException">It failed; the message says what became of the VM.</exception>
    public void Execute(MigrationJournal journal)
    {
        _journal = journal;
        (_source.Vm, _destination.Vm) = (journal.First.Vm!.Value, journal.First.VmThere!.Value);
        bool isResumed = journal.Last != JournalStep.Begun;
        IsPastSwitch = journal.Last == JournalStep.Arrived || (journal.Last == JournalStep.Switch && HasArrived());
        if (journal.Last == JournalStep.RollBack)
            throw TakenBack(new MigrateException("it was being taken back"));
        try
        {
            if (!IsPastSwitch)
            {
                LookAtVm(isResumed);
                Bind();
                Move(isResumed);
                BlackOut();
            }
        }
        catch (Exception e) when (!IsPastSwitch && e is MigrateException or QmpException or OperationCanceledException)
        {
            throw TakenBack(e);
        }

        Complete();
    }

    /// <summary>Takes a migration back that another process began.</summary>
    /// <exception cref="MigrateException">It is past its switch.</exception>
    public void TakeBack(MigrationJournal journal)
    {
        _journal = journal;
        (_source.Vm, _destination.Vm) = (journal.First.Vm!.Value, journal.First.VmThere!.Value);
        if (journal.Last == JournalStep.Arrived || (journal.Last == JournalStep.Switch && HasArrived()))
            throw new MigrateException("the VM is at the destination already; --resume goes on to the end", ExitCode.Unfinished);
        TakeBack();
    }

    /// <summary>The destination is fenced and takes data; the source tracks changes.</summary>
    private void Bind()
    {
        EnterPhase(MigratePhase.Binding);
        Begin(JournalStep.Bound);
        AtStep("bind");
        if (PhaseOf(_destination) == VmMigrationPhase.Idle)
            _destination.Steer(VmMigrationFlags.Active | VmMigrationFlags.Destination);
        AtStep("source");
        if (PhaseOf(_source) == VmMigrationPhase.Idle)
            _source.Steer(VmMigrationFlags.Active);
        _writtenBefore = _source.Status();
    }

    private void Begin(JournalStep step)
    {
        if (_journal!.Last < step)
            _journal.Begin(step);
    }

    private void EnterPhase(MigratePhase phase)
    {
        Report.Enter(phase, Seconds);
        _display.Begin(phase);
    }

    private void ThrowIfInterrupted()
    {
        if (_isInterrupted())
            throw new OperationCanceledException("interrupted");
    }

    private static VmMigrationPhase PhaseOf(DriveClient drive) => (VmMigrationPhase)(uint)drive.Status().Phase;
}
