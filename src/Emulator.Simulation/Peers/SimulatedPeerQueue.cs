using Emulator.Core;
using Emulator.Device;
using Emulator.Migration;
using Emulator.Wire;

namespace Emulator.Simulation;

/// <summary>A queue of a peer in virtual time: slots with their buffers.</summary>
internal sealed class SimulatedPeerQueue : IPeerQueue, IDisposable
{
    private readonly SimulatedPeer _peer;
    private readonly NativeMemoryBlock _buffers;
    private readonly int _bufferBytes;
    private readonly SubmissionEntry[] _entries;
    private readonly int[] _lengths;
    private readonly CommandOutcome[] _outcomes;
    private readonly Stack<int> _free = new();

    public SimulatedPeerQueue(SimulatedPeer peer, QueuePair queue, int depth, int bufferBytes)
    {
        _peer = peer;
        Queue = queue;
        Depth = depth;
        _bufferBytes = bufferBytes;
        _buffers = new NativeMemoryBlock((long)depth * bufferBytes);
        _entries = new SubmissionEntry[depth];
        _lengths = new int[depth];
        _outcomes = new CommandOutcome[depth];
        for (int slot = depth - 1; slot >= 0; slot--)
            _free.Push(slot);
    }

    public int Index => Queue.Id;

    public int Depth { get; }

    /// <summary>At the destination.</summary>
    public QueuePair Queue { get; }

    public bool TryAcquire(out int slot) => _free.TryPop(out slot);

    public void Release(int slot) => _free.Push(slot);

    public ref SubmissionEntry Entry(int slot) => ref _entries[slot];

    public Span<byte> Buffer(int slot) => _buffers.Slice((long)slot * _bufferBytes, _bufferBytes);

    public void Submit(SimTime now, int slot, int length)
    {
        _lengths[slot] = length;
        _entries[slot].Cid = (ushort)slot;
        _entries[slot].Psdt = DataTransferFormat.SglWithMetadataBuffer;
        _peer.Send(now, Index, slot, IsToController(slot) ? length : 0);
    }

    /// <summary>The command arrives at the destination, which carries it out.</summary>
    public CommandOutcome Execute(SimTime now, int slot)
    {
        Queue.Fetch();
        CommandOutcome outcome = Queue.Controller.Submit(now, Queue, _entries[slot], Buffer(slot)[.._lengths[slot]]);
        return _outcomes[slot] = outcome;
    }

    /// <summary>Bytes that come back with the completion of a command.</summary>
    public int BytesBack(int slot) => IsToController(slot) || !_outcomes[slot].IsSuccess ? 0 : _lengths[slot];

    public PeerCompletion Completion(int slot) => new(_outcomes[slot].Status, _outcomes[slot].Dw0, _lengths[slot]);

    public void Dispose() => _buffers.Dispose();

    private bool IsToController(int slot) => (_entries[slot].Opcode & 3) == 1;
}
