using Emulator.Core;
using Emulator.Device;
using Emulator.Simulation.Reports;
using Emulator.Simulation.Workloads;
using Emulator.Wire;

namespace Emulator.Simulation;

/// <summary>
/// The owner of a drive in virtual time: submits what the jobs of a workload want, holds completions until they are due,
/// and lets the clock jump from one event to the next. Events are completions, arrivals, and what the drive asks for
/// itself. Nothing is allocated for a command, and nothing but the inputs decides what happens.
/// </summary>
public sealed class Simulator : IQueueEndpoint, IDisposable
{
    /// <summary>The caller hears of progress whenever these bits of the number of submissions are 0.</summary>
    private const long PollMask = 0x0FFF;

    /// <summary>So often may the drive be called in vain at one time before that is taken for a defect.</summary>
    private const int MostIdleCalls = 1_000_000;

    private readonly Drive _drive;
    private readonly SimulatedHost _host;
    private readonly int _transferBytes;
    private readonly int _blockShift;
    private readonly NativeMemoryBlock _writeData;
    private readonly NativeMemoryBlock _readData;
    private readonly byte[] _range = new byte[DsmRange.Size];
    private readonly InFlight[] _flights;
    private readonly int[] _freeSlots;
    private readonly QueuePair[] _queueOfSlot;

    /// <summary>A slot whose completion is due, or the complement of a job whose next request arrives.</summary>
    private readonly EventQueue<int> _events;

    private JobState[] _jobs = [];
    private int _freeCount;
    private long _submitted;
    private long _submissionLimit;
    private int _idleCalls;
    private CloseReason? _closed;
    private RunRecorder? _recorder;
    private Action<long>? _poll;

    /// <param name="drive">The simulator makes all calls to it from now on; the caller disposes of it.</param>
    /// <param name="hostNqn">Who runs the workloads.</param>
    public Simulator(Drive drive, string hostNqn = SimulatedHost.DefaultNqn)
    {
        _drive = drive;
        _host = new SimulatedHost(drive, this, hostNqn);
        _transferBytes = drive.MaxTransferBytes;
        _blockShift = int.TrailingZeroCount(_host.BlockBytes);
        _writeData = new NativeMemoryBlock(_transferBytes);
        _readData = new NativeMemoryBlock(_transferBytes);
        new SeededRandom(1).Fill(_writeData.Slice(0, _transferBytes));
        MostOutstanding = _host.IoQueues.Length * _host.CommandsPerQueue;
        _flights = new InFlight[MostOutstanding];
        _freeSlots = new int[MostOutstanding];
        _queueOfSlot = new QueuePair[MostOutstanding];
        for (int slot = 0; slot < MostOutstanding; slot++)
            _queueOfSlot[slot] = _host.IoQueues[slot / _host.CommandsPerQueue];
        _events = new EventQueue<int>(MostOutstanding + MostJobs);
    }

    /// <summary>Jobs that run at the same time, at most.</summary>
    public const int MostJobs = 1024;

    /// <summary>Commands that all jobs together can have outstanding.</summary>
    public int MostOutstanding { get; }

    /// <summary>Bytes of a logical block of the namespace.</summary>
    public int BlockBytes => _host.BlockBytes;

    public long NamespaceBytes => _host.NamespaceBytes;

    public SimTime Now { get; private set; }

    /// <summary>CNTLID of the host that runs the workloads.</summary>
    public ushort ControllerId => _host.ControllerId;

    /// <summary>What else goes on while jobs run; null for nothing.</summary>
    public ICompanion? Companion { get; set; }

    /// <summary>Nothing was asked of the drive for a while: its clock goes on from a later time.</summary>
    public void Continue(SimTime now)
    {
        Check.That(now >= Now && _events.Count == 0);
        Now = now;
    }

    /// <summary>Submits nothing more: the run ends when what is outstanding has completed.</summary>
    public void Halt()
    {
        foreach (JobState job in _jobs)
            job.Stop();
    }

    /// <summary>Runs jobs until they have ended and all their commands have completed.</summary>
    /// <param name="jobs">Their requests lie within the namespace and are whole blocks.</param>
    /// <param name="recorder">Sees every completion; null where nothing is to be measured.</param>
    /// <param name="commandLimit">Submits no more commands than this.</param>
    /// <param name="poll">Called now and then with the number of commands submitted; may throw to end the run.</param>
    /// <returns>How many commands were submitted.</returns>
    public long Run(IReadOnlyList<JobPlan> jobs, RunRecorder? recorder, long commandLimit = long.MaxValue, Action<long>? poll = null)
    {
        Check.That(_events.Count == 0 && jobs.Count <= MostJobs);
        Check.That(jobs.GroupBy(job => job.Stage).All(stage => stage.Sum(job => (long)job.Depth) <= MostOutstanding));
        _jobs = [.. jobs.Select(job => new JobState(job))];
        _recorder = recorder;
        _submissionLimit = commandLimit;
        _submitted = 0;
        _poll = poll;
        ResetSlots();
        foreach (int stage in jobs.Select(job => job.Stage).Distinct().Order())
            RunStage(stage);
        return _submitted;
    }

    /// <summary>SMART / Health Information, as it is now.</summary>
    public SmartHealth ReadHealth() => _host.ReadHealth(Now);

    public void Dispose()
    {
        _writeData.Dispose();
        _readData.Dispose();
    }

    void IQueueEndpoint.Complete(ushort commandId, in CommandOutcome outcome) => Completes(commandId, outcome);

    void IQueueEndpoint.Close(CloseReason reason) => _closed = reason;

    private void ResetSlots()
    {
        _freeCount = MostOutstanding;
        for (int i = 0; i < MostOutstanding; i++)
            _freeSlots[i] = MostOutstanding - 1 - i;
    }

