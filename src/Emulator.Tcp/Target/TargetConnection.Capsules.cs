using System.Runtime.InteropServices;
using System.Text;
using Emulator.Core;
using Emulator.Device;
using Emulator.Wire;

namespace Emulator.Tcp;

/// <summary>Connection set-up and command capsules.</summary>
internal sealed unsafe partial class TargetConnection
{
    /// <summary>Where Connect data has SUBNQN.</summary>
    private const int SubnqnOffset = 256;

    private CommandSlot? _fusedFirst;

    /// <inheritdoc/>
    public TransportQueueState Connection => new()
    {
        TransportType = (byte)TransportType.Tcp,
        Flags = (byte)((_headerDigest ? TransportQueueState.HeaderDigest : 0)
            | (_dataDigest ? TransportQueueState.DataDigest : 0)),
        HostAlignment = (byte)((_dataAlignment / 4) - 1),
        MaxHostData = (uint)_options.MaxH2CDataBytes,
    };

    /// <summary>ICReq (TCP Transport 1.1, 3.6.2.2): takes the digests and the alignment that the host asks for.</summary>
    private void HandleInitialize(SimTime now, int start)
    {
        ref readonly IcReq request = ref WireStruct.Read<IcReq>(Input(start, IcReq.Size));
        const PduDigests known = PduDigests.Header | PduDigests.Data;
        const int pfvOffset = 8;
        const int hpdaOffset = 10;
        const int digestOffset = 11;
        const int largestAlignment = 31;
        if (request.Pfv != 0)
        {
            Violate(now, FatalErrorStatus.UnsupportedParameter, pfvOffset, $"PFV is {request.Pfv}");
            return;
        }

        if (request.Hpda > largestAlignment)
        {
            Violate(now, FatalErrorStatus.InvalidPduHeaderField, hpdaOffset, $"HPDA is {request.Hpda}");
            return;
        }

        if ((request.Dgst & ~known) != 0)
        {
            Violate(now, FatalErrorStatus.InvalidPduHeaderField, digestOffset, $"DGST is {request.Dgst}");
            return;
        }

        Span<byte> response = _output.AddHeader(IcResp.Size);
        response.Clear();
        ref IcResp answer = ref WireStruct.As<IcResp>(response);
        answer.Ch = new CommonHeader { PduType = PduType.IcResp, Hlen = IcResp.Size, Plen = IcResp.Size };
        answer.Dgst = request.Dgst;
        answer.Maxh2cdata = (uint)_options.MaxH2CDataBytes;
        _headerDigest = (request.Dgst & PduDigests.Header) != 0;
        _dataDigest = (request.Dgst & PduDigests.Data) != 0;
        _dataAlignment = 4 * (request.Hpda + 1);
        _state = ConnectionState.Open;
    }

    private void HandleCapsule(SimTime now, int start, int length)
    {
        ref readonly CommonHeader header = ref WireStruct.Read<CommonHeader>(Input(start, CommonHeader.Size));
        ref readonly SubmissionEntry entry =
            ref WireStruct.Read<SubmissionEntry>(Input(start + CommonHeader.Size, SubmissionEntry.Size));
        int dataStart = start + header.Hlen + (_headerDigest ? DigestBytes : 0);
        int dataEnd = start + length - (HasDataDigest(header) ? DigestBytes : 0);
        Span<byte> capsuleData = new(_input + dataStart, Math.Max(0, dataEnd - dataStart));
        bool digestFailed = HasDataDigest(header) && !IsDataDigestRight(capsuleData, dataEnd);

        if (_queue == null)
        {
            HandleBeforeConnect(now, entry, capsuleData, digestFailed);
            return;
        }

        _submissionHead = _queue.Fetch();
        if (IsInFlight(entry.Cid) && !MayShareIdentifier(entry))
            Respond(entry.Cid, CommandOutcome.Completed(now, Status.CommandIdConflict.WithDoNotRetry()));
        else if (digestFailed)
            Respond(entry.Cid, CommandOutcome.Completed(now, Status.TransientTransportError));
        else
            Dispatch(now, entry, capsuleData);
    }

    /// <summary>Decides where the data of a command is, or is to go, and executes what can be executed at once.</summary>
    private void Dispatch(SimTime now, in SubmissionEntry entry, Span<byte> capsuleData)
    {
        if (entry.Fuse != FusedOperation.Normal || _fusedFirst != null)
        {
            DispatchFused(now, entry, capsuleData);
            return;
        }

        DataDirection direction = DataDirections.Of(entry);
        uint length = entry.Sgl1.Length;
        if (direction == DataDirection.None || length == 0)
        {
            Execute(now, entry, default, 0);
        }
        else if (CheckDataPointer(entry, direction, capsuleData.Length) is { IsSuccess: false } problem)
        {
            Respond(entry.Cid, CommandOutcome.Completed(now, problem.WithDoNotRetry()));
        }
        else if (IsInCapsule(entry))
        {
            CommandOutcome outcome = _controller!.Submit(
                now, _queue!, entry, capsuleData.Slice((int)entry.Sgl1.Address.Value, (int)length));
            Finish(now, entry, outcome, default, 0);
        }
        else if (direction == DataDirection.HostToController || !TryTakeBuffer((int)length, out PooledBuffer buffer))
        {
            WaitForData(now, entry, (int)length);
        }
        else
        {
            Execute(now, entry, buffer, (int)length);
        }
    }

