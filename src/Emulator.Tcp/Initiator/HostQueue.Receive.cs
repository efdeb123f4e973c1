using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using Emulator.Core;
using Emulator.Wire;

namespace Emulator.Tcp;

/// <summary>
/// Receiving: one recv into a flat buffer, then every complete header in it. Data goes to the buffer of its command as
/// it comes, so that a data PDU may be longer than the receive buffer; long data is received in place.
/// </summary>
public sealed unsafe partial class HostQueue
{
    private const int ReceiveBufferBytes = 256 * 1024;

    /// <summary>Data still to come from which on it is received where it belongs, past the receive buffer.</summary>
    private const int InPlaceThreshold = 16 * 1024;

    private readonly NativeMemoryBlock _receive;
    private int _receiveHead;
    private int _receiveTail;

    // The C2HData PDU that is being received: its command, the data and the digest still to come.
    private int _dataSlot = -1;
    private int _dataRemaining;
    private PduFlags _dataFlags;
    private uint _dataCrc;

    private int _completed;

    private int Received => _receiveTail - _receiveHead;

    private void Receive()
    {
        if (!IsConnected)
            return;
        bool inPlace = _dataRemaining >= InPlaceThreshold && Received == 0;
        nint received = inPlace
            ? Libc.Receive(_handle, DataTarget, (nuint)_dataRemaining, Libc.MsgDontWait)
            : Libc.Receive(
                _handle, _receive.Pointer + _receiveTail, (nuint)(ReceiveBufferBytes - _receiveTail), Libc.MsgDontWait);
        if (received <= 0)
        {
            int error = received == 0 ? 0 : Libc.LastError;
            if (received == 0)
                Break("the controller closed the connection");
            else if (error is not (Libc.Eagain or Libc.Eintr))
                Break($"receive failed with error {error}");
            return;
        }

        if (inPlace)
            AcceptData(DataTarget, (int)received);
        else
            _receiveTail += (int)received;
        ParseReceived();
    }

    private byte* DataTarget => _slots[_dataSlot].Buffer + _slots[_dataSlot].Transferred;

    private void ParseReceived()
    {
        while (IsConnected && (_dataSlot >= 0 ? TryParseData() : TryParseHeader()))
        {
        }

        // What is left is shorter than a header with its digest.
        int left = Received;
        if (left > 0 && _receiveHead > 0)
            Unsafe.CopyBlockUnaligned(_receive.Pointer, _receive.Pointer + _receiveHead, (uint)left);
        _receiveHead = 0;
        _receiveTail = left;
    }

    /// <returns>Whether a header was there.</returns>
    private bool TryParseHeader()
    {
        if (Received < CommonHeader.Size)
            return false;
        byte* pdu = _receive.Pointer + _receiveHead;
        var header = (CommonHeader*)pdu;
        if (header->PduType is not (PduType.CapsuleResp or PduType.C2HData or PduType.R2T or PduType.C2HTermReq))
            return Violation(FatalErrorStatus.InvalidPduHeaderField, 0, pdu, CommonHeader.Size);
        if (header->Hlen != DataPdu.Size)
            return Violation(FatalErrorStatus.InvalidPduHeaderField, 2, pdu, CommonHeader.Size);

        bool hasDigest = _headerDigest && header->PduType != PduType.C2HTermReq;
        int length = DataPdu.Size + (hasDigest ? sizeof(uint) : 0);
        if (Received < length)
            return false;
        if (hasDigest && !HeaderDigestHolds(pdu))
            return false;
        _receiveHead += length;
        return header->PduType switch
        {
            PduType.CapsuleResp => AcceptResponse((CapsuleResp*)pdu),
            PduType.C2HData => AcceptDataHeader((DataPdu*)pdu),
            PduType.R2T => AcceptR2T((R2T*)pdu),
            _ => AcceptTermination((TermReq*)pdu),
        };
    }

    private bool HeaderDigestHolds(byte* pdu)
    {
        var header = (CommonHeader*)pdu;
        if ((header->Flags & PduFlags.HeaderDigest) == 0)
            return Violation(FatalErrorStatus.InvalidPduHeaderField, 1, pdu, header->Hlen);
        uint digest = BinaryPrimitives.ReadUInt32LittleEndian(new ReadOnlySpan<byte>(pdu + header->Hlen, sizeof(uint)));
        return digest == Crc32C.Compute(new ReadOnlySpan<byte>(pdu, header->Hlen))
            || Violation(FatalErrorStatus.HeaderDigestError, digest, pdu, header->Hlen);
    }

    private bool AcceptResponse(CapsuleResp* pdu)
    {
        if (pdu->Ch.Plen != (uint)(CapsuleResp.Size + HeaderDigestBytes))
            return Violation(FatalErrorStatus.InvalidPduHeaderField, 4, (byte*)pdu, CapsuleResp.Size);
        int slot = FindOutstanding(pdu->Cqe.Cid);
        if (slot < 0 || _slots[slot].Requested > 0 || (_inPlaceLeft > 0 && slot == _inPlaceSlot))
            return Violation(FatalErrorStatus.PduSequenceError, 20, (byte*)pdu, CapsuleResp.Size);
        CompleteSlot(slot, pdu->Cqe, withoutCapsule: false);
        return true;
    }

