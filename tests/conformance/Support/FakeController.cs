using System.Net;
using System.Net.Sockets;
using Emulator.Tcp;
using Emulator.Wire;

namespace Emulator.ConformanceTests;

/// <summary>
/// A controller that connects one queue as it should and then does what a test tells it to, to see what the host makes
/// of it.
/// </summary>
public sealed class FakeController : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private Socket? _socket;

    public FakeController() => _listener.Start();

    public HostOptions Host => new()
    {
        EndPoint = (IPEndPoint)_listener.LocalEndpoint,
        SubsystemNqn = "nqn.2026-11.io.emulator:fake",
        Timeout = TestTarget.Patience,
    };

    public PduDigests Digests { get; init; }

    public IcResp Response { get; set; } = new()
    {
        Ch = new CommonHeader { PduType = PduType.IcResp, Hlen = IcResp.Size, Plen = IcResp.Size },
        Maxh2cdata = 4096,
    };

    /// <summary>The command of the host that came after Connect.</summary>
    public SubmissionEntry Command { get; private set; }

    /// <summary>Connects a host, which then executes one command, answered by the bytes that the script makes.</summary>
    /// <returns>The queue of the host and the slot of its command.</returns>
    public HostQueue Connect(SubmissionEntry command, int length, Func<FakeController, byte[]> script, out int slot)
    {
        var serving = new Thread(() => Serve(script));
        serving.Start();
        HostQueue queue = HostQueue.Connect(
            Host with { Digests = Digests },
            new HostQueueOptions { QueueId = 0, Depth = 4, BufferBytes = 64 * 1024, InCapsuleDataBytes = 0 });
        slot = queue.Begin(command, new byte[length]);
        serving.Join();
        return queue;
    }

    public void AcceptAndAnswerIcReq()
    {
        _socket = _listener.AcceptSocket();
        ReadExactly(IcReq.Size);
        IcResp response = Response;
        response.Dgst = Digests;
        _socket.Send(WireStruct.Bytes(ref response));
    }

    /// <summary>The next PDU of the host; null when it has closed.</summary>
    public ReceivedPdu? Read()
    {
        byte[]? header = ReadExactly(CommonHeader.Size);
        if (header == null)
            return null;
        uint length = WireStruct.Read<CommonHeader>(header).Plen;
        return ReadExactly((int)length - header.Length) is { } rest ? new ReceivedPdu([.. header, .. rest]) : null;
    }

    public byte[] DataFor(int offset, int length, PduFlags flags = PduFlags.LastPdu)
    {
        // A C2HData is an H2CData of another type with a reserved field in place of the tag.
        byte[] pdu = PduBuilder.H2CData(Command.Cid, 0, offset, new byte[length], isLast: false, Digests);
        ref CommonHeader header = ref WireStruct.As<CommonHeader>(pdu);
        header.PduType = PduType.C2HData;
        header.Flags |= flags;
        PduBuilder.SealHeader(pdu);
        return pdu;
    }

    public byte[] R2TFor(uint offset, uint length)
    {
        var request = new R2T
        {
            Ch = new CommonHeader { PduType = PduType.R2T, Hlen = R2T.Size, Plen = R2T.Size },
            Cccid = Command.Cid,
            Ttag = 9,
            R2to = offset,
            R2tl = length,
        };
        return WireStruct.Bytes(ref request).ToArray();
    }

    public byte[] ResponseFor(ushort commandId)
    {
        bool digest = (Digests & PduDigests.Header) != 0;
        byte[] pdu = new byte[CapsuleResp.Size + (digest ? sizeof(uint) : 0)];
        WireStruct.As<CapsuleResp>(pdu) = new CapsuleResp
        {
            Ch = new CommonHeader
            {
                PduType = PduType.CapsuleResp,
                Flags = digest ? PduFlags.HeaderDigest : PduFlags.None,
                Hlen = CapsuleResp.Size,
                Plen = (uint)pdu.Length,
            },
            Cqe = new CompletionEntry { Cid = commandId },
        };
        PduBuilder.SealHeader(pdu);
        return pdu;
    }

    public void Close() => _socket?.Close();

    public void Dispose()
    {
        _socket?.Dispose();
        _listener.Dispose();
    }

    private void Serve(Func<FakeController, byte[]> script)
    {
        AcceptAndAnswerIcReq();
        _socket!.Send(ResponseFor(Read()!.As<CapsuleCmd>().Sqe.Cid));
        Command = Read()!.As<CapsuleCmd>().Sqe;
        _socket.Send(script(this));
    }

    private byte[]? ReadExactly(int length)
    {
        byte[] into = new byte[length];
        for (int filled = 0; filled < length;)
        {
            int received = _socket!.Receive(into.AsSpan(filled));
            if (received == 0)
                return null;
            filled += received;
        }

        return into;
    }
}
