using System.Numerics;
using System.Runtime.CompilerServices;
using Emulator.Core;
using Emulator.Ftl;

namespace Emulator.Cache;

/// <summary>
/// Which line holds a page: open addressing with linear probing, at most half full, so that a page is found with one
/// access to memory most of the time. A slot is the page above and the number of the line plus 1 below; 0 is empty.
/// </summary>
internal sealed unsafe class PageIndex : IDisposable
{
    private readonly NativeMemoryBlock _memory;
    private readonly ulong* _slots;
    private readonly uint _mask;
    private readonly int _shift;

    public PageIndex(int lines)
    {
        uint slots = BitOperations.RoundUpToPowerOf2((uint)lines) * 2;
        _memory = new NativeMemoryBlock(slots * (long)sizeof(ulong));
        _slots = (ulong*)_memory.Pointer;
        _mask = slots - 1;
        _shift = 32 - BitOperations.Log2(slots);
    }

    /// <returns>The line, or <see cref="CacheLine.None"/>.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Find(LogicalPage page)
    {
        for (uint at = Home(page.Value); ; at = (at + 1) & _mask)
        {
            ulong slot = _slots[at];
            if (slot == 0)
                return CacheLine.None;
            if ((uint)(slot >> 32) == page.Value)
                return (int)(uint)slot - 1;
        }
    }

    /// <summary>Adds a page that is not there.</summary>
    public void Add(LogicalPage page, int line)
    {
        uint at = Home(page.Value);
        while (_slots[at] != 0)
            at = (at + 1) & _mask;
        _slots[at] = ((ulong)page.Value << 32) | ((uint)line + 1);
    }

    /// <summary>Removes a page that is there, and moves up those behind it that it had displaced.</summary>
    public void Remove(LogicalPage page)
    {
        uint hole = Home(page.Value);
        for (; (uint)(_slots[hole] >> 32) != page.Value || _slots[hole] == 0; hole = (hole + 1) & _mask)
            Check.That(_slots[hole] != 0);

        for (uint next = (hole + 1) & _mask; _slots[next] != 0; next = (next + 1) & _mask)
        {
            uint home = Home((uint)(_slots[next] >> 32));
            if (((next - home) & _mask) < ((next - hole) & _mask))
                continue;
            _slots[hole] = _slots[next];
            hole = next;
        }

        _slots[hole] = 0;
    }

    public void Dispose() => _memory.Dispose();

    /// <summary>Multiplication by 2^32 over the golden ratio scatters pages in a row (Knuth, 6.4).</summary>
    private uint Home(uint page) => (page * 2_654_435_769u) >> _shift;
}
