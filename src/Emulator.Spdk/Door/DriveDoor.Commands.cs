using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Emulator.Core;
using Emulator.Device;
using Emulator.Wire;

namespace Emulator.Spdk;

/// <summary>The path of a command, and what waits for its time or for the drive.</summary>
public sealed partial class DriveDoor
{
    SpdkOutcome ISpdkDevice.Submit(ulong now, ulong queue, in SpdkCommand command)
    {
        _now = new SimTime((long)now);
        DoorQueue endpoint = QueueOf(queue);
        if (endpoint.Closed != null)
            return new SpdkOutcome(Status.CommandSequenceError);
        QueuePair pair = endpoint.Queue!;
        if (pair.IsAdmin && ShapeProblem(pair, command.Entry) is { } refused)
            return new SpdkOutcome(refused);
        return Answer(endpoint, command, pair.Controller.Submit(_now, pair, command.Entry, command.Data));
    }

    SpdkOutcome ISpdkDevice.SubmitFused(
        ulong now, ulong queue, in SpdkCommand first, in SpdkCommand second, out SpdkOutcome firstOutcome)
    {
        _now = new SimTime((long)now);
        DoorQueue endpoint = QueueOf(queue);
        if (endpoint.Closed != null)
            return firstOutcome = new SpdkOutcome(Status.CommandSequenceError);
        endpoint.Queue!.Controller.SubmitFused(
            _now, endpoint.Queue, first.Entry, first.Data, second.Entry, second.Data,
            out CommandOutcome ofFirst, out CommandOutcome ofSecond);
        firstOutcome = Answer(endpoint, first, ofFirst);
        return Answer(endpoint, second, ofSecond);
    }

    /// <summary>
    /// A Format that changes the size of blocks: SPDK's block device has the size that it was made with, and every other
    /// host of the namespace would go on with it.
    /// </summary>
    private static Status? ShapeProblem(QueuePair queue, in SubmissionEntry entry)
    {
        if (entry.Opcode != (byte)AdminOpcode.FormatNvm || queue.Controller is not Controller controller)
            return null;
        const uint formatMask = 0xF;
        return controller.WouldResize(entry.Nsid, (int)(entry.Cdw10 & formatMask)) ? Status.InvalidFormat.WithDoNotRetry() : null;
    }

    private SpdkOutcome Answer(DoorQueue queue, in SpdkCommand command, in CommandOutcome outcome)
    {
        if (outcome.Kind == OutcomeKind.Completed && !MustWait(outcome))
            return new SpdkOutcome(outcome.Status, outcome.Dw0, outcome.Dw1);
        Check.That(outcome.Kind != OutcomeKind.None);
        PendingCommand pending = _spare.TryPop(out PendingCommand? spare) ? spare : new PendingCommand();
        pending.Queue = queue;
        pending.CommandId = command.Entry.Cid;
        pending.Request = command.Request;
        pending.Data = DataOf(command);
        pending.Length = command.Data.Length;
        queue.Pending.Add(pending);
        if (outcome.Kind == OutcomeKind.Completed)
            Defer(pending, outcome);
        else
            pending.IsDeferred = false;
        return SpdkOutcome.Pending;
    }

    /// <summary>The drive has answered a pending command.</summary>
    internal void Finish(PendingCommand pending, in CommandOutcome outcome)
    {
        if (MustWait(outcome))
        {
            Defer(pending, outcome);
            return;
        }

        pending.Outcome = outcome;
        End(pending);
    }

    /// <summary>
    /// Whether a completion has to be held until it is due. There are hosts enough to have more commands on their way than the
    /// door holds; what is beyond that ends early rather than not at all.
    /// </summary>
    private bool MustWait(in CommandOutcome outcome) => outcome.Due > _now && _deferred.Count < _deferred.Capacity;

    private void Defer(PendingCommand pending, in CommandOutcome outcome)
    {
        pending.Outcome = outcome;
        pending.IsDeferred = true;
        _deferred.Add(outcome.Due, pending);
    }

    /// <summary>Posts the outcome, unless the queue went meanwhile and the library has ended the command.</summary>
    private void End(PendingCommand pending)
    {
        nint request = pending.Request;
        CommandOutcome outcome = pending.Outcome;
        if (request != 0)
            pending.Queue!.Pending.Remove(pending);
        Recycle(pending);
        if (request != 0)
            SpdkTarget.Complete(request, new SpdkOutcome(outcome.Status, outcome.Dw0, outcome.Dw1));
    }

    private void Recycle(PendingCommand pending)
    {
        pending.Queue = null;
        pending.Request = 0;
        pending.Data = 0;
        pending.Length = 0;
        pending.IsDeferred = false;
        _spare.Push(pending);
    }

    /// <summary>The data is native memory, and does not move.</summary>
    private static unsafe nint DataOf(in SpdkCommand command) => command.Data.IsEmpty
        ? 0
        : (nint)Unsafe.AsPointer(ref MemoryMarshal.GetReference(command.Data));
}
