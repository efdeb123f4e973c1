using Emulator.Core;
using Emulator.Wire;

namespace Emulator.Tcp;

/// <summary>Data from the host outside of capsules: R2T and H2CData (TCP Transport 1.1, 3.3.2.1).</summary>
internal sealed unsafe partial class TargetConnection
{
    /// <summary>One R2T asks for all data of a command, so that any MAXR2T is kept to.</summary>
    private void RequestData(CommandSlot slot)
    {
        slot.State = SlotState.ReceivingData;
        Span<byte> bytes = _output.AddHeader(R2T.Size + (_headerDigest ? DigestBytes : 0));
        bytes.Clear();
        ref R2T request = ref WireStruct.As<R2T>(bytes[..R2T.Size]);
        request.Ch = Header(PduType.R2T, PduFlags.None, R2T.Size, 0, bytes.Length);
        request.Cccid = slot.Entry.Cid;
        request.Ttag = slot.Index;
        request.R2tl = (uint)slot.DataLength;
        AppendHeaderDigest(bytes, R2T.Size);
    }

    private void HandleDataHeader(SimTime now, int start)
    {
        const uint cccidOffset = 8;
        const uint ttagOffset = 10;
        const uint dataoOffset = 12;
        const uint datalOffset = 16;
        ref readonly DataPdu pdu = ref WireStruct.Read<DataPdu>(Input(start, DataPdu.Size));
        uint length = pdu.Datal;
        CommandSlot? slot = pdu.Ttag < _slots.Length ? _slots[pdu.Ttag] : null;
        if (slot is not { State: SlotState.ReceivingData })
        {
            Violate(now, FatalErrorStatus.InvalidPduHeaderField, ttagOffset, $"no R2T has transfer tag {pdu.Ttag}");
            return;
        }

        if (pdu.Cccid != slot.Entry.Cid.Value)
        {
            Violate(now, FatalErrorStatus.InvalidPduHeaderField, cccidOffset, "CCCID is not that of the R2T");
            return;
        }

        if (pdu.Datao != (uint)slot.Received || length > (uint)(slot.DataLength - slot.Received))
        {
            Violate(now, FatalErrorStatus.DataTransferOutOfRange, dataoOffset, "data outside of the R2T, or out of order");
            return;
        }

        if (length > (uint)_options.MaxH2CDataBytes)
        {
            Violate(now, FatalErrorStatus.LimitExceeded, datalOffset, "more data than MAXH2CDATA");
            return;
        }

        int overhead = pdu.Ch.Pdo + (_dataDigest ? DigestBytes : 0);
        bool isLast = (pdu.Ch.Flags & PduFlags.LastPdu) != 0;
        if (length == 0 || pdu.Ch.Plen != length + (uint)overhead)
            Violate(now, FatalErrorStatus.InvalidPduHeaderField, PlenOffset, "PLEN and DATAL disagree");
        else if (isLast != (slot.Received + (int)length == slot.DataLength))
            Violate(now, FatalErrorStatus.InvalidPduHeaderField, FlagsOffset, "LAST_PDU is wrong");
        else
            BeginPayload(slot, (int)length, isLast);
    }

    private void BeginPayload(CommandSlot slot, int length, bool isLast)
    {
        _payloadSlot = slot;
        _payloadRemaining = length;
        _payloadDigest = Crc32C.Initial;
        _payloadIsLast = isLast;
    }

    /// <summary>Takes what has arrived of a payload; at its end the digest is checked and the command may be complete.</summary>
    /// <returns>False while more has to arrive.</returns>
    private bool TakePayload(SimTime now)
    {
        CommandSlot slot = _payloadSlot!;
        int length = Math.Min(_payloadRemaining, _end - _start);
        if (length > 0)
        {
            ReadOnlySpan<byte> arrived = Input(_start, length);
            arrived.CopyTo(new Span<byte>(slot.Buffer.Memory + slot.Received, length));
            AccountPayload(slot, arrived);
            _start += length;
        }

        if (_payloadRemaining > 0 || (_dataDigest && _end - _start < DigestBytes))
            return false;
        if (_payloadIsLast && !HasOutputRoom)
        {
            _stalled = true;
            return false;
        }

        if (_dataDigest)
        {
            uint received = WireStruct.Read<U32Le>(Input(_start, DigestBytes));
            slot.DataDigestFailed |= received != Crc32C.Finish(_payloadDigest);
            _start += DigestBytes;
        }

        _payloadSlot = null;
        if (_payloadIsLast)
            CompleteData(now, slot);
        return true;
    }

    private void AccountPayload(CommandSlot slot, ReadOnlySpan<byte> arrived)
    {
        if (_dataDigest)
            _payloadDigest = Crc32C.Append(_payloadDigest, arrived);
        slot.Received += arrived.Length;
        _payloadRemaining -= arrived.Length;
    }

    /// <summary>A first of a fused pair whose second never came is over; one whose second may still come waits.</summary>
    private void CompleteData(SimTime now, CommandSlot slot)
    {
        if (slot == _fusedFirst)
            slot.State = SlotState.WaitingForPartner;
        else
            ExecuteSlot(now, slot);
    }

    private bool IsDataDigestRight(ReadOnlySpan<byte> data, int digestStart) =>
        Crc32C.Compute(data) == WireStruct.Read<U32Le>(Input(digestStart, DigestBytes));
}
