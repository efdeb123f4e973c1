using Emulator.Device;
using Emulator.Wire;

namespace Emulator.Spdk;

/// <summary>SPDK's end of a queue pair of the drive.</summary>
internal sealed unsafe class DoorQueue(DriveDoor door, ulong connection, string peer, SpdkTransport? transport) : IQueueEndpoint
{
    public ulong Connection { get; } = connection;

    public string Peer { get; } = peer;

    /// <summary>The drive's queue; null until it has accepted the queue.</summary>
    public QueuePair? Queue { get; set; }

    /// <summary>Why the drive gave the queue up; null while it has it.</summary>
    public CloseReason? Closed { get; private set; }

    /// <summary>Commands that the drive has not answered, or whose answer is not due.</summary>
    public List<PendingCommand> Pending { get; } = [];

    TransportQueueState IQueueEndpoint.Connection => new() { TransportType = (byte)TypeOf(transport) };

    public DoorSettings? Settings
    {
        get
        {
            if (door.Target?.SettingsOf(Connection) is not { } settings)
                return null;
            var registers = new ControllerRegisters
            {
                Cap = settings.Cap,
                Vs = settings.Vs,
                Cc = settings.Cc,
                Csts = settings.Csts,
                Cntlid = settings.ControllerId,
            };
            return new DoorSettings(registers, settings.KeepAliveMs, settings.IoQueues, (int)settings.MaxTransferBytes);
        }
    }

    public void Complete(ushort commandId, in CommandOutcome outcome)
    {
        if (Find(commandId) is { } pending)
            door.Finish(pending, outcome);
    }

    public Span<byte> DataOf(ushort commandId) =>
        Find(commandId) is { } pending ? new Span<byte>((void*)pending.Data, pending.Length) : default;

    public void Close(CloseReason reason)
    {
        Closed = reason;
        door.Target?.Close(Connection);
    }

    private static TransportType TypeOf(SpdkTransport? transport) => transport switch
    {
        SpdkTransport.Tcp => TransportType.Tcp,
        SpdkTransport.Rdma => TransportType.Rdma,
        SpdkTransport.VfioUser => TransportType.Pcie,
        _ => TransportType.NotReported,
    };

    private PendingCommand? Find(ushort commandId)
    {
        foreach (PendingCommand pending in Pending)
        {
            if (pending.CommandId == commandId && !pending.IsDeferred)
                return pending;
        }

        return null;
    }
}
