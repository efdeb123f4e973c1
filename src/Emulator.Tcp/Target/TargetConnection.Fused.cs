using Emulator.Core;
using Emulator.Device;
using Emulator.Wire;

namespace Emulator.Tcp;

/// <summary>
/// Fused commands (Base 2.1, 3.4.2): the first waits for the second, which must be the next of the queue, and both for
/// their data; then the drive executes them as one.
/// </summary>
internal sealed unsafe partial class TargetConnection
{
    private void DispatchFused(SimTime now, in SubmissionEntry entry, Span<byte> capsuleData)
    {
        CommandSlot? first = _fusedFirst;
        _fusedFirst = null;
        if (first != null && entry.Fuse != FusedOperation.Second)
            AbandonFusedFirst(now, first);

        bool pairs = entry.Fuse == FusedOperation.First || (entry.Fuse == FusedOperation.Second && first != null);
        if (!pairs)
        {
            if (entry.Fuse == FusedOperation.Normal)
                Dispatch(now, entry, capsuleData);
            else
                Execute(now, entry, default, 0);
            return;
        }

        if (TakeFused(now, entry, capsuleData) is not { } slot)
        {
            if (first != null)
                AbandonFusedFirst(now, first);
            return;
        }

        if (entry.Fuse == FusedOperation.First)
        {
            _fusedFirst = slot;
            return;
        }

        slot.Partner = first;
        first!.Partner = slot;
        ExecuteFusedWhenComplete(now, slot);
    }

    /// <summary>Takes in one half; data in the capsule is copied, since the capsule does not stay.</summary>
    /// <returns>Null if the command was answered already.</returns>
    private CommandSlot? TakeFused(SimTime now, in SubmissionEntry entry, Span<byte> capsuleData)
    {
        int length = (int)Math.Min(entry.Sgl1.Length, int.MaxValue);
        Status problem = length == 0 || DataDirections.Of(entry) != DataDirection.HostToController
            ? Status.InvalidField
            : CheckDataPointer(entry, DataDirection.HostToController, capsuleData.Length);
        if (!problem.IsSuccess)
        {
            Respond(entry.Cid, CommandOutcome.Completed(now, problem.WithDoNotRetry()));
            return null;
        }

        if (!IsInCapsule(entry))
            return WaitForData(now, entry, length);
        if (TakeSlot(now, entry) is not { } slot)
            return null;
        if (!TryTakeBuffer(length, out slot.Buffer))
        {
            FreeSlot(slot);
            Respond(entry.Cid, CommandOutcome.Completed(now, Status.CommandInterrupted));
            return null;
        }

        capsuleData.Slice((int)entry.Sgl1.Address.Value, length).CopyTo(new Span<byte>(slot.Buffer.Memory, length));
        slot.DataLength = length;
        slot.Received = length;
        slot.State = SlotState.WaitingForPartner;
        return slot;
    }

    private void ExecuteFusedWhenComplete(SimTime now, CommandSlot slot)
    {
        CommandSlot partner = slot.Partner!;
        if (slot.Received == slot.DataLength)
            slot.State = SlotState.WaitingForPartner;
        if (slot.State != SlotState.WaitingForPartner || partner.State != SlotState.WaitingForPartner)
            return;

        (CommandSlot first, CommandSlot second) = slot.Entry.Fuse == FusedOperation.First ? (slot, partner) : (partner, slot);
        CommandOutcome firstOutcome, secondOutcome;
        if (first.DataDigestFailed || second.DataDigestFailed)
        {
            firstOutcome = secondOutcome = CommandOutcome.Completed(now, Status.TransientTransportError);
        }
        else
        {
            _controller!.SubmitFused(
                now, _queue!, first.Entry, DataOf(first), second.Entry, DataOf(second), out firstOutcome, out secondOutcome);
        }

        FinishFused(now, first, firstOutcome);
        FinishFused(now, second, secondOutcome);
    }

    private void FinishFused(SimTime now, CommandSlot slot, in CommandOutcome outcome)
    {
        if (outcome.Kind == OutcomeKind.Completed && outcome.Due <= now)
            AnswerSlot(slot, outcome);
        else
            Park(slot, outcome);
    }

    /// <summary>The second did not follow. The first may still be receiving data: it is answered when that is complete.</summary>
    private void AbandonFusedFirst(SimTime now, CommandSlot first)
    {
        if (first.State == SlotState.WaitingForPartner)
            AnswerSlot(first, CommandOutcome.Completed(now, Status.AbortedMissingFused.WithDoNotRetry()));
    }

    private static Span<byte> DataOf(CommandSlot slot) => new(slot.Buffer.Memory, slot.DataLength);
}
