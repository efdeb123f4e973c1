using System.Buffers;
using Emulator.Core;
using Emulator.Migration;
using Emulator.Wire;

namespace Emulator.Device;

/// <summary>The commands of hosts that are under way through schemes.</summary>
internal sealed class SchemeCommands
{
    private readonly List<SchemeCommand> _commands = [];
    private readonly Stack<SchemeCommand> _free = new();

    /// <summary>Commands whose requests are done, and that wait for their log to be synchronised.</summary>
    private readonly List<(SchemeCommand Command, long Sync)> _syncing = [];

    /// <summary>Commands with another request to submit.</summary>
    private readonly Queue<SchemeCommand> _ready = new();

    public SchemeCommand this[int index] => _commands[index];

    /// <summary>When <see cref="Advance"/> has something to do.</summary>
    public SimTime NextEvent
    {
        get
        {
            if (_ready.Count > 0)
                return SimTime.Zero;
            foreach ((SchemeCommand command, long sync) in _syncing)
            {
                // A synchronisation ends on another thread; where that calls nobody it is looked for.
                if (!command.Fronts[^1].WakesWhenSynced || IsSynced(command, sync))
                    return SimTime.Zero;
            }

            return SimTime.Never;
        }
    }

    /// <summary>A command with room for its data.</summary>
    public SchemeCommand Take(
        Controller controller, QueuePair queue, in SubmissionEntry entry, SchemeCommandKind kind, NamespaceFront? front, int bytes)
    {
        if (!_free.TryPop(out SchemeCommand? command))
        {
            command = new SchemeCommand(_commands.Count) { Kind = kind };
            _commands.Add(command);
        }

        (command.Controller, command.Queue, command.Entry, command.Kind) = (controller, queue, entry, kind);
        if (front != null)
            command.Fronts.Add(front);
        if (bytes > 0)
        {
            command.Rented = ArrayPool<byte>.Shared.Rent(bytes);
            command.Data = command.Rented.AsMemory(0, bytes);
        }

        return command;
    }

    /// <summary>Begins a command; it completes later.</summary>
    public void Begin(SimTime now, SchemeCommand command)
    {
        foreach (NamespaceFront front in command.Fronts)
            front.Commands++;
        Submit(now, command);
    }

    /// <summary>Begins a fused pair: nobody else gets to the blocks between the two.</summary>
    public void BeginFused(SimTime now, SchemeCommand compare, SchemeCommand write)
    {
        (compare.Partner, write.Partner) = (write, compare);
        write.Fronts[0].Commands++;
        Begin(now, compare);
    }

    /// <summary>A request of a command has completed.</summary>
    public void Completed(SchemeCommand command, NamespaceFront front, bool isSuccess, SimTime now)
    {
        if (isSuccess && command.Changes && front.IsUnlogged)
        {
            // The scheme is about to end for want of a log: the source is asked then.
            front.Hold(command);
            return;
        }

        if (!isSuccess)
        {
            End(now, command, isSuccess: false);
            return;
        }

        command.Step();
        if (!command.IsThrough)
            _ready.Enqueue(command);
        else if (front.Log != null && (command.IsForced || command.Kind is SchemeCommandKind.Flush or SchemeCommandKind.FlushAll))
            _syncing.Add((command, front.BeginLogSync()));
        else
            End(now, command, isSuccess: true);
    }

    public void Advance(SimTime now)
    {
        for (int count = _ready.Count; count > 0; count--)
            Submit(now, _ready.Dequeue());
        for (int i = 0; i < _syncing.Count;)
        {
            (SchemeCommand command, long sync) = _syncing[i];
            if (!IsSynced(command, sync))
            {
                i++;
                continue;
            }

            _syncing.RemoveAt(i);
            End(now, command, isSuccess: !command.Fronts[^1].HasLogFailed);
        }
    }

    /// <summary>Submits the request that is due, or has the front keep it.</summary>
    public static void Submit(SimTime now, SchemeCommand command)
    {
        NamespaceFront front = command.Front;
        BlockRequest request = command.Next(out Memory<byte> data);
        if (front.IsLockedAgainst(command, request) || !front.Run.TrySubmit(now, command.Index, request, data))
            front.Hold(command);
        else if (command.Partner != null && !command.HoldsLock)
            front.Lock(command, command.Partner);
    }

    private static bool IsSynced(SchemeCommand command, long sync) => command.Fronts[^1].IsLogSynced(sync);

    private void End(SimTime now, SchemeCommand command, bool isSuccess)
    {
        CommandOutcome outcome = command.Controller.EndUnderScheme(now, command, isSuccess);
        if (command.Partner is { } partner)
        {
            if (command.Kind == SchemeCommandKind.Compare && outcome.IsSuccess)
            {
                // Both complete when the write has.
                _ready.Enqueue(partner);
                return;
            }

            Post(now, partner, outcome.IsSuccess
                ? CommandOutcome.Success(now)
                : CommandOutcome.Completed(now, Status.AbortedFailedFused));
        }

        Post(now, command, outcome);
    }

    private void Post(SimTime now, SchemeCommand command, in CommandOutcome outcome)
    {
        command.Controller.CompleteUnderScheme(now, command, outcome);
        foreach (NamespaceFront front in command.Fronts)
            front.Over(command);
        Discard(command);
    }

    /// <summary>A command that was taken is not to begin.</summary>
    public void Discard(SchemeCommand command)
    {
        if (command.Rented != null)
            ArrayPool<byte>.Shared.Return(command.Rented);
        command.Clear();
        _free.Push(command);
    }
}
