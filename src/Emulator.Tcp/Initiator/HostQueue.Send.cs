using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using Emulator.Core;
using Emulator.Wire;

namespace Emulator.Tcp;

/// <summary>
/// Sending: PDUs are written one behind the other into a flat buffer that goes out with one call. What does not fit
/// waits in a ring, in order, for the socket to take more. Long data goes out of the buffer of its command, behind its
/// header; until it has, nothing else is written.
/// </summary>
public sealed unsafe partial class HostQueue
{
    private const int SendBufferBytes = 512 * 1024;
    private const int LongestH2CData = 128 * 1024;

    /// <summary>Longest data in a capsule, whatever the controller would take: the send buffer holds a few of them.</summary>
    private const int LongestInCapsuleData = 64 * 1024;

    private const int AdminInCapsuleData = 8192;

    /// <summary>Data from which on it is not copied into the send buffer, unless it has a digest to follow it.</summary>
    private const int SentInPlace = 16 * 1024;

    private readonly NativeMemoryBlock _send;
    private int _sendHead;
    private int _sendTail;

    // Slots with a capsule or requested data to send, in order. A slot is in here once at most.
    private readonly int[] _unsent;
    private int _unsentHead;
    private int _unsentCount;

    // Data that goes out in place, behind what is in the send buffer, and the slot that it is of.
    private byte* _inPlace;
    private int _inPlaceLeft;
    private int _inPlaceSlot = -1;

    private bool _headerDigest;
    private bool _dataDigest;
    private int _maxH2CData;

    private int HeaderDigestBytes => _headerDigest ? sizeof(uint) : 0;

    private int DataDigestBytes => _dataDigest ? sizeof(uint) : 0;

    private int InCapsuleLimit(in HostCommandSlot command) =>
        command.Entry.Opcode == (byte)AdminOpcode.Fabrics
            ? AdminInCapsuleData
            : Math.Min(_options.InCapsuleDataBytes, LongestInCapsuleData);

    private void Enqueue(int slot)
    {
        int position = _unsentHead + _unsentCount++;
        _unsent[position < _unsent.Length ? position : position - _unsent.Length] = slot;
    }

    private void SendWaiting()
    {
        while (IsConnected)
        {
            WriteWaiting();
            if ((_sendHead == _sendTail && _inPlaceLeft == 0) || !SendBuffered())
                return;
            if (_unsentCount == 0)
                return;
        }
    }

    /// <summary>Writes PDUs of the slots that wait, until the buffer is full.</summary>
    private void WriteWaiting()
    {
        while (_unsentCount > 0)
        {
            int slot = _unsent[_unsentHead];
            ref HostCommandSlot command = ref _slots[slot];
            bool written = command.State == HostSlotState.Unsent ? TryWriteCapsule(ref command) : TryWriteData(ref command, slot);
            if (!written)
                return;
            _unsentHead = _unsentHead + 1 == _unsent.Length ? 0 : _unsentHead + 1;
            _unsentCount--;
        }
    }

    private bool TryWriteCapsule(ref HostCommandSlot command)
    {
        int dataLength = command.InCapsule ? command.Length : 0;
        int dataOffset = CapsuleCmd.Size + HeaderDigestBytes;
        int pduLength = dataOffset + dataLength + (dataLength > 0 ? DataDigestBytes : 0);
        if (!HasRoom(pduLength))
            return false;

        byte* pdu = _send.Pointer + _sendTail;
        var header = (CapsuleCmd*)pdu;
        header->Ch = Header(PduType.CapsuleCmd, PduFlags.None, CapsuleCmd.Size, dataLength, pduLength);
        header->Sqe = command.Entry;
        FinishPdu(pdu, command.Buffer, dataLength, pduLength);
        command.Transferred = dataLength;
        command.State = HostSlotState.Outstanding;
        return true;
    }

