using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Emulator.Core;
using Emulator.Device;
using Emulator.Migration;
using Emulator.Wire;

namespace Emulator.Simulation;

/// <summary>
/// A connection to a drive in virtual time. Commands and completions take the time of the link; when the link is cut
/// whatever was on it is lost, and the source hears of it only by the silence, unless the destination closed the queues.
/// </summary>
internal sealed class SimulatedPeer : IPeer, IQueueEndpoint
{
    private const int AdminDepth = 8;
    private const int AdminBufferBytes = 64 * 1024;
    private const int CapsuleBytes = 128;

    /// <summary>Connections, initialization, Connect commands and enabling: each waits for an answer.</summary>
    private const int RoundTripsToConnect = 8;

    private readonly PeerRequest _request;
    private readonly ISubsystem _subsystem;
    private readonly SimulatedLink _link;
    private readonly IPeerSink _sink;
    private readonly int _cuts;
    private readonly EventQueue<(int Queue, int Slot, bool IsBack)> _events;
    private readonly SimTime _connected;
    private List<SimulatedPeerQueue> _queues = [];
    private SimTime _now;

    public SimulatedPeer(SimTime now, PeerRequest request, ISubsystem subsystem, SimulatedLink link, IPeerSink sink)
    {
        _request = request;
        _subsystem = subsystem;
        _link = link;
        _sink = sink;
        _cuts = link.Cuts;
        _now = now;
        _connected = now + (link.Latency * (2 * RoundTripsToConnect));
        _events = new EventQueue<(int, int, bool)>(AdminDepth + (request.IoQueues * request.Depth));
    }

    public PeerState State { get; private set; } = PeerState.Connecting;

    public bool IsRefused { get; private set; }

    public string Problem { get; private set; } = "";

    public ushort ControllerId => _queues[0].Queue.Controller.Id;

    public IPeerQueue Admin => _queues[0];

    public IReadOnlyList<IPeerQueue> IoQueues { get; private set; } = [];

    public SimTime NextEvent => State switch
    {
        PeerState.Connecting => IsThrough ? _connected : SimTime.Never,
        PeerState.Ready => IsThrough ? _events.NextDue : SimTime.Never,
        _ => _now,
    };

    private bool IsThrough => _link.IsUp && _link.Cuts == _cuts;

    public void Poll(SimTime now)
    {
        _now = now;
        if (!IsThrough)
            return;
        if (State == PeerState.Connecting && now >= _connected)
            Connect(now);
        while (State == PeerState.Ready && _events.TryTake(now, out (int Queue, int Slot, bool IsBack) due))
        {
            SimulatedPeerQueue queue = _queues[due.Queue];
            if (due.IsBack)
                _sink.Completed(now, queue, due.Slot, queue.Completion(due.Slot));
            else
                Execute(now, queue, due.Slot);
        }
    }

    public void Dispose()
    {
        if (State == PeerState.Ready)
            _queues[0].Queue.Controller.Disconnect(_now, _queues[0].Queue);
        State = PeerState.Lost;
        _events.Clear();
        _queues.ForEach(queue => queue.Dispose());
        _queues = [];
    }

    void IQueueEndpoint.Complete(ushort commandId, in CommandOutcome outcome) => Check.Fail("nothing is left pending");

    void IQueueEndpoint.Close(CloseReason reason)
    {
        if (State == PeerState.Ready)
            Lose($"the destination closed the connection: {reason}", isRefused: false);
    }

    internal void Send(SimTime now, int queue, int slot, int bytes)
    {
        if (IsThrough && State == PeerState.Ready)
            _events.Add(_link.There(now, CapsuleBytes + bytes), (queue, slot, false));
    }

    private void Execute(SimTime now, SimulatedPeerQueue queue, int slot)
    {
        CommandOutcome outcome = queue.Execute(now, slot);
        if (State == PeerState.Ready)
            _events.Add(_link.Back(SimTime.Max(now, outcome.Due), CapsuleBytes + queue.BytesBack(slot)), (queue.Index, slot, true));
    }

    private void Connect(SimTime now)
    {
        if (!TryConnect(now, 0, ConnectData.AnyDynamicController, AdminDepth, AdminBufferBytes))
            return;
        State = PeerState.Ready;
        Enable(now);
        for (int id = 1; id <= _request.IoQueues; id++)
        {
            if (!TryConnect(now, (ushort)id, ControllerId, _request.Depth, _request.CommandBytes))
                return;
        }

        IoQueues = _queues[1..];
    }

    private bool TryConnect(SimTime now, ushort queueId, ushort controllerId, int depth, int bufferBytes)
    {
        var command = new ConnectCommand
        {
            Opcode = (byte)AdminOpcode.Fabrics,
            Fctype = FabricsCommandType.Connect,
            Qid = queueId,
            Sqsize = (ushort)Math.Max(depth, 31),
            Kato = queueId == 0 ? (uint)_request.KeepAlive.Milliseconds : 0,
        };
        var data = new ConnectData { Cntlid = controllerId };
        BinaryPrimitives.WriteUInt128LittleEndian(data.Hostid, _request.HostId);
        TextField.TryWriteTerminated(data.Subnqn, _request.SubsystemNqn);
        TextField.TryWriteTerminated(data.Hostnqn, _request.HostNqn);
        ConnectOutcome outcome = _subsystem.Connect(now, command, data, this);
        if (outcome.Queue == null)
            Lose($"Connect: {outcome.Status}", isRefused: true);
        else
            _queues.Add(new SimulatedPeerQueue(this, outcome.Queue, depth, bufferBytes));
        return outcome.Queue != null;
    }

    private void Enable(SimTime now)
    {
        var command = new PropertySetCommand
        {
            Opcode = (byte)AdminOpcode.Fabrics,
            Fctype = FabricsCommandType.PropertySet,
            Ofst = ControllerProperty.Cc,
            Value = new ControllerConfiguration { En = true, Iosqes = 6, Iocqes = 4 }.Value,
        };
        QueuePair admin = _queues[0].Queue;
        admin.Controller.Submit(
            now, admin, MemoryMarshal.Cast<PropertySetCommand, SubmissionEntry>(new Span<PropertySetCommand>(ref command))[0], []);
    }

    private void Lose(string problem, bool isRefused)
    {
        (Problem, IsRefused, State) = (problem, isRefused, PeerState.Lost);
        _events.Clear();
    }
}
