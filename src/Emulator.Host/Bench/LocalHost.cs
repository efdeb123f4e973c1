using System.Runtime.InteropServices;
using Emulator.Core;
using Emulator.Device;
using Emulator.Tcp;
using Emulator.Wire;

namespace Emulator.Host.Bench;

/// <summary>
/// A host that calls the drive as a transport would, one command after the other, so that what the drive itself takes can be
/// measured. For drives on which nothing takes time: whatever is sent is over when the call returns.
/// </summary>
internal sealed class LocalHost : IQueueEndpoint
{
    public const uint Nsid = 1;
    public const int BlockBytes = 4096;

    private const string HostNqn = "nqn.2026-11.io.emulator:bench-local";
    private const byte Flags = (byte)DataTransferFormat.SglWithMetadataBuffer << 6;
    private const int QueueEntries = 128;

    private readonly Drive _drive;
    private readonly QueuePair _admin;
    private readonly QueuePair _io;
    private readonly byte[] _data;

    /// <param name="drive">One whose namespace 1 has blocks of 4096 bytes; it stays the caller's.</param>
    public LocalHost(Drive drive)
    {
        _drive = drive;
        _data = new byte[drive.MaxTransferBytes];
        new SeededRandom(1).Fill(_data);
        _admin = Connect(0, ConnectData.AnyDynamicController);
        Enable();
        _io = Connect(1, _admin.Controller.Id);
        Blocks = ReadBlocks();
    }

    /// <summary>Logical blocks of the namespace.</summary>
    public ulong Blocks { get; }

    /// <summary>The time of the calls.</summary>
    public SimTime Now { get; set; }

    public void Write(ulong startLba, int blocks) =>
        Submit(_io, HostCommands.Write(Nsid, startLba, blocks), _data.AsSpan(0, blocks * BlockBytes));

    public void Admin(in SubmissionEntry entry, Span<byte> data = default) => Submit(_admin, entry, data);

    /// <summary>What the reactor does between commands: the drive goes on with what it has begun.</summary>
    public void Advance()
    {
        if (_drive.NextEvent <= Now)
            _drive.Advance(Now);
    }

    void IQueueEndpoint.Complete(ushort commandId, in CommandOutcome outcome) => Check.Fail("a command of the measurement was pending");

    void IQueueEndpoint.Close(CloseReason reason) => Check.Fail($"the drive closed a queue of the measurement: {reason}");

    private void Submit(QueuePair queue, SubmissionEntry entry, Span<byte> data)
    {
        entry.Flags = Flags;
        CommandOutcome outcome = queue.Controller.Submit(Now, queue, entry, data);
        if (!outcome.IsSuccess)
            throw new HostConnectionException($"opcode {entry.Opcode:X2}h: {outcome.Status}");
    }

    private QueuePair Connect(ushort queueId, ushort controllerId)
    {
        var command = new ConnectCommand
        {
            Opcode = (byte)AdminOpcode.Fabrics,
            Fctype = FabricsCommandType.Connect,
            Qid = queueId,
            Sqsize = QueueEntries - 1,
        };
        var data = new ConnectData { Cntlid = controllerId };
        TextField.TryWriteTerminated(data.Subnqn, _drive.Nqn);
        TextField.TryWriteTerminated(data.Hostnqn, HostNqn);
        ConnectOutcome outcome = _drive.Connect(Now, command, data, this);
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
        Admin(MemoryMarshal.Cast<PropertySetCommand, SubmissionEntry>(new Span<PropertySetCommand>(ref command))[0]);
    }

    private ulong ReadBlocks()
    {
        byte[] data = new byte[IdentifyNamespace.Size];
        Admin(HostCommands.Identify(IdentifyCns.Namespace, Nsid), data);
        return WireStruct.Read<IdentifyNamespace>(data).Nsze;
    }
}
