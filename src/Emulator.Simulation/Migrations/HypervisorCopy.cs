using Emulator.Core;
using Emulator.Device;
using Emulator.Wire;

namespace Emulator.Simulation.Migrations;

/// <summary>
/// Copies ranges as a hypervisor does: reads them from the one drive, carries them over the link, and writes them to the other,
/// with a few commands outstanding.
/// </summary>
internal sealed class HypervisorCopy : IDisposable
{
    private readonly SimulatedHost _source;
    private readonly SimulatedHost _destination;
    private readonly SimulatedLink _link;
    private readonly int _chunkBytes;
    private readonly NativeMemoryBlock _buffers;
    private readonly ByteRange[] _chunks;
    private readonly EventQueue<(int Slot, Step Step)> _events;
    private readonly Stack<int> _free = new();
    private readonly Queue<ByteRange> _ranges = new();

    public HypervisorCopy(SimulatedHost source, SimulatedHost destination, SimulatedLink link, int chunkBytes, int depth)
    {
        (_source, _destination, _link, _chunkBytes) = (source, destination, link, chunkBytes);
        _buffers = new NativeMemoryBlock((long)chunkBytes * depth);
        _chunks = new ByteRange[depth];
        _events = new EventQueue<(int, Step)>(depth);
        for (int slot = 0; slot < depth; slot++)
            _free.Push(slot);
    }

    private enum Step
    {
        HasRead,
        HasArrived,
        HasWritten,
    }

    public SimTime NextEvent => _events.NextDue;

    /// <summary>Everything is at the destination.</summary>
    public bool IsDone => _ranges.Count == 0 && _free.Count == _chunks.Length;

    /// <summary>Bytes of data written at the destination.</summary>
    public long BytesMoved { get; private set; }

    public void Begin(SimTime now, IEnumerable<ByteRange> ranges)
    {
        foreach (ByteRange range in ranges)
        {
            for (long at = range.Offset; at < range.End; at += _chunkBytes)
                _ranges.Enqueue(new ByteRange(at, Math.Min(_chunkBytes, range.End - at)));
        }

        Fill(now);
    }

    public void Advance(SimTime now)
    {
        while (_events.TryTake(now, out (int Slot, Step Step) due))
        {
            Span<byte> data = Data(due.Slot);
            switch (due.Step)
            {
                case Step.HasRead:
                    _events.Add(_link.There(now, data.Length), (due.Slot, Step.HasArrived));
                    break;
                case Step.HasArrived:
                    Issue(now, _destination, IoOpcode.Write, due.Slot, Step.HasWritten, _link.Latency);
                    break;
                default:
                    BytesMoved += data.Length;
                    _free.Push(due.Slot);
                    break;
            }
        }

        Fill(now);
    }

    public void Dispose() => _buffers.Dispose();

    private Span<byte> Data(int slot) => _buffers.Slice((long)slot * _chunkBytes, (int)_chunks[slot].Length);

    private void Fill(SimTime now)
    {
        while (_ranges.Count > 0 && _free.TryPop(out int slot))
        {
            _chunks[slot] = _ranges.Dequeue();
            Issue(now, _source, IoOpcode.Read, slot, Step.HasRead, SimDuration.Zero);
        }
    }

    private void Issue(SimTime now, SimulatedHost host, IoOpcode opcode, int slot, Step then, SimDuration answer)
    {
        CommandOutcome outcome = host.Transfer(now, opcode, (ulong)(_chunks[slot].Offset / host.BlockBytes), Data(slot));
        Check.That(outcome.IsSuccess);
        _events.Add(SimTime.Max(now, outcome.Due) + answer, (slot, then));
    }
}
