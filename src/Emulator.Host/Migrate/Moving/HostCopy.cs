using System.Diagnostics;
using Emulator.Migration;
using Emulator.Tcp;
using Emulator.Wire;

namespace Emulator.Host.Migrate;

/// <summary>
/// Copies namespaces from one drive to another through this process: reads what is to be moved from the one and writes it to the
/// other, with as many commands at each as their queues take. It knows nothing of rounds and of what the migration is at.
/// <para>
/// A granule is to do, or a command has it, or it has landed at the destination and could be lost there, or it is durable there. When a
/// connection is lost all but the last are to do again.
/// </para>
/// </summary>
internal sealed partial class HostCopy : IDisposable
{
    /// <summary>Bytes of a run that is taken at once.</summary>
    private const int RunShift = 26;

    /// <summary>Refusals in a row, that may pass, before they are taken for final.</summary>
    private const int MostRetries = 200;

    private static readonly long RetryDelay = Stopwatch.Frequency / 100;

    private readonly MovedNamespace[] _namespaces;
    private readonly MoverPacer _pacer;
    private readonly ushort _vm;
    private readonly int _commandBytes;
    private readonly int _granuleShift;
    private readonly Queue<Run> _singly = new();
    private CopyCounters _counters;
    private Run _run;
    private int _at;
    private long _granule;
    private long _bytesInFlight;
    private int _retries;
    private long _notBefore;

    /// <param name="vm">At the source.</param>
    /// <param name="namespaces">In ascending order of NSID.</param>
    public HostCopy(ushort vm, IReadOnlyList<MovedNamespace> namespaces, MoverPacer pacer, MoverShape shape)
    {
        _vm = vm;
        _namespaces = [.. namespaces];
        _pacer = pacer;
        _commandBytes = shape.CommandBytes;
        _granuleShift = namespaces[0].GranuleShift;
        SourceSink = new Sink(ReadEnded);
        DestinationSink = new Sink(WriteEnded);
    }

    /// <summary>Blocks that were taken and are cut into commands one by one.</summary>
    private struct Run
    {
        public MovedNamespace? Of;
        public ulong Next;
        public ulong End;
        public bool ReadsAsZero;

        public readonly ulong Bytes => Of == null ? 0 : (End - Next) << Of.BlockShift;
    }

    public ref readonly CopyCounters Counters => ref _counters;

    public IReadOnlyList<MovedNamespace> Namespaces => _namespaces;

    /// <summary>Nothing new is begun, until what is under way is durable.</summary>
    public bool IsHeld { get; set; }

    /// <summary>Commands that have granules, at either drive or between.</summary>
    public int InFlight { get; private set; }

    /// <summary>Nothing is to do, and no command has anything.</summary>
    public bool IsDrained => InFlight == 0 && _run.Of == null && _singly.Count == 0 && TodoGranules == 0;

    /// <summary>It is drained, or held, and everything that landed is durable.</summary>
    public bool IsSettled => InFlight == 0 && (IsHeld || IsDrained) && VolatileGranules == 0;

    /// <summary>Bytes that are to do, or that commands have.</summary>
    public ulong BytesLeft
    {
        get
        {
            ulong left = ((ulong)TodoGranules << _granuleShift) + _run.Bytes + (ulong)_bytesInFlight;
            foreach (Run run in _singly)
                left += run.Bytes;
            return left;
        }
    }

    /// <summary>The status with which a drive refused to go on, and which drive; success while none has.</summary>
    public (string Role, Status Status) Refusal { get; private set; } = ("", Status.Success);

    /// <summary>Log page C6h tells how far a hole reaches; without, holes are read.</summary>
    public bool LooksForHoles { get; set; }

    private long TodoGranules => _namespaces.Sum(of => (long)of.Todo.Count);

    private long VolatileGranules => _namespaces.Sum(of => (long)of.Volatile);

    public MovedNamespace? Find(uint nsid) => Array.Find(_namespaces, of => of.Nsid == nsid);

    /// <summary>The first block that is to do or under way, while nothing is under way.</summary>
    /// <returns>Null if there is none.</returns>
    public (uint Nsid, ulong Block)? FirstToDo()
    {
        ReturnRuns();
        foreach (MovedNamespace of in _namespaces)
        {
            if (of.Todo.Count > 0)
                return (of.Nsid, of.FirstBlock(of.Todo.Next(0)));
        }

        return null;
    }

    /// <summary>Goes on as far as it can without waiting.</summary>
    /// <returns>Whether anything happened.</returns>
    public bool Step(long now)
    {
        int happened = _source!.Poll() + _destination!.Poll();
        if (!Refusal.Status.IsSuccess)
            return false;
        TakeProbe();
        HandOn();
        if (now >= _notBefore && !IsHeld)
            happened += BeginMore(now);
        FlushIfDue();
        return happened > 0;
    }

    public void Dispose()
    {
        Detach();
        foreach (MovedNamespace of in _namespaces)
            of.Dispose();
    }

    /// <returns>Commands that were begun.</returns>
    private int BeginMore(long now)
    {
        int begun = 0;
        while (_singly.Count > 0 && _pacer.MayRead(now, _weight, 1 << _singly.Peek().Of!.BlockShift) > 0 && BeginSingle(now))
            begun++;
        while (TryTakeRun())
        {
            if (_run.ReadsAsZero ? !BeginZero() : !BeginRead(now))
                break;
            begun++;
        }

        return begun;
    }

    /// <summary>Takes the next run of granules that are alike, if there is none at hand.</summary>
    private bool TryTakeRun()
    {
        if (_run.Of != null)
            return true;
        for (int looked = 0; looked <= _namespaces.Length; looked++)
        {
            MovedNamespace of = _namespaces[_at];
            long first = _granule < of.Todo.Length ? of.Todo.Next(_granule) : of.Todo.Length;
            if (first < of.Todo.Length)
            {
                long count = of.Take(first, Math.Max(1, 1L << Math.Max(0, RunShift - _granuleShift)), out bool readsAsZero);
                _granule = first + count;
                _run = new Run { Of = of, Next = of.FirstBlock(first), End = of.EndBlock(first + count), ReadsAsZero = readsAsZero };
                return true;
            }

            _at = _at + 1 == _namespaces.Length ? 0 : _at + 1;
            _granule = 0;
        }

        return false;
    }

    /// <summary>Puts back what no command has.</summary>
    private void ReturnRuns()
    {
        if (_run.Of != null)
            _run.Of.Add(_run.Next, _run.End - _run.Next);
        _run = default;
        while (_singly.TryDequeue(out Run run))
            run.Of!.Add(run.Next, run.End - run.Next);
        (_at, _granule) = (0, 0);
    }

    private void Take(uint blocks)
    {
        _run.Next += blocks;
        _bytesInFlight += (long)blocks << _run.Of!.BlockShift;
        InFlight++;
        if (_run.Next == _run.End)
            _run = default;
    }

    /// <summary>A command was refused: it is tried again in a while, unless that is for good.</summary>
    private void Refused(string role, Status status)
    {
        if (status.DoNotRetry || ++_retries > MostRetries)
            Refusal = (role, status);
        else
            _notBefore = Stopwatch.GetTimestamp() + RetryDelay;
    }

    private sealed class Sink(Sink.Handler handle) : ICompletionSink
    {
        public delegate void Handler(HostQueue queue, int slot, in HostCompletion completion);

        public void Completed(HostQueue queue, int slot, in HostCompletion completion) => handle(queue, slot, completion);
    }
}