    private bool AcceptDataHeader(DataPdu* pdu)
    {
        int slot = FindOutstanding(pdu->Cccid);
        if (slot < 0)
            return Violation(FatalErrorStatus.InvalidPduHeaderField, 8, (byte*)pdu, DataPdu.Size);
        if (ProblemWith(pdu, _slots[slot]) is { } offset)
            return Violation(FatalErrorStatus.InvalidPduHeaderField, (uint)offset, (byte*)pdu, DataPdu.Size);
        ref HostCommandSlot command = ref _slots[slot];
        if (command.Direction != DataDirection.ControllerToHost)
            return Violation(FatalErrorStatus.PduSequenceError, 0, (byte*)pdu, DataPdu.Size);
        if (pdu->Datao != (uint)command.Transferred || pdu->Datal > (uint)(command.Length - command.Transferred))
            return Violation(FatalErrorStatus.DataTransferOutOfRange, 12, (byte*)pdu, DataPdu.Size);

        _dataSlot = slot;
        _dataRemaining = (int)pdu->Datal.Value;
        _dataFlags = pdu->Ch.Flags;
        _dataCrc = Crc32C.Initial;
        return true;
    }

    /// <summary>The offset of a header field of C2HData that contradicts the others; null when there is none.</summary>
    private int? ProblemWith(DataPdu* pdu, in HostCommandSlot command)
    {
        int dataOffset = DataPdu.Size + HeaderDigestBytes;
        bool hasDigest = (pdu->Ch.Flags & PduFlags.DataDigest) != 0;
        if (hasDigest != _dataDigest || (pdu->Ch.Flags & (PduFlags.LastPdu | PduFlags.Success)) == PduFlags.Success)
            return 1;
        if (pdu->Ch.Pdo != dataOffset)
            return 3;
        if (pdu->Ch.Plen != (ulong)dataOffset + pdu->Datal + (uint)DataDigestBytes)
            return 4;
        return pdu->Datal == 0 && command.Length > 0 ? 16 : null;
    }

    /// <returns>Whether the data PDU is complete.</returns>
    private bool TryParseData()
    {
        if (_dataRemaining > 0)
        {
            int here = Math.Min(_dataRemaining, Received);
            Unsafe.CopyBlockUnaligned(DataTarget, _receive.Pointer + _receiveHead, (uint)here);
            AcceptData(DataTarget, here);
            _receiveHead += here;
        }

        if (_dataRemaining > 0 || Received < DataDigestBytes)
            return false;
        if (_dataDigest)
        {
            uint digest = BinaryPrimitives.ReadUInt32LittleEndian(
                new ReadOnlySpan<byte>(_receive.Pointer + _receiveHead, sizeof(uint)));
            _slots[_dataSlot].IsDamaged |= digest != Crc32C.Finish(_dataCrc);
            _receiveHead += sizeof(uint);
        }

        int slot = _dataSlot;
        _dataSlot = -1;
        if ((_dataFlags & PduFlags.Success) != 0)
            CompleteSlot(slot, new CompletionEntry { Cid = _slots[slot].Entry.Cid, Sqhd = ushort.MaxValue }, withoutCapsule: true);
        return true;
    }

    private void AcceptData(byte* data, int length)
    {
        if (_dataDigest)
            _dataCrc = Crc32C.Append(_dataCrc, new ReadOnlySpan<byte>(data, length));
        _slots[_dataSlot].Transferred += length;
        _dataRemaining -= length;
    }

    private bool AcceptR2T(R2T* pdu)
    {
        if (pdu->Ch.Plen != (uint)(R2T.Size + HeaderDigestBytes))
            return Violation(FatalErrorStatus.InvalidPduHeaderField, 4, (byte*)pdu, R2T.Size);
        int slot = FindOutstanding(pdu->Cccid);
        if (slot < 0)
            return Violation(FatalErrorStatus.InvalidPduHeaderField, 8, (byte*)pdu, R2T.Size);
        ref HostCommandSlot command = ref _slots[slot];
        if (command.Direction != DataDirection.HostToController || command.InCapsule)
            return Violation(FatalErrorStatus.PduSequenceError, 0, (byte*)pdu, R2T.Size);
        if (command.Requested > 0)
            return Violation(FatalErrorStatus.LimitExceeded, 0, (byte*)pdu, R2T.Size);
        if (pdu->R2to != (uint)command.Transferred
            || pdu->R2tl == 0
            || pdu->R2tl > (uint)(command.Length - command.Transferred))
            return Violation(FatalErrorStatus.DataTransferOutOfRange, 12, (byte*)pdu, R2T.Size);

        command.Requested = (int)pdu->R2tl.Value;
        command.TransferTag = pdu->Ttag;
        Enqueue(slot);
        return true;
    }

    private bool AcceptTermination(TermReq* pdu)
    {
        Termination = *pdu;
        Break($"the controller terminated the connection: {(FatalErrorStatus)(ushort)pdu->Fes}, {pdu->Fei.Value:X}h");
        return false;
    }

    /// <summary>The slot of a CID if the controller has that very command; else -1.</summary>
    private int FindOutstanding(ushort cid)
    {
        int slot = cid & (MaximumDepth - 1);
        return slot < _slots.Length
            && _slots[slot].State == HostSlotState.Outstanding
            && _slots[slot].Entry.Cid == cid ? slot : -1;
    }

    private void CompleteSlot(int slot, in CompletionEntry entry, bool withoutCapsule)
    {
        ref HostCommandSlot command = ref _slots[slot];
        CompletionEntry completed = entry;
        if (command.IsDamaged)
            completed.Status = Status.TransientTransportError;
        command.State = HostSlotState.Held;
        Outstanding--;
        _completed++;
        command.Completion = new HostCompletion(completed, command.Transferred, withoutCapsule);
        if (command.IsAwaited)
            return;
        if (_sink != null)
            _sink.Completed(this, slot, command.Completion);
        else
            Release(slot);
    }
}
