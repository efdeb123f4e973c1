using System.Runtime.InteropServices;
using Emulator.Core;
using Emulator.Device;
using Emulator.Wire;

namespace Emulator.Simulation;

/// <summary>
/// A host of the drive without a transport: it connects, enables its controller and opens I/O queues by calling the drive
/// as a front door would. Completions that come later go to the endpoint that was given.
/// </summary>
internal sealed class SimulatedHost
{
    /// <summary>The namespace that workloads run on.</summary>
    public const uint Nsid = 1;

    public const string DefaultNqn = "nqn.2026-11.io.emulator:simulation";

    private const byte FlagsOfFabrics = (byte)DataTransferFormat.SglWithMetadataBuffer << 6;

    private readonly Drive _drive;
    private readonly string _nqn;
    private readonly QueuePair _admin;

    public SimulatedHost(Drive drive, IQueueEndpoint endpoint, string nqn = DefaultNqn)
    {
        _drive = drive;
        _nqn = nqn;
        _admin = Connect(0, ConnectData.AnyDynamicController, endpoint);
        Enable();
        IoQueues = new QueuePair[drive.Options.MaxIoQueues];
        for (ushort id = 1; id <= IoQueues.Length; id++)
            IoQueues[id - 1] = Connect(id, _admin.Controller.Id, endpoint);
        ReadNamespace();
    }

    public QueuePair[] IoQueues { get; }

    public ushort ControllerId => _admin.Controller.Id;

    /// <summary>Commands that one queue holds: one fewer than its entries, under flow control.</summary>
    public int CommandsPerQueue => _drive.Options.MaxQueueEntries - 1;

    /// <summary>Bytes of a logical block.</summary>
    public int BlockBytes { get; private set; }

    public long NamespaceBytes { get; private set; }

    /// <summary>SMART / Health Information, as it is now.</summary>
    public SmartHealth ReadHealth(SimTime now)
    {
        byte[] data = new byte[SmartHealth.Size];
        const uint dwords = (SmartHealth.Size / sizeof(uint)) - 1;
        Admin(now, new SubmissionEntry
        {
            Opcode = (byte)AdminOpcode.GetLogPage,
            Nsid = uint.MaxValue,
            Cdw10 = (uint)LogPageId.SmartHealth | (dwords << 16),
        }, data);
        return WireStruct.Read<SmartHealth>(data);
    }

    private QueuePair Connect(ushort queueId, ushort controllerId, IQueueEndpoint endpoint)
    {
        var command = new ConnectCommand
        {
            Opcode = (byte)AdminOpcode.Fabrics,
            Fctype = FabricsCommandType.Connect,
            Qid = queueId,
            Sqsize = (ushort)(_drive.Options.MaxQueueEntries - 1),
        };
        var data = new ConnectData { Cntlid = controllerId };
        TextField.TryWriteTerminated(data.Subnqn, _drive.Nqn);
        TextField.TryWriteTerminated(data.Hostnqn, _nqn);
        ConnectOutcome outcome = _drive.Connect(SimTime.Zero, command, data, endpoint);
        Check.That(outcome.Status.IsSuccess);
        return outcome.Queue!;
    }

    private void Enable()
    {
        var command = new PropertySetCommand
        {
            Opcode = (byte)AdminOpcode.Fabrics,
            Fctype = FabricsCommandType.PropertySet,
            Ofst = ControllerProperty.Cc,
            Value = new ControllerConfiguration { En = true, Iosqes = 6, Iocqes = 4 }.Value,
        };
        Admin(SimTime.Zero, MemoryMarshal.Cast<PropertySetCommand, SubmissionEntry>(new Span<PropertySetCommand>(ref command))[0], []);
    }

    private void ReadNamespace()
    {
        byte[] data = new byte[IdentifyNamespace.Size];
        Admin(SimTime.Zero, new SubmissionEntry { Opcode = (byte)AdminOpcode.Identify, Nsid = Nsid, Cdw10 = (uint)IdentifyCns.Namespace }, data);
        ref readonly IdentifyNamespace identity = ref WireStruct.Read<IdentifyNamespace>(data);
        int shift = identity.Lbaf[identity.Flbas & 0xF].Lbads;
        BlockBytes = 1 << shift;
        NamespaceBytes = (long)(ulong)identity.Nsze << shift;
    }

    /// <summary>An admin command that has to succeed.</summary>
    /// <returns>When it is done.</returns>
    public SimTime Admin(SimTime now, SubmissionEntry entry, Span<byte> data)
    {
        entry.Flags = FlagsOfFabrics;
        CommandOutcome outcome = _admin.Controller.Submit(now, _admin, entry, data);
        Check.That(outcome.IsSuccess);
        return SimTime.Max(now, outcome.Due);
    }

    /// <summary>A read or write of a host that looks for a free place in its queues itself.</summary>
    public CommandOutcome Transfer(SimTime now, IoOpcode opcode, ulong startLba, Span<byte> data)
    {
        var entry = new SubmissionEntry
        {
            Flags = FlagsOfFabrics,
            Opcode = (byte)opcode,
            Nsid = Nsid,
            Cdw10And11 = startLba,
            Cdw12 = (uint)(data.Length / BlockBytes) - 1,
        };
        return IoQueues[0].Controller.Submit(now, IoQueues[0], entry, data);
    }
}
