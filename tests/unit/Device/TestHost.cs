using System.Runtime.InteropServices;
using Emulator.Core;
using Emulator.Device;
using Emulator.Wire;

namespace Emulator.UnitTests.Device;

/// <summary>
/// One host of a subsystem, without a transport: an admin queue, I/O queues when they are used, and commands from raw
/// dwords. Buffers that the drive is to fill are dirtied before, so that a byte that it leaves out shows.
/// </summary>
public sealed partial class TestHost
{
    public const string DefaultNqn = "nqn.2026-11.io.emulator:test-host";

    private const byte Dirt = 0xA5;

    private readonly ISubsystem _subsystem;
    private readonly TestClock _clock;
    private readonly Dictionary<ushort, QueuePair> _ioQueues = [];
    private ushort _nextCommandId = 1;

    private TestHost(ISubsystem subsystem, TestClock clock, string nqn, UInt128 hostId)
    {
        _subsystem = subsystem;
        _clock = clock;
        Nqn = nqn;
        HostId = hostId;
    }

    public string Nqn { get; }

    public UInt128 HostId { get; }

    /// <summary>CID of the command that was sent last.</summary>
    public ushort LastCommandId => (ushort)(_nextCommandId - 1);

    /// <summary>The transport's end of I/O queue 1.</summary>
    public TestEndpoint IoEndpoint => (TestEndpoint)IoQueue(1).Endpoint;

    /// <summary>The transport's end of the admin queue.</summary>
    public TestEndpoint Endpoint { get; private set; } = new();

    public QueuePair AdminQueue { get; private set; } = null!;

    public ushort ControllerId => AdminQueue.Controller.Id;

    /// <summary>A host whose controller is enabled.</summary>
    public static TestHost Connect(
        ISubsystem subsystem, TestClock clock, string nqn = DefaultNqn, ulong hostId = 1, uint keepAliveMilliseconds = 0)
    {
        var host = new TestHost(subsystem, clock, nqn, hostId);
        host.Reconnect(keepAliveMilliseconds);
        return host;
    }

    /// <summary>A drive with one host. The drive is the caller's to dispose of.</summary>
    public static TestHost ConnectToNewDrive(out Drive drive, DriveOptions? options = null)
    {
        drive = new Drive(options ?? SmallDrive);
        return Connect(drive, new TestClock());
    }

    /// <summary>16 MiB with one namespace of 8 MiB in blocks of 4096 bytes.</summary>
    public static DriveOptions SmallDrive => new()
    {
        CapacityBytes = 16 << 20,
        Namespaces = [new NamespaceOptions { SizeBytes = 8 << 20 }],
    };

    public TestClock Clock => _clock;

    /// <summary>Lets time pass for the subsystem.</summary>
    public void Wait(SimDuration duration) => _clock.Advance(_subsystem, duration);

    /// <summary>Connects the admin queue, anew if there was one, and enables the controller.</summary>
    public void Reconnect(uint keepAliveMilliseconds = 0)
    {
        ConnectOutcome outcome = TryConnect(0, ConnectData.AnyDynamicController, keepAliveMilliseconds, out TestEndpoint endpoint);
        Assert.Equal(Status.Success, outcome.Status);
        AdminQueue = outcome.Queue!;
        Endpoint = endpoint;
        _ioQueues.Clear();
        Enable();
    }

    /// <summary>One Connect command, as it is.</summary>
    public ConnectOutcome TryConnect(ushort queueId, ushort controllerId, uint keepAliveMilliseconds, out TestEndpoint endpoint)
    {
        var command = new ConnectCommand
        {
            Opcode = (byte)AdminOpcode.Fabrics,
            Fctype = FabricsCommandType.Connect,
            Qid = queueId,
            Sqsize = 31,
            Kato = keepAliveMilliseconds,
        };
        var data = new ConnectData { Cntlid = controllerId };
        TextField.TryWriteTerminated(data.Subnqn, _subsystem.Nqn);
        TextField.TryWriteTerminated(data.Hostnqn, Nqn);
        System.Buffers.Binary.BinaryPrimitives.WriteUInt128LittleEndian(data.Hostid, HostId);
        endpoint = new TestEndpoint();
        return _subsystem.Connect(_clock.Now, command, data, endpoint);
    }

