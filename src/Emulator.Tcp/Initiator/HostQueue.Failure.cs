using Emulator.Wire;

namespace Emulator.Tcp;

/// <summary>The end of a connection: what the controller did wrong, and what becomes of the commands it had.</summary>
public sealed unsafe partial class HostQueue
{
    /// <summary>
    /// Terminates the connection over a PDU that breaks a rule (TCP Transport 1.1, 3.6.2.4), with a request that holds
    /// its header.
    /// </summary>
    /// <returns>False: no more PDUs are parsed.</returns>
    private bool Violation(FatalErrorStatus fes, uint fei, byte* header, int headerLength)
    {
        byte* pdu = stackalloc byte[TermReq.MaximumPduLength];
        *(TermReq*)pdu = new TermReq
        {
            Ch = new CommonHeader
            {
                PduType = PduType.H2CTermReq,
                Hlen = TermReq.Size,
                Plen = (uint)(TermReq.Size + headerLength),
            },
            Fes = (ushort)fes,
            Fei = fei,
        };
        new ReadOnlySpan<byte>(header, headerLength).CopyTo(new Span<byte>(pdu + TermReq.Size, headerLength));
        var type = (PduType)header[0];

        // Behind half a PDU it would be taken for data: then the close must say it all.
        if (_sendHead == _sendTail && _inPlaceLeft == 0)
            _ = Libc.Send(_handle, pdu, (nuint)(TermReq.Size + headerLength), Libc.MsgDontWait | Libc.MsgNoSignal);
        Break($"the controller broke the protocol: {fes}, {fei:X}h in a PDU of type {type}");
        return false;
    }

    private void Break(string why)
    {
        if (Failure != null)
            return;
        Failure = why;
        _socket.Close();
    }

    /// <summary>Completes everything outstanding, since no answer will come.</summary>
    private void AbandonAll()
    {
        _unsentCount = 0;
        _inPlaceLeft = 0;
        _dataSlot = -1;
        for (int slot = 0; slot < _slots.Length; slot++)
        {
            if (_slots[slot].State is not (HostSlotState.Unsent or HostSlotState.Outstanding))
                continue;
            var aborted = new CompletionEntry { Cid = _slots[slot].Entry.Cid, Status = Status.CommandAbortedByHost };
            CompleteSlot(slot, aborted, withoutCapsule: false);
        }
    }
}
