using Emulator.Core;
using Emulator.Flash;
using Emulator.Wire;

namespace Emulator.Device;

/// <summary>Commands whose completion waits for a synchronisation of the medium that goes on in the background.</summary>
public sealed partial class Drive
{
    private const int AwaitedAtFirst = 256;

    private readonly record struct Awaited(
        Controller Controller, QueuePair Queue, SubmissionEntry Entry, CommandOutcome Outcome);

    /// <summary>In the order of their synchronisations.</summary>
    private readonly Queue<Awaited> _awaited = new(AwaitedAtFirst);

    /// <summary>Times that a write had to wait for the medium to be synchronised before there was room for it.</summary>
    public long SyncsWaitedFor => _ftl?.SyncsWaitedFor ?? 0;

    /// <summary>Which synchronisations of the medium are over.</summary>
    internal SyncTicket EndedSync => _ftl?.EndedSync ?? default;

    internal bool HasSyncFailed => _ftl is { HasSyncFailed: true };

    private bool IsAnythingDurable => _awaited.Count > 0 && _awaited.Peek().Outcome.Sync.IsOver(_ftl!.EndedSync);

    internal void CompleteWhenDurable(
        Controller controller, QueuePair queue, in SubmissionEntry entry, in CommandOutcome outcome) =>
        _awaited.Enqueue(new Awaited(controller, queue, entry, outcome));

    private void CompleteDurable(SimTime now)
    {
        while (IsAnythingDurable)
        {
            Awaited over = _awaited.Dequeue();
            over.Controller.CompleteDurable(now, over.Queue, over.Entry, over.Outcome, !_ftl!.HasSyncFailed);
        }
    }
}
