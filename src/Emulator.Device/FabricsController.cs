using System.Runtime.InteropServices;
using Emulator.Core;
using Emulator.Wire;

namespace Emulator.Device;

/// <summary>
/// What every controller over fabrics has, whatever it controls: properties, the admin queue with its asynchronous
/// events and Abort, the keep-alive timer, and the list of its queues. A controller lives as long as its admin queue
/// (the dynamic controller model, Base 2.1, 3.1.3.3).
/// </summary>
public abstract partial class FabricsController
{
    private const byte SglFlags = (byte)DataTransferFormat.SglWithMetadataBuffer << 6;
    private const byte SglWithMetadataSegmentFlags = (byte)DataTransferFormat.SglWithMetadataSegment << 6;

    private readonly QueuePair?[] _queues;

    /// <param name="id">Controller identifier.</param>
    /// <param name="host">The host that connected.</param>
    /// <param name="ioQueues">I/O queues that can be had at most.</param>
    protected FabricsController(ushort id, HostIdentity host, int ioQueues)
    {
        Id = id;
        Host = host;
        _queues = new QueuePair?[ioQueues + 1];
    }

    /// <summary>CNTLID.</summary>
    public ushort Id { get; }

    public HostIdentity Host { get; }

    /// <summary>The longest data transfer of a command in bytes; the transport refuses a longer one before it starts.</summary>
    public abstract int MaxTransferBytes { get; }

    /// <summary>CAP.MQES: entries of an I/O queue, 1-based.</summary>
    public abstract int MaxQueueEntries { get; }

    /// <summary>Whether the admin queue is still there.</summary>
    public bool IsConnected => _queues[0] != null;

    /// <summary>Whether a host that connects again must take another controller: this one is neither reset nor shut down.</summary>
    internal bool IsInUse => IsConnected && !_wasLeft;

    protected bool HasIoQueues => Array.FindIndex(_queues, 1, queue => queue != null) > 0;

    protected QueuePair? AdminQueue => _queues[0];

    /// <summary>Queues that are connected, the admin queue first.</summary>
    internal IEnumerable<QueuePair> Queues => from queue in _queues where queue != null select queue;

    /// <summary>
    /// Executes a command to the end, but for what is pending, and moves its data.
    /// </summary>
    /// <param name="now">The time of the call.</param>
    /// <param name="queue">The queue that the command came by.</param>
    /// <param name="entry">The submission queue entry.</param>
    /// <param name="data">
    /// For a transfer to the controller the data, for one from it a buffer of the length that the SGL names, every byte
    /// of which is written when the command succeeds; otherwise empty. Not used after the call.
    /// </param>
    public CommandOutcome Submit(SimTime now, QueuePair queue, in SubmissionEntry entry, Span<byte> data)
    {
        ReleaseEvents();
        if (entry.Opcode == (byte)AdminOpcode.Fabrics)
            return ExecuteFabrics(now, queue, entry);
        if (!IsReady)
            return CommandOutcome.Completed(now, Status.CommandSequenceError.WithDoNotRetry());
        if (entry.Flags is not (SglFlags or SglWithMetadataSegmentFlags))
            return CommandOutcome.Completed(now, FlagsProblem(entry).WithDoNotRetry());

        CommandOutcome outcome = queue.IsAdmin ? ExecuteAdmin(now, entry, data) : ExecuteIo(now, queue, entry, data);
        if (outcome.Kind == OutcomeKind.Completed && !outcome.Status.IsSuccess)
            OnFailed(now, queue, entry, outcome.Status);
        return outcome.Sync.IsNone ? outcome : UntilDurable(queue, entry, outcome);
    }

    /// <summary>The transport may post completions of a queue.</summary>
    internal bool Has(QueuePair queue) => _queues[queue.Id] == queue;

    /// <summary>
    /// Executes two fused commands as one (Base 2.1, 3.4.2). The transport pairs them: a first or second that comes alone
    /// goes to <see cref="Submit"/>, which refuses it.
    /// </summary>
    public virtual void SubmitFused(
        SimTime now,
        QueuePair queue,
        in SubmissionEntry first,
        Span<byte> firstData,
        in SubmissionEntry second,
        Span<byte> secondData,
        out CommandOutcome firstOutcome,
        out CommandOutcome secondOutcome) =>
        firstOutcome = secondOutcome = CommandOutcome.Completed(now, Status.InvalidField.WithDoNotRetry());

    /// <summary>The transport lost a queue, or its host closed it without a Disconnect command.</summary>
    public void Disconnect(SimTime now, QueuePair queue)
    {
        if (_queues[queue.Id] != queue)
            return;
        _queues[queue.Id] = null;
        if (queue.IsAdmin)
            Terminate(now, CloseReason.AssociationLost);
    }

    /// <summary>Ends the association: every queue is closed and the controller is gone.</summary>
    public void Terminate(SimTime now, CloseReason reason)
    {
        foreach (ref QueuePair? queue in _queues.AsSpan())
        {
            QueuePair? closing = queue;
            queue = null;
            closing?.Endpoint.Close(reason);
        }

        OnTerminated(now);
    }

