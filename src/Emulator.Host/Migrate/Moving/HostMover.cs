using System.Diagnostics;
using System.Numerics;
using Emulator.Tcp;
using Emulator.Wire;

namespace Emulator.Host.Migrate;

/// <summary>
/// This process moves the VM: it reads at the source what log pages tell, and writes it to the destination. Rounds of dirty tracking
/// are taken with ADVANCE, each when everything of the one before is durable there, so that UNDO brings back whatever a process
/// that died had taken and not moved.
/// </summary>
internal sealed partial class HostMover : IMover
{
    private static readonly long LookTime = Stopwatch.Frequency / 100;
    private static readonly long LookTimeOfBlackout = Stopwatch.Frequency / 1000;
    private static readonly TimeSpan Nap = TimeSpan.FromMilliseconds(1);

    private readonly MigrateOptions _options;
    private readonly DirectTransferMode _mode;
    private readonly DriveClient _sourceDrive;
    private readonly DriveClient _destinationDrive;
    private readonly MigrationJournal _journal;
    private readonly MoverShape _shape;
    private readonly MoverPacer _pacer;
    private readonly HostCopy _copy;
    private readonly StateCarrier _state;
    private readonly ulong _convergedBytes;
    private readonly long _started = Stopwatch.GetTimestamp();
    private bool _isFinishing;
    private MoverPhase _phase = MoverPhase.Connecting;
    private string _problem = "";

    /// <param name="options">How.</param>
    /// <param name="mode">What the first pass moves.</param>
    /// <param name="source">Told what its VM is.</param>
    /// <param name="destination">Likewise.</param>
    /// <param name="journal">Where it notes how far the first pass is.</param>
    public HostMover(MigrateOptions options, DirectTransferMode mode, DriveClient source, DriveClient destination, MigrationJournal journal)
    {
        (_options, _mode, _sourceDrive, _destinationDrive, _journal) = (options, mode, source, destination, journal);
        _shape = MoverShape.Of(options);
        _pacer = new MoverPacer(options.SharePercent, options.BytesPerSecond);
        _copy = new HostCopy(source.Vm, NamespacesOf(source), _pacer, _shape);
        _state = new StateCarrier(source.Vm, destination.Vm, options.WarmCache ? VmStorageStateFlags.WarmCache : 0);
        _convergedBytes = DriveMover.ConvergedBytes(options);
        _granuleBytes = source.Support.TrackingGranule;
    }

    public bool IsCarried => true;

    private bool IsOver => _phase is MoverPhase.Done or MoverPhase.Failed;

    public void Start(bool isRepeated)
    {
        MoverMark? mark = isRepeated ? _journal.LastMark : null;
        _writers.AddRange(_journal.Writers);
        try
        {
            Connect();
            AwaitWriters();
            Settle();
            PlanFirstPass(mark);
        }
        catch (LinkLostException e)
        {
            throw new MigrateException(e.Message);
        }

        _phase = PhaseOfWork;
        RestartWindow(Stopwatch.GetTimestamp());
    }

    public MoverProgress Advance()
    {
        long until = Stopwatch.GetTimestamp() + (_isFinishing ? LookTimeOfBlackout : LookTime);
        long now;
        try
        {
            while (!IsOver && (now = Stopwatch.GetTimestamp()) < until)
            {
                if (!TryReconnect(now) || !GoOn(now))
                    Wait(now, until);
            }
        }
        catch (LinkLostException e)
        {
            Lose(e.Message);
        }

        return Describe();
    }

    public void Finish() => _isFinishing = true;

    public void Cancel()
    {
        // What is under way is let land, so that nothing of it comes late, when the destination is another migration's.
        _copy.IsHeld = true;
        long until = Stopwatch.GetTimestamp() + Stopwatch.Frequency;
        try
        {
            while (_isAttached && _copy.InFlight > 0 && Stopwatch.GetTimestamp() is var now && now < until)
                _copy.Step(now);
        }
        catch (LinkLostException)
        {
            // Then nothing does.
        }

        Disconnect();
    }

    public void Dispose()
    {
        Disconnect();
        _copy.Dispose();
    }

    /// <returns>Whether anything happened.</returns>
    private bool GoOn(long now)
    {
        bool hasHappened = _copy.Step(now);
        _source!.StayAlive();
        _destination!.StayAlive();
        LookAtSource(now);
        MeasureRate(now);
        if (!_copy.Refusal.Status.IsSuccess)
            Fail($"the {_copy.Refusal.Role} drive refuses a command: {_copy.Refusal.Status}");
        else if (_copy.IsSettled)
            hasHappened |= EndRound();
        return hasHappened;
    }

    private void Wait(long now, long until)
    {
        TimeSpan left = Stopwatch.GetElapsedTime(now, until);
        TimeSpan most = left < Nap ? left : Nap;
        if (_isAttached)
            HostQueue.WaitForNews(_queues, most);
        else
            Thread.Sleep(most);
    }

    private void Fail(string problem)
    {
        if (!IsOver)
            (_phase, _problem) = (MoverPhase.Failed, problem);
    }

    private static List<MovedNamespace> NamespacesOf(DriveClient source)
    {
        int granuleShift = BitOperations.Log2(source.Support.TrackingGranule);
        var namespaces = new List<MovedNamespace>();
        foreach (uint nsid in source.Namespaces())
        {
            IdentifyNamespace identity = source.Namespace(nsid);
            namespaces.Add(new MovedNamespace(nsid, identity.Lbaf[identity.FormatIndex].Lbads, identity.Nsze, granuleShift));
        }

        return namespaces;
    }
}
