using System.Numerics;
using Emulator.Core;

namespace Emulator.Tcp;

/// <summary>A buffer of the pool; the default value is none.</summary>
internal readonly unsafe struct PooledBuffer(byte* memory, int sizeClass)
{
    public readonly byte* Memory = memory;
    public readonly int SizeClass = sizeClass;

    public bool IsNone => Memory == null;

    public int Bytes => 1 << (BufferPool.SmallestShift + SizeClass);
}

/// <summary>
/// Data buffers of a reactor, in size classes of powers of two. Each class reserves address space when the pool is
/// built and takes memory from it as it is first used; what is given back is handed out next, while it is still in the
/// processor's cache.
/// </summary>
internal sealed unsafe class BufferPool : IDisposable
{
    public const int SmallestShift = 12;

    private readonly NativeMemoryBlock[] _memory;
    private readonly int[][] _free;
    private readonly int[] _freeCount;
    private long _bytesInUse;

    /// <param name="largest">Bytes of the largest buffer; a power of two, at least 4096.</param>
    /// <param name="bytesPerClass">Address space of each class.</param>
    public BufferPool(int largest, long bytesPerClass)
    {
        int classes = BitOperations.Log2((uint)largest) - SmallestShift + 1;
        _memory = new NativeMemoryBlock[classes];
        _free = new int[classes][];
        _freeCount = new int[classes];
        for (int i = 0; i < classes; i++)
        {
            int count = (int)(bytesPerClass >> (SmallestShift + i));
            _memory[i] = new NativeMemoryBlock((long)count << (SmallestShift + i));
            _free[i] = [.. Enumerable.Range(0, count).Reverse()];
            _freeCount[i] = count;
        }
    }

    /// <summary>Bytes of the buffers that are handed out; any thread may ask.</summary>
    public long BytesInUse => Volatile.Read(ref _bytesInUse);

    /// <summary>Bytes that a buffer for <paramref name="length"/> bytes takes.</summary>
    public static int BytesFor(int length) => 1 << (SmallestShift + SizeClassOf(length));

    /// <summary>A buffer of at least <paramref name="length"/> bytes, contents undefined.</summary>
    /// <returns>False when the class is used up.</returns>
    public bool TryTake(int length, out PooledBuffer buffer)
    {
        int sizeClass = SizeClassOf(length);
        if (_freeCount[sizeClass] == 0)
        {
            buffer = default;
            return false;
        }

        int index = _free[sizeClass][--_freeCount[sizeClass]];
        _bytesInUse += 1L << (SmallestShift + sizeClass);
        buffer = new PooledBuffer(_memory[sizeClass].Pointer + ((long)index << (SmallestShift + sizeClass)), sizeClass);
        return true;
    }

    public void Return(PooledBuffer buffer)
    {
        int sizeClass = buffer.SizeClass;
        _bytesInUse -= buffer.Bytes;
        long offset = buffer.Memory - _memory[sizeClass].Pointer;
        _free[sizeClass][_freeCount[sizeClass]++] = (int)(offset >> (SmallestShift + sizeClass));
    }

    public void Dispose()
    {
        foreach (NativeMemoryBlock memory in _memory)
            memory.Dispose();
    }

    private static int SizeClassOf(int length) =>
        Math.Max(0, BitOperations.Log2((uint)Math.Max(1, length - 1)) + 1 - SmallestShift);
}