    /// <summary>A firmware fault: CSTS.CFS is set and every connection is closed (Base 2.1, 9.5).</summary>
    public void Fault(SimTime now)
    {
        _status = _status with { Cfs = true };
        Terminate(now, CloseReason.FirmwareFault);
    }

    /// <summary>The host was halted: it neither sends keep-alives nor receives events.</summary>
    internal void Hold(SimTime now)
    {
        if (_isKeepAliveHeld)
            return;
        HoldKeepAlive(now);
        HoldEvents();
    }

    /// <summary>The host runs again.</summary>
    internal void Release(SimTime now)
    {
        ReleaseKeepAlive(now);
        ReleaseEvents();
    }

    internal ConnectOutcome AddQueue(in ConnectCommand command, IQueueEndpoint endpoint)
    {
        int id = command.Qid;
        if (id >= _queues.Length || (id != 0 && id > GrantedIoQueues))
            return ConnectOutcome.InvalidParameter(ConnectRules.QidOffset, inData: false);
        if (id != 0 && !IsReady)
            return ConnectOutcome.Refused(Status.CommandSequenceError.WithDoNotRetry());
        if (_queues[id] != null)
            return ConnectOutcome.Refused(Status.CommandSequenceError.WithDoNotRetry());

        var queue = new QueuePair(this, command.Qid, command.Sqsize + 1, ConnectRules.WantsFlowControl(command), endpoint);
        _queues[id] = queue;
        return new ConnectOutcome(Status.Success, Id, queue);
    }

    /// <summary>How many I/O queues the host was granted; it may connect those numbered 1 to this.</summary>
    protected abstract int GrantedIoQueues { get; }

    protected abstract CommandOutcome ExecuteAdmin(SimTime now, in SubmissionEntry entry, Span<byte> data);

    protected abstract CommandOutcome ExecuteIo(SimTime now, QueuePair queue, in SubmissionEntry entry, Span<byte> data);

    /// <summary>A command is over when a synchronisation of the medium is.</summary>
    /// <returns>Pending.</returns>
    private protected virtual CommandOutcome UntilDurable(QueuePair queue, in SubmissionEntry entry, in CommandOutcome outcome)
    {
        Check.Fail("a controller without a medium waits for one");
        return default;
    }

    /// <summary>The host wants to be rid of a command of an I/O queue, which may be over by now.</summary>
    private protected virtual void OnAbort(SimTime now, QueuePair queue, ushort commandId)
    {
    }

    /// <summary>A command other than a Fabrics command ended with an error; the error log is for that.</summary>
    protected virtual void OnFailed(SimTime now, QueuePair queue, in SubmissionEntry entry, Status status)
    {
    }

    /// <summary>The controller was disabled: features go back to their defaults (Base 2.1, 3.7.2).</summary>
    protected abstract void OnReset(SimTime now);

    /// <summary>The host announced a shutdown: make durable what is volatile.</summary>
    /// <returns>When it is.</returns>
    protected abstract SimTime OnShutdown(SimTime now);

    /// <summary>The association is over: whoever keeps the list of controllers drops this one.</summary>
    protected abstract void OnTerminated(SimTime now);

    /// <summary>Over fabrics data is described by SGLs alone; fused commands come in pairs.</summary>
    private static Status FlagsProblem(in SubmissionEntry entry) =>
        entry.Fuse is FusedOperation.First or FusedOperation.Second
        && (entry.Flags & SubmissionEntry.FlagsReservedMask) == 0
            ? Status.AbortedMissingFused
            : Status.InvalidField;

    private CommandOutcome ExecuteFabrics(SimTime now, QueuePair queue, in SubmissionEntry entry)
    {
        ReadOnlySpan<byte> bytes = MemoryMarshal.AsBytes(new ReadOnlySpan<SubmissionEntry>(in entry));
        return WireStruct.Read<FabricsCommand>(bytes).Fctype switch
        {
            FabricsCommandType.PropertyGet when queue.IsAdmin =>
                GetProperty(now, WireStruct.Read<PropertyGetCommand>(bytes)),
            FabricsCommandType.PropertySet when queue.IsAdmin =>
                SetProperty(now, WireStruct.Read<PropertySetCommand>(bytes)),
            FabricsCommandType.Disconnect => DisconnectCommandReceived(now, queue),
            FabricsCommandType.Connect => CommandOutcome.Completed(now, Status.CommandSequenceError.WithDoNotRetry()),
            FabricsCommandType.PropertyGet or FabricsCommandType.PropertySet =>
                CommandOutcome.Completed(now, Status.InvalidField.WithDoNotRetry()),
            _ => CommandOutcome.Completed(now, Status.InvalidOpcode.WithDoNotRetry()),
        };
    }

    /// <summary>Disconnect (Base 2.1, 6.4) deletes one I/O queue; the admin queue cannot be deleted that way.</summary>
    private CommandOutcome DisconnectCommandReceived(SimTime now, QueuePair queue)
    {
        if (queue.IsAdmin)
            return CommandOutcome.Completed(now, Status.InvalidQueueType.WithDoNotRetry());
        _queues[queue.Id] = null;
        queue.Endpoint.Close(CloseReason.Disconnected);
        return CommandOutcome.Success(now);
    }
}