    /// <summary>Executes a command whose data, if it has any, is or goes in <paramref name="buffer"/>.</summary>
    private void Execute(SimTime now, in SubmissionEntry entry, PooledBuffer buffer, int length)
    {
        CommandOutcome outcome = _controller!.Submit(now, _queue!, entry, new Span<byte>(buffer.Memory, length));
        Finish(now, entry, outcome, buffer, length);
    }

    /// <summary>Answers a command that was executed, now or when its time has come.</summary>
    private void Finish(
        SimTime now, in SubmissionEntry entry, in CommandOutcome outcome, PooledBuffer buffer, int length)
    {
        if (outcome.Kind == OutcomeKind.Completed && outcome.Due <= now)
        {
            Answer(entry, outcome, buffer, length);
            return;
        }

        CommandSlot? slot = TakeSlot(now, entry);
        if (slot == null)
        {
            ReturnBuffer(buffer);
            return;
        }

        slot.Buffer = buffer;
        slot.DataLength = length;
        Park(slot, outcome);
    }

    private void Answer(
        in SubmissionEntry entry, in CommandOutcome outcome, PooledBuffer buffer, int length)
    {
        bool sendsData = DataDirections.Of(entry) == DataDirection.ControllerToHost && length > 0;
        if (sendsData && outcome.IsSuccess)
        {
            RespondWithData(entry.Cid, outcome, buffer, length);
            return;
        }

        ReturnBuffer(buffer);
        Respond(entry.Cid, outcome);
    }

    private Status CheckDataPointer(in SubmissionEntry entry, DataDirection direction, int capsuleData)
    {
        const byte inCapsule = ((byte)SglDescriptorType.DataBlock << 4) | (byte)SglSubType.Offset;
        const byte transport = ((byte)SglDescriptorType.TransportDataBlock << 4) | (byte)SglSubType.TransportSpecific;
        uint length = entry.Sgl1.Length;
        if (direction == DataDirection.Bidirectional)
            return Status.InvalidOpcode;
        if (entry.Sgl1.Identifier == inCapsule)
        {
            if (direction != DataDirection.HostToController)
                return Status.SglDescriptorTypeInvalid;
            if (entry.Sgl1.Address > (uint)capsuleData)
                return Status.SglOffsetInvalid;
            return length <= (uint)capsuleData - entry.Sgl1.Address ? Status.Success : Status.DataSglLengthInvalid;
        }

        if (entry.Sgl1.Identifier != transport)
            return Status.SglDescriptorTypeInvalid;
        return length <= (uint)_controller!.MaxTransferBytes ? Status.Success : Status.InvalidField;
    }

    private static bool IsInCapsule(in SubmissionEntry entry) =>
        entry.Sgl1.Type == SglDescriptorType.DataBlock;

    /// <summary>Until Connect has succeeded there is no queue: nothing but Connect is executed.</summary>
    private void HandleBeforeConnect(
        SimTime now, in SubmissionEntry entry, ReadOnlySpan<byte> data, bool digestFailed)
    {
        bool isConnect = entry.Opcode == (byte)AdminOpcode.Fabrics
            && (FabricsCommandType)(byte)entry.Nsid.Value == FabricsCommandType.Connect;
        if (digestFailed)
            Respond(entry.Cid, CommandOutcome.Completed(now, Status.TransientTransportError));
        else if (!isConnect)
            Respond(entry.Cid, CommandOutcome.Completed(now, Status.CommandSequenceError.WithDoNotRetry()));
        else if (data.Length < ConnectData.Size || entry.Sgl1.Length != ConnectData.Size)
            Respond(entry.Cid, CommandOutcome.Completed(now, Status.DataSglLengthInvalid.WithDoNotRetry()));
        else
        {
            long allocated = GC.GetAllocatedBytesForCurrentThread();
            Connect(now, entry, WireStruct.Read<ConnectData>(data[..ConnectData.Size]));
            _reactor.CountConnectionBytes(allocated);
        }
    }

    private void Connect(SimTime now, in SubmissionEntry entry, in ConnectData data)
    {
        string nqn = Encoding.UTF8.GetString(TextField.Terminated(data.Subnqn));
        ref readonly ConnectCommand command =
            ref WireStruct.Read<ConnectCommand>(MemoryMarshal.AsBytes(new ReadOnlySpan<SubmissionEntry>(in entry)));
        ISubsystem? subsystem = _reactor.FindSubsystem(nqn);
        ConnectOutcome outcome = subsystem == null
            ? ConnectOutcome.InvalidParameter(SubnqnOffset, inData: true)
            : subsystem.Connect(now, command, data, this);
        if (outcome.Queue is { } queue)
        {
            _subsystem = subsystem;
            _queue = queue;
            _controller = queue.Controller;
            _deadline = SimTime.Never;
            SizeSlots(queue.Entries);
            _submissionHead = queue.Fetch();
            _reactor.Observer.QueueConnected(Peer, queue, nqn);
        }
        else
        {
            string host = Encoding.UTF8.GetString(TextField.Terminated(data.Hostnqn));
            _reactor.Observer.ConnectRefused(Peer, nqn, host, outcome.Status);
        }

        Respond(entry.Cid, CommandOutcome.Completed(now, outcome.Status, outcome.Dw0));
    }
}
