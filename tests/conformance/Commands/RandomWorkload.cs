using System.Runtime.InteropServices;
using Emulator.Core;
using Emulator.Tcp;
using Emulator.Wire;

namespace Emulator.ConformanceTests;

/// <summary>
/// Random commands on several queues at once, and an array that knows what every block must read as. Blocks are cut into
/// regions; a command has a region to itself while it is outstanding, so that its outcome is certain, and the next
/// command of the region may come by any queue.
/// </summary>
public sealed class RandomWorkload : ICompletionSink
{
    public const int RegionBlocks = 48;

    private readonly SeededRandom _random;
    private readonly uint _nsid;
    private readonly int _blockBytes;
    private readonly byte[] _reference;
    private readonly int _mostBlocks;
    private readonly Stack<int> _freeRegions;
    private readonly Dictionary<(ushort Queue, int Slot), Pending> _pending = [];

    /// <param name="longestTransfer">In bytes; a region may be longer.</param>
    public RandomWorkload(ulong seed, uint nsid, int blockBytes, int regions, int longestTransfer)
    {
        _mostBlocks = Math.Min(RegionBlocks, longestTransfer / blockBytes);
        _random = new SeededRandom(seed);
        _nsid = nsid;
        _blockBytes = blockBytes;
        _reference = new byte[regions * RegionBlocks * blockBytes];
        _freeRegions = new Stack<int>(Enumerable.Range(0, regions));
    }

    /// <summary>Commands by opcode, so that a test can see that all were used.</summary>
    public Dictionary<IoOpcode, int> Executed { get; } = [];

    /// <summary>What every block of the regions must read as.</summary>
    public ReadOnlySpan<byte> Reference => _reference;

    private readonly record struct Pending(IoOpcode Opcode, int Region, int Offset, int Length, Status Expected);

    /// <summary>Submits random commands until so many have been, and waits for all of them.</summary>
    public void Run(IReadOnlyList<HostQueue> queues, int commands)
    {
        var clock = System.Diagnostics.Stopwatch.StartNew();
        for (int submitted = 0; submitted < commands || queues.Any(queue => queue.Outstanding > 0);)
        {
            foreach (HostQueue queue in queues)
            {
                while (submitted < commands && _freeRegions.Count > 0 && queue.TryAcquire(out int slot))
                {
                    Submit(queue, slot);
                    submitted++;
                }

                queue.Poll();
                Assert.True(queue.IsConnected, queue.Failure);
            }

            Assert.True(clock.Elapsed < 3 * TestTarget.Patience, $"seed {_random.Seed}: the target does not answer");
        }
    }

    public void Completed(HostQueue queue, int slot, in HostCompletion completion)
    {
        Assert.True(_pending.Remove((queue.QueueId, slot), out Pending pending));
        if (pending.Expected != completion.Status)
            Assert.Fail($"seed {_random.Seed}: {pending} ended with {completion.Status}");
        if (pending.Opcode == IoOpcode.Read
            && !queue.Buffer(slot)[..pending.Length].SequenceEqual(_reference.AsSpan(pending.Offset, pending.Length)))
            Assert.Fail($"seed {_random.Seed}: {pending} read something else than was written");

        Executed[pending.Opcode] = Executed.GetValueOrDefault(pending.Opcode) + 1;
        PutBack(pending.Region);
        queue.Release(slot);
    }