    /// <summary>Writes H2CData PDUs for the R2T of a command; true when it is served in full.</summary>
    private bool TryWriteData(ref HostCommandSlot command, int slot)
    {
        while (command.Requested > 0)
        {
            int dataLength = Math.Min(command.Requested, _maxH2CData);
            int headerLength = DataPdu.Size + HeaderDigestBytes;
            int pduLength = headerLength + dataLength + DataDigestBytes;
            bool isInPlace = dataLength >= SentInPlace && !_dataDigest;
            if (!HasRoom(isInPlace ? headerLength : pduLength))
                return false;

            bool isLast = dataLength == command.Requested;
            byte* pdu = _send.Pointer + _sendTail;
            *(DataPdu*)pdu = new DataPdu
            {
                Ch = Header(PduType.H2CData, isLast ? PduFlags.LastPdu : PduFlags.None, DataPdu.Size, dataLength, pduLength),
                Cccid = command.Entry.Cid,
                Ttag = command.TransferTag,
                Datao = (uint)command.Transferred,
                Datal = (uint)dataLength,
            };
            byte* data = command.Buffer + command.Transferred;
            if (isInPlace)
            {
                FinishPdu(pdu, null, 0, headerLength);
                _inPlace = data;
                _inPlaceLeft = dataLength;
                _inPlaceSlot = slot;
            }
            else
            {
                FinishPdu(pdu, data, dataLength, pduLength);
            }

            command.Transferred += dataLength;
            command.Requested -= dataLength;
        }

        return true;
    }

    private CommonHeader Header(PduType type, PduFlags flags, int headerLength, int dataLength, int pduLength)
    {
        if (_headerDigest)
            flags |= PduFlags.HeaderDigest;
        if (_dataDigest && dataLength > 0)
            flags |= PduFlags.DataDigest;
        return new CommonHeader
        {
            PduType = type,
            Flags = flags,
            Hlen = (byte)headerLength,
            Pdo = (byte)(dataLength > 0 ? headerLength + HeaderDigestBytes : 0),
            Plen = (uint)pduLength,
        };
    }

    /// <summary>Adds header digest, data and data digest to a header in the send buffer.</summary>
    private void FinishPdu(byte* pdu, byte* data, int dataLength, int pduLength)
    {
        int headerLength = ((CommonHeader*)pdu)->Hlen;
        if (_headerDigest)
        {
            WriteDigest(pdu + headerLength, Crc32C.Compute(new ReadOnlySpan<byte>(pdu, headerLength)));
            headerLength += sizeof(uint);
        }

        if (dataLength > 0)
        {
            Unsafe.CopyBlockUnaligned(pdu + headerLength, data, (uint)dataLength);
            if (_dataDigest)
                WriteDigest(pdu + headerLength + dataLength, Crc32C.Compute(new ReadOnlySpan<byte>(data, dataLength)));
        }

        _sendTail += pduLength;
    }

    private static void WriteDigest(byte* at, uint digest) =>
        BinaryPrimitives.WriteUInt32LittleEndian(new Span<byte>(at, sizeof(uint)), digest);

    private bool HasRoom(int length)
    {
        if (_inPlaceLeft > 0)
            return false;
        if (length <= SendBufferBytes - _sendTail)
            return true;
        if (length > SendBufferBytes - (_sendTail - _sendHead))
            return false;
        System.Buffer.MemoryCopy(
            _send.Pointer + _sendHead, _send.Pointer, SendBufferBytes, _sendTail - _sendHead);
        _sendTail -= _sendHead;
        _sendHead = 0;
        return true;
    }

    /// <returns>Whether the buffer is empty now, and what is sent in place has gone.</returns>
    private bool SendBuffered()
    {
        int buffered = _sendTail - _sendHead;
        nint sent = SendVectors(buffered);
        if (sent < 0)
        {
            int error = Libc.LastError;
            if (error is not (Libc.Eagain or Libc.Eintr))
                Break($"send failed with error {error}");
            return false;
        }

        if (sent < buffered)
        {
            _sendHead += (int)sent;
            return false;
        }

        _sendHead = _sendTail = 0;
        _inPlace += sent - buffered;
        _inPlaceLeft -= (int)(sent - buffered);
        return _inPlaceLeft == 0;
    }

    private nint SendVectors(int buffered)
    {
        const int flags = Libc.MsgDontWait | Libc.MsgNoSignal;
        if (_inPlaceLeft == 0)
            return Libc.Send(_handle, _send.Pointer + _sendHead, (nuint)buffered, flags);
        if (buffered == 0)
            return Libc.Send(_handle, _inPlace, (nuint)_inPlaceLeft, flags);
        Libc.IoVector* vectors = stackalloc Libc.IoVector[2];
        vectors[0] = new Libc.IoVector { Base = _send.Pointer + _sendHead, Length = (nuint)buffered };
        vectors[1] = new Libc.IoVector { Base = _inPlace, Length = (nuint)_inPlaceLeft };
        var message = new Libc.MessageHeader { Vectors = vectors, VectorCount = 2 };
        return Libc.SendMessage(_handle, &message, flags);
    }
}
