using Emulator.Core;
using Emulator.Device;
using Emulator.Wire;

namespace Emulator.Tcp;

/// <summary>Commands that wait: for data, for a buffer, for the other half of a fused pair, for the drive, for their time.</summary>
internal sealed unsafe partial class TargetConnection
{
    private readonly ulong[] _inFlight = new ulong[(ushort.MaxValue + 1) / 64];
    private CommandSlot[] _slots;
    private ushort[] _freeSlots;
    private int _freeSlotCount;
    private Queue<CommandSlot> _waitingForBuffer;
    private long _bufferBytes;

    public void Complete(ushort commandId, in CommandOutcome outcome)
    {
        foreach (CommandSlot slot in _slots)
        {
            if (slot.State != SlotState.Pending || slot.Entry.Cid != commandId)
                continue;
            if (outcome.Due > _reactor.Now)
            {
                Park(slot, outcome);
                return;
            }

            AnswerSlot(slot, outcome);
            _reactor.NeedsFlush(this);
            return;
        }
    }

    /// <inheritdoc/>
    public Span<byte> DataOf(ushort commandId)
    {
        foreach (CommandSlot slot in _slots)
        {
            if (slot.State == SlotState.Pending && slot.Entry.Cid == commandId)
                return DataOf(slot);
        }

        return default;
    }

    /// <summary>A deferred completion is due.</summary>
    public void CompleteDeferred(int slotIndex)
    {
        CommandSlot slot = _slots[slotIndex];
        if (_state != ConnectionState.Open || slot.State != SlotState.Deferred)
            return;
        AnswerSlot(slot, slot.Outcome);
        _reactor.NeedsFlush(this);
    }

    private void SizeSlots(int entries)
    {
        _slots = new CommandSlot[entries];
        _freeSlots = new ushort[entries];
        for (int i = 0; i < entries; i++)
        {
            _slots[i] = new CommandSlot((ushort)i);
            _freeSlots[i] = (ushort)(entries - 1 - i);
        }

        _freeSlotCount = entries;
        _waitingForBuffer = new Queue<CommandSlot>(entries);
    }

    private bool IsInFlight(ushort commandId) => (_inFlight[commandId / 64] >> (commandId % 64) & 1) != 0;

    /// <summary>
    /// Whether a command with an identifier that is in use is executed all the same. SPDK's host takes its requests for events
    /// as aborted when it leaves, and gives the identifier of one to the Property Get before its shutdown notice. That is
    /// answered at once and holds nothing, so that no harm comes of it; refused, the host goes without a notice.
    /// </summary>
    private bool MayShareIdentifier(in SubmissionEntry entry)
    {
        if (entry.Opcode != (byte)AdminOpcode.Fabrics)
            return false;
        foreach (CommandSlot slot in _slots)
        {
            if (slot.State == SlotState.Pending && slot.Entry.Cid == entry.Cid)
                return slot.Entry.Opcode == (byte)AdminOpcode.AsynchronousEventRequest;
        }

        return false;
    }

    /// <summary>
    /// A slot for a command. A host that has more commands outstanding than its queue has entries breaks the rules of
    /// the queue: the connection ends.
    /// </summary>
    private CommandSlot? TakeSlot(SimTime now, in SubmissionEntry entry)
    {
        if (_freeSlotCount == 0)
        {
            Violate(now, FatalErrorStatus.PduSequenceError, 0, "more commands than the queue has entries");
            return null;
        }

        CommandSlot slot = _slots[_freeSlots[--_freeSlotCount]];
        slot.Entry = entry;
        _inFlight[entry.Cid / 64] |= 1UL << (entry.Cid % 64);
        return slot;
    }

    private void FreeSlot(CommandSlot slot)
    {
        int commandId = slot.Entry.Cid;
        _inFlight[commandId / 64] &= ~(1UL << (commandId % 64));
        slot.Free();
        _freeSlots[_freeSlotCount++] = slot.Index;
    }

    private void AnswerSlot(CommandSlot slot, in CommandOutcome outcome)
    {
        SubmissionEntry entry = slot.Entry;
        PooledBuffer buffer = slot.Buffer;
        int length = slot.DataLength;
        CommandOutcome answer = outcome;
        FreeSlot(slot);
        Answer(entry, answer, buffer, length);
    }

    /// <summary>The command was executed; its completion comes later.</summary>
    private void Park(CommandSlot slot, in CommandOutcome outcome)
    {
        Check.That(outcome.Kind != OutcomeKind.None);
        slot.State = outcome.Kind == OutcomeKind.Pending ? SlotState.Pending : SlotState.Deferred;
        slot.Outcome = outcome;
        if (slot.State == SlotState.Deferred)
            _reactor.Defer(this, slot.Index, outcome.Due);
    }

    private bool TryTakeBuffer(int length, out PooledBuffer buffer)
    {
        int bytes = BufferPool.BytesFor(length);
        buffer = default;
        if (_bufferBytes + bytes > _options.BufferBytesPerConnection && _bufferBytes > 0)
            return false;
        if (!_reactor.Buffers.TryTake(length, out buffer))
            return false;
        _bufferBytes += bytes;
        return true;
    }

    private void ReturnBuffer(PooledBuffer buffer)
    {
        if (buffer.IsNone)
            return;
        _bufferBytes -= buffer.Bytes;
        _reactor.Buffers.Return(buffer);
    }

    /// <summary>Takes a slot for a command that needs a buffer; with a buffer at hand, data from the host is asked for.</summary>
    private CommandSlot? WaitForData(SimTime now, in SubmissionEntry entry, int length)
    {
        if (TakeSlot(now, entry) is not { } slot)
            return null;
        slot.DataLength = length;
        slot.State = SlotState.WaitingForBuffer;
        if (_waitingForBuffer.Count > 0 || !TryTakeBuffer(length, out slot.Buffer))
            _waitingForBuffer.Enqueue(slot);
        else
            Proceed(now, slot);
        return slot;
    }

    /// <summary>Buffers may have come free: gives them to those that wait, in order.</summary>
    private void ServeWaiting(SimTime now)
    {
        while (_state == ConnectionState.Open && _waitingForBuffer.Count > 0 && HasOutputRoom)
        {
            CommandSlot slot = _waitingForBuffer.Peek();
            if (!TryTakeBuffer(slot.DataLength, out slot.Buffer))
            {
                _reactor.WaitsForBuffer(this);
                return;
            }

            _waitingForBuffer.Dequeue();
            Proceed(now, slot);
        }
    }

    private void Proceed(SimTime now, CommandSlot slot)
    {
        if (DataDirections.Of(slot.Entry) == DataDirection.HostToController)
            RequestData(slot);
        else
            ExecuteSlot(now, slot);
    }

    /// <summary>The data of a command is complete.</summary>
    private void ExecuteSlot(SimTime now, CommandSlot slot)
    {
        if (slot.Entry.Fuse != FusedOperation.Normal && slot.Partner != null)
        {
            ExecuteFusedWhenComplete(now, slot);
            return;
        }

        CommandOutcome outcome = slot.DataDigestFailed
            ? CommandOutcome.Completed(now, Status.TransientTransportError)
            : _controller!.Submit(now, _queue!, slot.Entry, new Span<byte>(slot.Buffer.Memory, slot.DataLength));
        if (outcome.Kind == OutcomeKind.Completed && outcome.Due <= now)
            AnswerSlot(slot, outcome);
        else
            Park(slot, outcome);
    }
}