    private void RunStage(int stage)
    {
        for (int job = 0; job < _jobs.Length; job++)
        {
            if (_jobs[job].Stage != stage)
                continue;
            _jobs[job].Begin(Now);
            Fill(job);
        }

        while (_events.Count > 0 || _freeCount < MostOutstanding)
        {
            MoveClock();
            while (_events.TryTake(Now, out int item))
            {
                if (item >= 0)
                    Complete(item);
                else
                    Arrive(~item);
            }
        }
    }

    private void MoveClock()
    {
        if (_closed is { } reason)
            Check.Fail($"the drive closed a queue of the simulation: {reason}");
        SimTime next = SimTime.Min(SimTime.Min(_events.NextDue, _drive.NextEvent), Companion?.NextEvent ?? SimTime.Never);
        if (next == SimTime.Never)
            Check.Fail($"{MostOutstanding - _freeCount} commands never complete");
        if (next > Now)
        {
            Now = next;
            _idleCalls = 0;
        }

        bool isCompanionDue = Companion != null && Companion.NextEvent <= Now;
        if (isCompanionDue)
            Companion!.Advance(Now);
        bool isDriveDue = _drive.NextEvent <= Now;
        if (isDriveDue)
            _drive.Advance(Now);
        if (isCompanionDue || isDriveDue)
            Check.That(++_idleCalls < MostIdleCalls);
    }

    private void Arrive(int job)
    {
        _jobs[job].IsAwaited = false;
        Fill(job);
    }

    /// <summary>Submits what a job wants and may; waits for the arrival of what comes later.</summary>
    private void Fill(int index)
    {
        JobState job = _jobs[index];
        while (job.HasRequest && job.Outstanding < job.Depth && _freeCount > 0)
        {
            job.ArriveNow(Now);
            if (!job.HasRequest)
                return;
            if (job.Arrival > Now)
            {
                if (!job.IsAwaited)
                    _events.Add(job.Arrival, ~index);
                job.IsAwaited = true;
                return;
            }

            if (_submitted == _submissionLimit)
                job.Stop();
            else
                Submit(index, job);
        }
    }

    /// <summary>Submits the request at hand, or as much of it as one command may transfer.</summary>
    private void Submit(int index, JobState job)
    {
        ref Request request = ref job.Next;
        long longest = request.Kind == RequestKind.Trim ? (long)uint.MaxValue << _blockShift : _transferBytes;
        long length = Math.Min(request.Length, longest);
        int slot = _freeSlots[--_freeCount];
        ref InFlight flight = ref _flights[slot];
        flight.Sequence = _submitted++;
        flight.Arrived = job.Arrival;
        flight.Submitted = Now;
        flight.StartLba = (ulong)request.Offset >> _blockShift;
        flight.Blocks = (uint)(length >> _blockShift);
        flight.Job = index;
        flight.Kind = request.Kind;
        job.Outstanding++;
        Issue(slot, ref flight, request.ForceUnitAccess);

        request.Offset += length;
        request.Length -= length;
        if (request.Length == 0)
            job.Advance(Now);
        if ((_submitted & PollMask) == 0)
            _poll?.Invoke(_submitted);
    }

    private void Issue(int slot, ref InFlight flight, bool forceUnitAccess)
    {
        var entry = new SubmissionEntry
        {
            Psdt = DataTransferFormat.SglWithMetadataBuffer,
            Cid = (ushort)slot,
            Nsid = SimulatedHost.Nsid,
            Cdw10And11 = flight.StartLba,
            Cdw12 = (flight.Blocks - 1) | (forceUnitAccess ? NvmCommandFields.Fua : 0),
        };
        int length = (int)Math.Min((long)flight.Blocks << _blockShift, _transferBytes);
        Span<byte> data = default;
        switch (flight.Kind)
        {
            case RequestKind.Read:
                flight.Opcode = IoOpcode.Read;
                data = _readData.Slice(0, length);
                break;
            case RequestKind.Write:
                flight.Opcode = IoOpcode.Write;
                data = _writeData.Slice(0, length);
                BitConverter.TryWriteBytes(data, flight.Sequence);
                break;
            case RequestKind.Trim:
                flight.Opcode = IoOpcode.DatasetManagement;
                WireStruct.Write(_range, new DsmRange { Llb = flight.Blocks, Slba = flight.StartLba });
                data = _range;
                entry.Cdw10And11 = (ulong)DsmRange.AttributeDeallocate << 32;
                entry.Cdw12 = 0;
                break;
            default:
                flight.Opcode = IoOpcode.Flush;
                entry.Cdw10And11 = 0;
                entry.Cdw12 = 0;
                break;
        }

        entry.Opcode = (byte)flight.Opcode;
        QueuePair queue = _queueOfSlot[slot];
        CommandOutcome outcome = queue.Controller.Submit(Now, queue, entry, data);
        if (outcome.Kind != OutcomeKind.Pending)
            Completes(slot, outcome);
    }

    /// <summary>The outcome of a command is known; it takes effect when it is due.</summary>
    private void Completes(int slot, in CommandOutcome outcome)
    {
        Check.That(outcome.Kind == OutcomeKind.Completed);
        _flights[slot].Status = outcome.Status;
        _events.Add(SimTime.Max(outcome.Due, Now), slot);
    }

    private void Complete(int slot)
    {
        ref InFlight flight = ref _flights[slot];
        _recorder?.Record(flight, Now, (long)flight.Blocks << _blockShift);
        _freeSlots[_freeCount++] = slot;
        JobState job = _jobs[flight.Job];
        job.Outstanding--;
        Fill(flight.Job);
    }
}
