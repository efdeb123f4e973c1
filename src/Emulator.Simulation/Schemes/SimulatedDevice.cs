using Emulator.Core;
using Emulator.Device;
using Emulator.Flash;
using Emulator.Migration;
using Emulator.Simulation.Migrations;
using Emulator.Wire;

namespace Emulator.Simulation.Schemes;

/// <summary>
/// A modelled drive as one side of a scheme: the begin of its namespace holds the image, and its host submits a command
/// for each request. Completions wait until they are due.
/// </summary>
internal sealed partial class SimulatedDevice : IBlockDevice, IQueueEndpoint, IDisposable
{
    private const int FillBytes = 128 << 10;

    private readonly Drive _drive;
    private readonly MemoryMedium? _medium;
    private readonly QueuePair _queue;
    private readonly NativeMemoryBlock _data;
    private readonly int _transferBytes;
    private readonly EventQueue<(int Slot, bool IsSuccess)> _events;
    private readonly int[] _tags;
    private readonly Stack<int> _free = new();

    /// <param name="keepsContents">Whether what is written can be read again, on which no time depends.</param>
    /// <param name="assists">Whether the drive helps the migration of which it is the source.</param>
    public SimulatedDevice(DriveOptions options, long imageBytes, int mostCommands, bool keepsContents, bool assists = false)
    {
        _medium = keepsContents ? null : new MemoryMedium(options.EffectiveGeometry(), keepsData: false);
        _drive = new Drive(assists ? Assisting(options) : options, _medium);
        var host = new SimulatedHost(_drive, this);
        if (assists)
            _manager = new VmManager(_drive, MigrationRun.ManagerNqn, host.ControllerId);
        _queue = host.IoQueues[0];
        _transferBytes = _drive.MaxTransferBytes;
        _data = new NativeMemoryBlock(_transferBytes);
        BlockShift = int.TrailingZeroCount(host.BlockBytes);
        Check.That(imageBytes <= host.NamespaceBytes);
        BlockCount = (ulong)imageBytes >> BlockShift;
        _tags = new int[mostCommands];
        _events = new EventQueue<(int, bool)>(mostCommands);
        for (int slot = mostCommands - 1; slot >= 0; slot--)
            _free.Push(slot);
    }

    public int BlockShift { get; }

    public ulong BlockCount { get; }

    public SimTime NextEvent => SimTime.Min(_events.NextDue, _drive.NextEvent);

    public void Submit(SimTime now, int tag, in BlockRequest request, Memory<byte> data)
    {
        int slot = _free.Pop();
        _tags[slot] = tag;
        Take(now, slot, Issue(now, slot, request, data.Span, QueueOf(tag)));
    }

    /// <summary>Lets the drive work, and hands over what is due.</summary>
    public void Advance(SimTime now, Action<SimTime, int, bool> completed)
    {
        if (_drive.NextEvent <= now)
            _drive.Advance(now);
        while (_events.TryTake(now, out (int Slot, bool IsSuccess) due))
        {
            _free.Push(due.Slot);
            completed(now, _tags[due.Slot], due.IsSuccess);
        }
    }

    /// <summary>Writes the begin of the image once, in order.</summary>
    /// <returns>When the drive has nothing to do any more.</returns>
    public SimTime Fill(SimTime now, long bytes)
    {
        var blocks = (uint)(Math.Min(FillBytes, _transferBytes) >> BlockShift);
        for (ulong lba = 0; lba < (ulong)bytes >> BlockShift; lba += blocks)
        {
            uint count = (uint)Math.Min(blocks, ((ulong)bytes >> BlockShift) - lba);
            Submit(now, 0, new BlockRequest(BlockOperation.Write, lba, count), default);
            now = Settle(now);
        }

        Submit(now, 0, new BlockRequest(BlockOperation.Flush, 0, 0), default);
        return Settle(now);
    }

    public void Dispose()
    {
        _drive.Dispose();
        _medium?.Dispose();
        _data.Dispose();
    }

    void IQueueEndpoint.Complete(ushort commandId, in CommandOutcome outcome) => Take(SimTime.Zero, commandId, outcome);

    void IQueueEndpoint.Close(CloseReason reason) => Check.Fail($"the drive closed a queue of the simulation: {reason}");

    /// <summary>Waits for everything that is outstanding.</summary>
    private SimTime Settle(SimTime now)
    {
        while (_free.Count < _tags.Length)
        {
            now = SimTime.Max(now, NextEvent);
            Advance(now, static (_, _, isSuccess) => Check.That(isSuccess));
        }

        return now;
    }

    private CommandOutcome Issue(SimTime now, int slot, in BlockRequest request, Span<byte> data, QueuePair queue)
    {
        var entry = new SubmissionEntry
        {
            Psdt = DataTransferFormat.SglWithMetadataBuffer,
            Cid = (ushort)slot,
            Nsid = SimulatedHost.Nsid,
        };
        if (request.Operation == BlockOperation.Flush)
        {
            entry.Opcode = (byte)IoOpcode.Flush;
            return queue.Controller.Submit(now, queue, entry, default);
        }

        bool hasData = request.Operation != BlockOperation.Zero;
        entry.Opcode = (byte)(request.Operation switch
        {
            BlockOperation.Read => IoOpcode.Read,
            BlockOperation.Write => IoOpcode.Write,
            _ => IoOpcode.WriteZeroes,
        });
        entry.Cdw10And11 = request.StartLba;
        entry.Cdw12 = (request.Blocks - 1) | (request.IsForced ? NvmCommandFields.Fua : 0)
            | (hasData ? 0 : NvmCommandFields.Deac);
        if (hasData && data.IsEmpty)
            data = _data.Slice(0, (int)(request.Blocks << BlockShift));
        return queue.Controller.Submit(now, queue, entry, data);
    }

    private void Take(SimTime now, int slot, in CommandOutcome outcome)
    {
        if (outcome.Kind == OutcomeKind.Pending)
            return;
        Check.That(outcome.Kind == OutcomeKind.Completed);
        _events.Add(SimTime.Max(outcome.Due, now), (slot, outcome.Status.IsSuccess));
    }
}
