using Emulator.Core;
using Emulator.Device;
using Emulator.Wire;

namespace Emulator.Tcp;

/// <summary>Responses, data to the host, and handing both to the socket.</summary>
internal sealed unsafe partial class TargetConnection
{
    /// <summary>What the answer to one command takes at most: a data PDU and a response capsule, with digests.</summary>
    private const int LargestAnswerBytes = DataPdu.Size + LargestPadding + DigestBytes + DigestBytes + CapsuleResp.Size + DigestBytes;

    private const int LargestPadding = 128;
    private const int LargestAnswerSegments = 4;

    /// <summary>A header that does not fit before the end of the ring leaves less than this unused.</summary>
    private const int RingSlack = 512;

    /// <summary>
    /// Whether another command may be taken in: there is room for its answer and for those of all that wait. A host that
    /// does not read its answers is not listened to either.
    /// </summary>
    private bool HasOutputRoom
    {
        get
        {
            int answers = _slots.Length - _freeSlotCount + 1;
            return _output.FreeHeaderBytes >= (answers * LargestAnswerBytes) + RingSlack
                && _output.FreeSegments >= answers * LargestAnswerSegments
                && _output.BufferedBytes <= _options.BufferBytesPerConnection;
        }
    }

    private bool OmitsResponse => _options.SuccessFlag switch
    {
        SuccessFlagUse.Always => true,
        SuccessFlagUse.Never => false,
        _ => !_queue!.HasFlowControl,
    };

    private void Respond(ushort commandId, in CommandOutcome outcome)
    {
        Check.That(outcome.Kind == OutcomeKind.Completed);
        Span<byte> bytes = _output.AddHeader(CapsuleResp.Size + (_headerDigest ? DigestBytes : 0));
        ref CapsuleResp response = ref WireStruct.As<CapsuleResp>(bytes[..CapsuleResp.Size]);
        response.Ch = Header(PduType.CapsuleResp, PduFlags.None, CapsuleResp.Size, 0, bytes.Length);
        response.Cqe = new CompletionEntry
        {
            Dw0 = outcome.Dw0,
            Dw1 = outcome.Dw1,
            Sqhd = _submissionHead,
            Cid = commandId,
            Status = outcome.Status,
        };
        AppendHeaderDigest(bytes, CapsuleResp.Size);
    }

    /// <summary>All data of a command in one C2HData, and a response capsule unless the SUCCESS flag stands for it.</summary>
    private void RespondWithData(ushort commandId, in CommandOutcome outcome, PooledBuffer buffer, int length)
    {
        bool omitResponse = OmitsResponse && (outcome.Dw0 | outcome.Dw1) == 0;
        int headerLength = DataPdu.Size + (_headerDigest ? DigestBytes : 0);
        int dataOffset = (headerLength + _dataAlignment - 1) / _dataAlignment * _dataAlignment;
        int total = dataOffset + length + (_dataDigest ? DigestBytes : 0);

        Span<byte> bytes = _output.AddHeader(dataOffset);
        bytes[DataPdu.Size..].Clear();
        ref DataPdu pdu = ref WireStruct.As<DataPdu>(bytes[..DataPdu.Size]);
        PduFlags flags = PduFlags.LastPdu
            | (omitResponse ? PduFlags.Success : PduFlags.None)
            | (_dataDigest ? PduFlags.DataDigest : PduFlags.None);
        pdu = new DataPdu
        {
            Ch = Header(PduType.C2HData, flags, DataPdu.Size, (byte)dataOffset, total),
            Cccid = commandId,
            Datal = (uint)length,
        };
        AppendHeaderDigest(bytes, DataPdu.Size);

        uint digest = _dataDigest ? Crc32C.Compute(new ReadOnlySpan<byte>(buffer.Memory, length)) : 0;
        _bufferBytes -= buffer.Bytes;
        _output.AddData(buffer, length);
        if (_dataDigest)
            WireStruct.Write<U32Le>(_output.AddHeader(DigestBytes), digest);
        if (!omitResponse)
            Respond(commandId, outcome);
    }

    public void Flush(SimTime now)
    {
        if (_state == ConnectionState.Closed)
            return;
        if (_output.IsEmpty)
        {
            EndSendingIfClosing();
            return;
        }

        int error = _output.Flush(_fd);
        bool blocked = error == Libc.Eagain;
        if (error is not (0 or Libc.Eagain or Libc.Eintr))
        {
            Close(now, "connection lost, error " + error);
            return;
        }

        if (blocked != IsBlocked)
        {
            IsBlocked = blocked;
            _reactor.WatchOutput(this, blocked);
        }

        if (!blocked)
            OnOutputSent(now);
    }

    /// <summary>The socket has taken everything: what waited for room goes on.</summary>
    private void OnOutputSent(SimTime now)
    {
        EndSendingIfClosing();
        if (_stalled && _state == ConnectionState.Open)
            _reactor.NeedsPoll(this);
    }

    /// <summary>Tells the peer that nothing more comes, so that it closes without waiting for the time limit.</summary>
    private void EndSendingIfClosing()
    {
        if (_state != ConnectionState.Closing || _sendingEnded)
            return;
        _sendingEnded = true;
        _ = Libc.Shutdown(_fd, Libc.ShutWrite);
    }

    private CommonHeader Header(PduType type, PduFlags flags, byte headerLength, byte dataOffset, int length) => new()
    {
        PduType = type,
        Flags = flags | (_headerDigest ? PduFlags.HeaderDigest : PduFlags.None),
        Hlen = headerLength,
        Pdo = dataOffset,
        Plen = (uint)length,
    };

    private void AppendHeaderDigest(Span<byte> pdu, int headerLength)
    {
        if (_headerDigest)
            WireStruct.Write<U32Le>(pdu[headerLength..], Crc32C.Compute(pdu[..headerLength]));
    }
}