    private void Submit(HostQueue queue, int slot)
    {
        int region = _freeRegions.Pop();
        int start = _random.Below(RegionBlocks);
        int blocks = 1 + _random.Below(Math.Min(_mostBlocks, RegionBlocks - start));
        ulong lba = (ulong)((region * RegionBlocks) + start);
        int offset = (int)lba * _blockBytes;
        int length = blocks * _blockBytes;
        IoOpcode opcode = Choose();
        queue.Entry(slot) = HostCommands.Io(opcode, _nsid, lba, blocks);
        Span<byte> data = queue.Buffer(slot);
        Status expected = Status.Success;
        int dataLength = 0;
        switch (opcode)
        {
            case IoOpcode.Read:
                dataLength = length;
                break;
            case IoOpcode.Write:
                dataLength = length;
                _random.Fill(data[..length]);
                data[..length].CopyTo(_reference.AsSpan(offset));
                break;
            case IoOpcode.WriteZeroes:
                _reference.AsSpan(offset, length).Clear();
                break;
            case IoOpcode.Compare:
                dataLength = length;
                expected = FillComparison(data[..length], offset);
                break;
            case IoOpcode.DatasetManagement:
                dataLength = FillRanges(queue, slot, region);
                break;
            case IoOpcode.Copy:
                dataLength = FillCopy(queue, slot, region);
                break;
        }

        _pending[(queue.QueueId, slot)] = new Pending(opcode, region, offset, length, expected);
        queue.Submit(slot, dataLength);
    }

    private IoOpcode Choose() => _random.Below(100) switch
    {
        < 35 => IoOpcode.Read,
        < 70 => IoOpcode.Write,
        < 76 => IoOpcode.WriteZeroes,
        < 84 => IoOpcode.Compare,
        < 90 => IoOpcode.DatasetManagement,
        < 96 => IoOpcode.Copy,
        < 98 => IoOpcode.Verify,
        _ => IoOpcode.Flush,
    };

    private Status FillComparison(Span<byte> data, int offset)
    {
        _reference.AsSpan(offset, data.Length).CopyTo(data);
        if (!_random.Chance(30))
            return Status.Success;
        data[_random.Below(data.Length)] ^= (byte)(1 + _random.Below(255));
        return Status.CompareFailure.WithDoNotRetry();
    }

    private int FillRanges(HostQueue queue, int slot, int region)
    {
        int count = 1 + _random.Below(6);
        queue.Entry(slot) = HostCommands.Deallocate(_nsid, count);
        Span<DsmRange> ranges = MemoryMarshal.Cast<byte, DsmRange>(queue.Buffer(slot)[..(count * DsmRange.Size)]);
        for (int i = 0; i < count; i++)
        {
            int start = _random.Below(RegionBlocks);
            int blocks = _random.Below(RegionBlocks - start + 1);
            ranges[i] = new DsmRange { Slba = (ulong)((region * RegionBlocks) + start), Llb = (uint)blocks };
            Blocks(region, start, blocks).Clear();
        }

        return count * DsmRange.Size;
    }

    private int FillCopy(HostQueue queue, int slot, int region)
    {
        int count = 1 + _random.Below(3);
        int most = RegionBlocks / count;
        Span<CopyDescriptor> sources =
            MemoryMarshal.Cast<byte, CopyDescriptor>(queue.Buffer(slot)[..(count * CopyDescriptor.Size)]);
        var gathered = new List<byte>();
        for (int i = 0; i < count; i++)
        {
            int blocks = 1 + _random.Below(most);
            int start = _random.Below(RegionBlocks - blocks + 1);
            ulong lba = (ulong)((region * RegionBlocks) + start);
            sources[i] = new CopyDescriptor { Slba = lba, Nlb = (ushort)(blocks - 1) };
            gathered.AddRange(Blocks(region, start, blocks));
        }

        int copied = gathered.Count / _blockBytes;
        int destination = _random.Below(RegionBlocks - copied + 1);
        gathered.ToArray().CopyTo(Blocks(region, destination, copied));
        queue.Entry(slot) =
            HostCommands.Io(IoOpcode.Copy, _nsid, (ulong)((region * RegionBlocks) + destination), count);
        return count * CopyDescriptor.Size;
    }

    private Span<byte> Blocks(int region, int start, int count) =>
        _reference.AsSpan(((region * RegionBlocks) + start) * _blockBytes, count * _blockBytes);

    /// <summary>At a random place, so that neighbours in time are not neighbours on the medium.</summary>
    private void PutBack(int region)
    {
        if (_freeRegions.Count > 0 && _random.Chance(50))
        {
            int other = _freeRegions.Pop();
            _freeRegions.Push(region);
            _freeRegions.Push(other);
        }
        else
        {
            _freeRegions.Push(region);
        }
    }
}