    /// <summary>CC.EN from 0 to 1.</summary>
    public void Enable() => Assert.True(SetConfiguration(new ControllerConfiguration { En = true, Iosqes = 6, Iocqes = 4 }).IsSuccess);

    /// <summary>CC.EN to 0 and back to 1: a controller level reset that keeps the association.</summary>
    public void ResetController()
    {
        Assert.True(SetConfiguration(default).IsSuccess);
        _ioQueues.Clear();
        Enable();
    }

    public CommandOutcome SetConfiguration(ControllerConfiguration configuration)
    {
        var command = new PropertySetCommand
        {
            Opcode = (byte)AdminOpcode.Fabrics,
            Fctype = FabricsCommandType.PropertySet,
            Ofst = ControllerProperty.Cc,
            Value = configuration.Value,
        };
        return Submit(AdminQueue, MemoryMarshal.Cast<PropertySetCommand, SubmissionEntry>(new Span<PropertySetCommand>(ref command))[0], []);
    }

    /// <summary>An admin command with data to or from the controller in <paramref name="data"/>.</summary>
    public CommandOutcome Admin(
        AdminOpcode opcode,
        Span<byte> data = default,
        uint nsid = 0,
        uint cdw10 = 0,
        uint cdw11 = 0,
        uint cdw12 = 0,
        uint cdw13 = 0,
        uint cdw14 = 0,
        uint cdw15 = 0) =>
        Submit(AdminQueue, Entry((byte)opcode, nsid, cdw10, cdw11, cdw12, cdw13, cdw14, cdw15), data);

    /// <summary>An I/O command on I/O queue 1, which is connected when it is first used.</summary>
    public CommandOutcome Io(
        IoOpcode opcode,
        Span<byte> data = default,
        uint nsid = 1,
        uint cdw10 = 0,
        uint cdw11 = 0,
        uint cdw12 = 0,
        uint cdw13 = 0,
        uint cdw14 = 0,
        uint cdw15 = 0) =>
        Submit(IoQueue(1), Entry((byte)opcode, nsid, cdw10, cdw11, cdw12, cdw13, cdw14, cdw15), data);

    /// <summary>Reads or writes whole blocks.</summary>
    public CommandOutcome Transfer(IoOpcode opcode, ulong startLba, int blockCount, Span<byte> data, uint nsid = 1) =>
        Io(opcode, data, nsid, cdw10: (uint)startLba, cdw11: (uint)(startLba >> 32), cdw12: (uint)(blockCount - 1));

    /// <summary>Submits an entry as it is.</summary>
    public CommandOutcome Submit(QueuePair queue, in SubmissionEntry entry, Span<byte> data)
    {
        bool fromController = (entry.Opcode & 3) == 2;
        if (fromController)
            data.Fill(Dirt);
        return queue.Controller.Submit(_clock.Now, queue, entry, data);
    }

    public QueuePair IoQueue(ushort id)
    {
        if (_ioQueues.TryGetValue(id, out QueuePair? queue))
            return queue;
        ConnectOutcome outcome = TryConnect(id, ControllerId, 0, out _);
        Assert.Equal(Status.Success, outcome.Status);
        return _ioQueues[id] = outcome.Queue!;
    }

    /// <summary>A command with a fresh identifier and an SGL in the way of hosts over fabrics.</summary>
    public SubmissionEntry Entry(
        byte opcode, uint nsid, uint cdw10, uint cdw11, uint cdw12, uint cdw13, uint cdw14, uint cdw15) => new()
        {
            Opcode = opcode,
            Psdt = DataTransferFormat.SglWithMetadataBuffer,
            Cid = _nextCommandId++,
            Nsid = nsid,
            Cdw10 = cdw10,
            Cdw11 = cdw11,
            Cdw12 = cdw12,
            Cdw13 = cdw13,
            Cdw14 = cdw14,
            Cdw15 = cdw15,
        };
}
