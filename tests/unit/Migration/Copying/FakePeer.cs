using System.Buffers.Binary;
using Emulator.Core;
using Emulator.Migration;
using Emulator.Wire;

namespace Emulator.UnitTests.Migration.Copying;

/// <summary>
/// A peer whose commands are done when the test says so, in any order, with a cache that a loss of power empties. Blocks
/// are numbers: one of 8 bytes in each.
/// </summary>
internal sealed class FakePeer : IPeer
{
    public const int BlockBytes = 4096;

    private readonly List<(FakePeerQueue Queue, int Slot)> _outstanding = [];
    private readonly ulong[] _durable;
    private readonly CopyLoop _loop;

    public FakePeer(CopyLoop loop, int blocks, int queues, int depth, int bufferBytes)
        : this(loop, new ulong[blocks], queues, depth, bufferBytes)
    {
    }

    /// <param name="durable">What the one before it left.</param>
    public FakePeer(CopyLoop loop, ulong[] durable, int queues, int depth, int bufferBytes)
    {
        _loop = loop;
        _durable = durable;
        Blocks = [.. durable];
        IoQueues = [.. Enumerable.Range(1, queues).Select(index => new FakePeerQueue(this, index, depth, bufferBytes))];
    }

    /// <summary>As a host reads them; UInt64.MaxValue for one that cannot be read.</summary>
    public ulong[] Blocks { get; }

    /// <summary>What is left when the power goes: everything that a Flush came after, and of the rest what the test says.</summary>
    public ulong[] Durable => _durable;

    public int Outstanding => _outstanding.Count;

    public PeerState State => PeerState.Ready;

    public bool IsRefused => false;

    public string Problem => "";

    public ushort ControllerId => 1;

    public IPeerQueue Admin => throw new NotSupportedException();

    public IReadOnlyList<IPeerQueue> IoQueues { get; }

    public SimTime NextEvent => SimTime.Never;

    public void Poll(SimTime now)
    {
    }

    public void Submitted(FakePeerQueue queue, int slot) => _outstanding.Add((queue, slot));

    /// <summary>Carries out and completes one of the commands that are outstanding.</summary>
    public void Do(SimTime now, int index, Status refusal = default)
    {
        (FakePeerQueue queue, int slot) = _outstanding[index];
        _outstanding.RemoveAt(index);
        if (refusal.IsSuccess)
            Execute(queue.Entry(slot), queue.Buffer(slot));
        _loop.Completed(now, queue, slot, new PeerCompletion(refusal, 0, 0));
    }

    /// <summary>Part of what is volatile reaches the medium by itself.</summary>
    public void Destage(SeededRandom random)
    {
        for (int block = 0; block < Blocks.Length; block++)
        {
            if (random.Chance(30))
                _durable[block] = Blocks[block];
        }
    }

    public void Dispose()
    {
    }

    private void Execute(in SubmissionEntry entry, ReadOnlySpan<byte> data)
    {
        int first = (int)(ulong)entry.Cdw10And11;
        int count = (int)(entry.Cdw12 & 0xFFFF) + 1;
        switch ((IoOpcode)entry.Opcode)
        {
            case IoOpcode.Flush:
                Blocks.CopyTo(_durable, 0);
                break;
            case IoOpcode.Write:
                for (int i = 0; i < count; i++)
                    Blocks[first + i] = BinaryPrimitives.ReadUInt64LittleEndian(data[(i * BlockBytes)..]);
                break;
            default:
                ulong value = entry.Opcode == (byte)IoOpcode.WriteUncorrectable ? ulong.MaxValue : 0;
                Blocks.AsSpan(first, count).Fill(value);
                break;
        }
    }
}

/// <summary>A queue of a <see cref="FakePeer"/>.</summary>
internal sealed class FakePeerQueue(FakePeer peer, int index, int depth, int bufferBytes) : IPeerQueue
{
    private readonly SubmissionEntry[] _entries = new SubmissionEntry[depth];
    private readonly byte[][] _buffers = [.. Enumerable.Range(0, depth).Select(_ => new byte[bufferBytes])];
    private readonly Stack<int> _free = new(Enumerable.Range(0, depth));

    public int Index => index;

    public int Depth => depth;

    public bool TryAcquire(out int slot) => _free.TryPop(out slot);

    public void Release(int slot) => _free.Push(slot);

    public ref SubmissionEntry Entry(int slot) => ref _entries[slot];

    public Span<byte> Buffer(int slot) => _buffers[slot];

    public void Submit(SimTime now, int slot, int length) => peer.Submitted(this, slot);
}
