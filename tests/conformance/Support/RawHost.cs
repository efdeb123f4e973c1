using System.Net;
using Emulator.Tcp;
using Emulator.Wire;

namespace Emulator.ConformanceTests;

/// <summary>A host on a bare connection, for what <see cref="HostQueue"/> refuses to do.</summary>
public sealed class RawHost(IPEndPoint endPoint, string subsystem, PduDigests digests, int receiveBufferBytes = 0) : IDisposable
{
    private ushort _nextCid;

    public PduConnection Connection { get; } = PduConnection.Open(endPoint, TestTarget.Patience, receiveBufferBytes);

    public PduDigests Digests { get; } = digests;

    public ushort ControllerId { get; private set; }

    /// <summary>Bytes of a command header with its digest.</summary>
    public int CapsuleBytes => CapsuleCmd.Size + ((Digests & PduDigests.Header) != 0 ? sizeof(uint) : 0);

    public IcResp Initialize()
    {
        Connection.Send(PduBuilder.IcReq(Digests));
        return Assert.IsType<ReceivedPdu>(Connection.Read()).As<IcResp>();
    }

    public void ConnectAdmin() =>
        AdoptController(Connect(ConnectCommandOf(0), ConnectDataOf(ConnectData.AnyDynamicController)));

    /// <summary>Takes the controller identifier from the answer to Connect.</summary>
    public void AdoptController(CompletionEntry response)
    {
        Assert.Equal(Status.Success, response.Status);
        ControllerId = (ushort)response.Dw0;
    }

    public void ConnectIo(ushort controllerId, ushort queueId) =>
        Assert.Equal(Status.Success, Connect(ConnectCommandOf(queueId), ConnectDataOf(controllerId)).Status);

    public void Enable() => Assert.True(Execute(EnableCommand).Status.IsSuccess);

    public static SubmissionEntry EnableCommand => HostCommands.PropertySet(
        ControllerProperty.Cc, new ControllerConfiguration { En = true, Iosqes = 6, Iocqes = 4 }.Value);

    public static ConnectCommand ConnectCommandOf(ushort queueId) => new()
    {
        Opcode = (byte)AdminOpcode.Fabrics,
        Fctype = FabricsCommandType.Connect,
        Qid = queueId,
        Sqsize = 31,
    };

    public ConnectData ConnectDataOf(ushort controllerId, string host = "nqn.2026-11.io.emulator:raw")
    {
        ConnectData data = default;
        ((Span<byte>)data.Hostid)[0] = 2;
        data.Cntlid = controllerId;
        Assert.True(TextField.TryWriteTerminated(data.Subnqn, subsystem));
        Assert.True(TextField.TryWriteTerminated(data.Hostnqn, host));
        return data;
    }

    /// <summary>The PDU of a Connect command.</summary>
    public byte[] ConnectPdu(ConnectCommand command, ConnectData data)
    {
        command.Cid = ++_nextCid;
        return PduBuilder.Capsule(
            WireStruct.Read<SubmissionEntry>(WireStruct.Bytes(ref command)), WireStruct.Bytes(ref data), Digests);
    }

    public CompletionEntry Connect(ConnectCommand command, ConnectData data)
    {
        Connection.Send(ConnectPdu(command, data));
        return ReadResponse();
    }

    /// <summary>Sends a command, with data in the capsule if there is any.</summary>
    /// <returns>Its CID.</returns>
    public ushort Send(SubmissionEntry entry, ReadOnlySpan<byte> data = default)
    {
        entry.Cid = ++_nextCid;
        Connection.Send(PduBuilder.Capsule(entry, data, Digests));
        return entry.Cid;
    }

    /// <summary>Sends a command whose data, of the given length, goes in data PDUs.</summary>
    public ushort SendWithDataPdus(SubmissionEntry entry, int length)
    {
        entry.Sgl1 = PduBuilder.InDataPdus((uint)length);
        return Send(entry);
    }

    /// <summary>Sends a command that transfers data to the controller and reads the R2T.</summary>
    public R2T SendAndReadR2T(SubmissionEntry entry, int length)
    {
        ushort commandId = SendWithDataPdus(entry, length);
        ReceivedPdu pdu = Read();
        Assert.Equal(PduType.R2T, pdu.Type);
        R2T request = pdu.As<R2T>();
        Assert.Equal(commandId, request.Cccid.Value);
        return request;
    }

    /// <summary>Sends the data that an R2T asks for, in PDUs that every controller takes.</summary>
    public void SendData(R2T request, ReadOnlySpan<byte> data)
    {
        const int most = 4096;
        int end = (int)(request.R2to + request.R2tl.Value);
        for (int offset = (int)request.R2to.Value; offset < end; offset += most)
        {
            int length = Math.Min(most, end - offset);
            Connection.Send(PduBuilder.H2CData(
                request.Cccid, request.Ttag, offset, data.Slice(offset, length), offset + length == end, Digests));
        }
    }

    public CompletionEntry Execute(SubmissionEntry entry, ReadOnlySpan<byte> data = default)
    {
        ushort commandId = Send(entry, data);
        CompletionEntry response = ReadResponse();
        Assert.Equal(commandId, response.Cid.Value);
        return response;
    }

    public ReceivedPdu Read()
    {
        ReceivedPdu? pdu = Connection.Read();
        Assert.NotNull(pdu);
        Assert.True(pdu.DigestsHold);
        return pdu;
    }

    public CompletionEntry ReadResponse()
    {
        ReceivedPdu pdu = Read();
        Assert.Equal(PduType.CapsuleResp, pdu.Type);
        return pdu.As<CapsuleResp>().Cqe;
    }

    /// <summary>
    /// The target terminates the connection with this status, repeats the header at fault, and closes.
    /// </summary>
    /// <param name="sent">The PDU at fault.</param>
    public void AssertTerminated(FatalErrorStatus status, uint information, ReadOnlySpan<byte> sent)
    {
        ReceivedPdu? pdu = Connection.Read();
        while (pdu is { Type: not PduType.C2HTermReq })
            pdu = Connection.Read();
        Assert.NotNull(pdu);

        TermReq request = pdu.As<TermReq>();
        Assert.Equal((status, information), ((FatalErrorStatus)request.Fes.Value, request.Fei.Value));
        Assert.Equal(PduFlags.None, pdu.Header.Flags);
        Assert.Equal(TermReq.Size, pdu.Header.Hlen);
        Assert.InRange(pdu.Bytes.Length, TermReq.Size + CommonHeader.Size, TermReq.MaximumPduLength);
        byte[] repeated = pdu.Bytes[TermReq.Size..];
        Assert.Equal(sent[..repeated.Length].ToArray(), repeated);
        AssertClosed();
    }

    /// <summary>The target closes the connection, whatever it may still say before.</summary>
    public void AssertClosed()
    {
        while (Connection.Read() != null)
        {
        }
    }

    public void Dispose() => Connection.Dispose();
}
