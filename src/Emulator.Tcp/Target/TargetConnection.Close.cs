using Emulator.Core;
using Emulator.Device;
using Emulator.Wire;

namespace Emulator.Tcp;

/// <summary>The end of a connection: by the host, by a broken rule, or by the drive.</summary>
internal sealed unsafe partial class TargetConnection
{
    /// <summary>Until when a peer has to close after it was told that the connection is over.</summary>
    private static readonly SimDuration ClosingTime = SimDuration.FromSeconds(2);

    /// <summary>The drive gave up the queue: what was answered is still sent.</summary>
    void IQueueEndpoint.Close(CloseReason reason)
    {
        _controller = null;
        if (_state == ConnectionState.Open)
            BeginClosing(_reactor.Now, reason.ToString());
    }

    /// <summary>
    /// Ends the connection with a terminate request that repeats the header at fault (TCP Transport 1.1, 3.6.2.5).
    /// Returns false, for checks to return in turn.
    /// </summary>
    private bool Violate(SimTime now, FatalErrorStatus status, uint information, string what)
    {
        int start = _pduStart;
        int headerLength = Math.Min(Math.Min(_end - start, Math.Max(_input[start + HlenOffset], (byte)CommonHeader.Size)), LargestPadding);
        Span<byte> bytes = _output.AddHeader(TermReq.Size + headerLength);
        bytes.Clear();
        ref TermReq request = ref WireStruct.As<TermReq>(bytes[..TermReq.Size]);
        request.Ch = new CommonHeader
        {
            PduType = PduType.C2HTermReq,
            Hlen = TermReq.Size,
            Plen = (uint)bytes.Length,
        };
        request.Fes = (ushort)status;
        request.Fei = information;
        Input(start, headerLength).CopyTo(bytes[TermReq.Size..]);

        _reactor.Observer.ProtocolViolated(Peer, status, what);
        BeginClosing(now, what);
        return false;
    }

    /// <summary>Takes no more commands; sends what is queued, then waits a moment for the peer to close first.</summary>
    private void BeginClosing(SimTime now, string reason)
    {
        _state = ConnectionState.Closing;
        _closeReason = reason;
        _deadline = now + ClosingTime;
        LeaveQueue(now);
        DropCommands();
        _reactor.NeedsFlush(this);
        _reactor.HasDeadline();
    }

    /// <summary>Closes at once, whatever is still to be sent.</summary>
    public void Abandon(SimTime now, string reason) => Close(now, reason);

    private string _closeReason = "";
    private bool _sendingEnded;

    private void Close(SimTime now, string reason)
    {
        if (_state == ConnectionState.Closed)
            return;
        QueuePair? queue = _queue;
        string told = _state == ConnectionState.Closing ? _closeReason : reason;
        _state = ConnectionState.Closed;
        LeaveQueue(now);
        DropCommands();
        _output.Clear();
        _reactor.Forget(this);
        long allocated = GC.GetAllocatedBytesForCurrentThread();
        _reactor.Observer.ConnectionClosed(Peer, queue, told);
        _reactor.CountConnectionBytes(allocated);
    }

    private void LeaveQueue(SimTime now)
    {
        FabricsController? controller = _controller;
        _controller = null;
        controller?.Disconnect(now, _queue!);
    }

    private void DropCommands()
    {
        _payloadSlot = null;
        _payloadRemaining = 0;
        _stalled = false;
        _fusedFirst = null;
        _waitingForBuffer.Clear();
        foreach (CommandSlot slot in _slots)
        {
            if (slot.State == SlotState.Free)
                continue;
            ReturnBuffer(slot.Buffer);
            FreeSlot(slot);
        }
    }
}
