using System.Runtime.InteropServices;
using Emulator.Core;
using Emulator.Flash;

namespace Emulator.Ftl.Snapshots;

/// <summary>
/// What snapshots keep of the map, in blocks: the entries of one segment of <see cref="Entries"/> logical pages for one
/// snapshot. A block is there as soon as a page of its segment changes, so that snapshots cost what changes. Blocks have
/// numbers that stay, and are laid out as a checkpoint has them.
/// </summary>
internal sealed unsafe class SnapshotBlocks(int limit) : IDisposable
{
    /// <summary>Base-two logarithm of <see cref="Entries"/>.</summary>
    public const int Shift = 8;

    /// <summary>Logical pages of a segment.</summary>
    public const int Entries = 1 << Shift;

    /// <summary>An entry of a page that did not change since the snapshot: a later one, or the map, has it.</summary>
    public const uint NotKept = uint.MaxValue - 2;

    /// <summary>No block.</summary>
    public const int None = -1;

    private const int BlocksPerSlab = 256;

    private readonly List<NativeMemoryBlock> _slabs = [];
    private readonly Stack<int> _free = [];

    /// <summary>Blocks that there may be at most.</summary>
    public int Limit { get; } = limit;

    /// <summary>Blocks with a number below this have been in use.</summary>
    public int HighWater { get; private set; }

    /// <summary>Blocks that can still be taken.</summary>
    public int Available => Limit - HighWater + _free.Count;

    /// <summary>
    /// Recovery may need some more until it has seen everything; <see cref="SnapshotTable.KeepLimit"/> ends that.
    /// </summary>
    public bool MayExceedLimit { get; set; }

    /// <returns><see cref="None"/> when there is none left.</returns>
    public int Take(ushort snapshot, uint segment)
    {
        if (!_free.TryPop(out int block))
        {
            if (HighWater >= Limit && !MayExceedLimit)
                return None;
            block = Add();
        }

        ref Block taken = ref this[block];
        taken.Snapshot = snapshot;
        taken.Segment = segment;
        taken.Pages.Fill(NotKept);
        return block;
    }

    public void Release(int block)
    {
        this[block].Snapshot = 0;
        _free.Push(block);
    }

    /// <summary>Takes over blocks as a checkpoint has them, in order from number 0 on.</summary>
    public void Load(ReadOnlySpan<Block> blocks)
    {
        foreach (ref readonly Block loaded in blocks)
            this[Add()] = loaded;
    }

    /// <summary>After <see cref="Load"/>: blocks that no snapshot has are free.</summary>
    public void FindFree()
    {
        _free.Clear();
        for (int block = HighWater - 1; block >= 0; block--)
        {
            if (this[block].Snapshot == 0)
                _free.Push(block);
        }
    }

    /// <summary>Moves the last block to one that is free, so that there is one less.</summary>
    /// <returns>The number that it has now; <see cref="None"/> if it was free itself.</returns>
    public int MoveLast()
    {
        int last = HighWater - 1;
        if (this[last].Snapshot == 0)
        {
            HighWater--;
            FindFree();
            return None;
        }

        Check.That(_free.TryPop(out int block));
        this[block] = this[last];
        HighWater--;
        return block;
    }

    public ref Block this[int block]
    {
        get
        {
            Check.That((uint)block < (uint)HighWater);
            return ref ((Block*)_slabs[block / BlocksPerSlab].Pointer)[block % BlocksPerSlab];
        }
    }

    private int Add()
    {
        int block = HighWater++;
        if (block / BlocksPerSlab == _slabs.Count)
            _slabs.Add(new NativeMemoryBlock((long)BlocksPerSlab * sizeof(Block)));
        return block;
    }

    public void Dispose()
    {
        foreach (NativeMemoryBlock slab in _slabs)
            slab.Dispose();
    }

    /// <summary>A block in memory and in a checkpoint (specs/media-format.md, "Checkpoint").</summary>
    [StructLayout(LayoutKind.Sequential, Pack = 4, Size = Bytes)]
    public struct Block
    {
        public const int Bytes = 16 + (Entries * sizeof(uint));

        /// <summary>Identifier of the snapshot; 0 for a block that is free.</summary>
        public uint Snapshot;

        public uint Segment;
        private readonly ulong _reserved;
        private fixed uint _pages[Entries];

        /// <summary>
        /// Where each page of the segment was when the snapshot was made: a physical page,
        /// <see cref="PhysicalPage.None"/>, <see cref="PhysicalPage.Lost"/>, or <see cref="NotKept"/>.
        /// </summary>
        public Span<uint> Pages => MemoryMarshal.CreateSpan(ref _pages[0], Entries);
    }
}
