using System.Diagnostics;
using System.Net.Sockets;
using Emulator.Wire;

namespace Emulator.Tcp;

/// <summary>Making a connection: TCP, ICReq and ICResp, and the Connect command. Synchronous.</summary>
public sealed unsafe partial class HostQueue
{
    private const int LeastMaxH2CData = 4096;

    /// <summary>Connects and becomes a queue of the controller.</summary>
    /// <exception cref="HostConnectionException">There is nobody, or nobody who speaks NVMe/TCP.</exception>
    /// <exception cref="HostCommandException">The Connect command failed.</exception>
    public static HostQueue Connect(HostOptions host, HostQueueOptions options, ICompletionSink? sink = null)
    {
        HostQueue queue = Open(host, options, sink);
        try
        {
            HostCompletion completion = queue.ConnectQueue();
            if (!completion.IsSuccess)
                throw new HostCommandException($"Connect of queue {options.QueueId} to {host.SubsystemNqn}", completion);
            return queue;
        }
        catch
        {
            queue.Dispose();
            throw;
        }
    }

    /// <summary>Connects the socket and initializes the connection, but sends no Connect command.</summary>
    public static HostQueue Open(HostOptions host, HostQueueOptions options, ICompletionSink? sink = null)
    {
        var socket = new Socket(host.EndPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        HostQueue? queue = null;
        try
        {
            ConnectSocket(socket, host);
            queue = new HostQueue(host, options, sink, socket);
            queue.Initialize();
            return queue;
        }
        catch (Exception failure)
        {
            queue?.Dispose();
            socket.Dispose();
            if (failure is SocketException)
                throw new HostConnectionException($"cannot connect to {host.EndPoint}: {failure.Message}", failure);
            throw;
        }
    }

    private static void ConnectSocket(Socket socket, HostOptions host)
    {
        if (host.ResetsOnClose)
            socket.LingerState = new LingerOption(true, 0);
        using var timeout = new CancellationTokenSource(host.Timeout);
        try
        {
            socket.ConnectAsync(host.EndPoint, timeout.Token).AsTask().GetAwaiter().GetResult();
        }
        catch (OperationCanceledException)
        {
            throw new HostConnectionException($"cannot connect to {host.EndPoint}: no answer in time");
        }
    }

    /// <summary>Sends the Connect command of this queue and takes over the controller identifier.</summary>
    public HostCompletion ConnectQueue()
    {
        ConnectData data = default;
        WireStruct.Write(data.Hostid, _host.HostId);
        data.Cntlid = _options.ControllerId;
        if (!TextField.TryWriteTerminated(data.Subnqn, _host.SubsystemNqn)
            || !TextField.TryWriteTerminated(data.Hostnqn, _host.HostNqn))
            throw new ArgumentException("an NQN is longer than its field");
        ConnectCommand command = ConnectCommandOf(_options, _host);
        HostCompletion completion = Execute(
            WireStruct.Read<SubmissionEntry>(WireStruct.Bytes(ref command)), WireStruct.Bytes(ref data));
        if (completion.IsSuccess)
            ControllerId = (ushort)completion.Dw0;
        return completion;
    }

    private static ConnectCommand ConnectCommandOf(HostQueueOptions options, HostOptions host) => new()
    {
        Opcode = (byte)AdminOpcode.Fabrics,
        Fctype = FabricsCommandType.Connect,
        Qid = options.QueueId,
        Sqsize = (ushort)options.Depth,
        Cattr = (byte)(host.DisableFlowControl ? ConnectAttributes.DisableSqFlowControl : ConnectAttributes.None),
        Kato = options.QueueId == 0 ? (uint)host.KeepAliveTimeout.TotalMilliseconds : 0,
    };

    private void Initialize()
    {
        var request = new IcReq
        {
            Ch = new CommonHeader { PduType = PduType.IcReq, Hlen = IcReq.Size, Plen = IcReq.Size },
            Dgst = _host.Digests,
        };
        WireStruct.Write(_send.Slice(0, IcReq.Size), request);
        _sendTail = IcReq.Size;
        SendWaiting();

        IcResp response = ReceiveIcResp();
        if (response.Pfv != 0 || response.Cpda != 0 || (response.Dgst & ~_host.Digests) != 0)
            throw new HostConnectionException(
                $"ICResp does not match: PFV {response.Pfv}, CPDA {response.Cpda}, digests {response.Dgst}");
        if (response.Maxh2cdata < LeastMaxH2CData || response.Maxh2cdata % sizeof(uint) != 0)
            throw new HostConnectionException($"ICResp has MAXH2CDATA {response.Maxh2cdata}");

        _headerDigest = (response.Dgst & PduDigests.Header) != 0;
        _dataDigest = (response.Dgst & PduDigests.Data) != 0;
        _maxH2CData = (int)Math.Min(response.Maxh2cdata, LongestH2CData);
    }

    private IcResp ReceiveIcResp()
    {
        long start = Stopwatch.GetTimestamp();
        while (Received < IcResp.Size)
        {
            if (Stopwatch.GetElapsedTime(start) > _host.Timeout)
                throw new HostConnectionException("no ICResp in time");
            WaitForSocket(_host.Timeout - Stopwatch.GetElapsedTime(start));
            nint received = Libc.Receive(
                _handle, _receive.Pointer + _receiveTail, (nuint)(IcResp.Size - _receiveTail), Libc.MsgDontWait);
            if (received == 0 || (received < 0 && Libc.LastError is not (Libc.Eagain or Libc.Eintr)))
                throw new HostConnectionException("the connection was closed instead of an ICResp");
            _receiveTail += Math.Max(0, (int)received);
        }

        IcResp response = *(IcResp*)_receive.Pointer;
        _receiveTail = 0;
        if (response.Ch.PduType != PduType.IcResp || response.Ch.Hlen != IcResp.Size || response.Ch.Plen != IcResp.Size)
            throw new HostConnectionException($"a PDU of type {response.Ch.PduType} came instead of ICResp");
        return response;
    }
}
