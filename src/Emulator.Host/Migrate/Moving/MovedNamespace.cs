using Emulator.Core;
using Emulator.Migration;

namespace Emulator.Host.Migrate;

/// <summary>A namespace of the VM, and what of it is to be moved.</summary>
internal sealed class MovedNamespace : CopyMap
{
    /// <summary>Granules of <see cref="CopyMap.Todo"/> that are known to read as zero, and of no other.</summary>
    private readonly TwoLevelBitmap _zero;

    public MovedNamespace(uint nsid, int blockShift, ulong blockCount, int granuleShift)
        : base(blockShift, blockCount, granuleShift)
    {
        Nsid = nsid;
        _zero = new TwoLevelBitmap(Todo.Length);
    }

    public uint Nsid { get; }

    /// <summary>Blocks are to be moved.</summary>
    public void Plan(ulong start, ulong count, bool readsAsZero)
    {
        (long first, long granules) = GranulesOf(start, count);
        Todo.Set(first, granules);
        if (readsAsZero)
            _zero.Set(first, granules);
        else
            _zero.Clear(first, granules);
    }

    /// <summary>Blocks before one need not be moved.</summary>
    public void Skip(ulong before)
    {
        long granules = before >= BlockCount ? Todo.Length : (long)(before >> (GranuleShift - BlockShift));
        Todo.Clear(0, granules);
        _zero.Clear(0, granules);
    }

    /// <summary>Blocks read as zero: those of them that are to be moved need not be read.</summary>
    public void FoundZero(ulong start, ulong count)
    {
        (long first, long granules) = WholeGranulesOf(start, count);
        long end = first + granules;
        for (long at = Todo.Next(first, end); at < end; at = Todo.Next(at, end))
        {
            long after = Todo.NextClear(at, end);
            _zero.Set(at, after - at);
            at = after;
        }
    }

    /// <summary>Takes granules that are to be moved, from one on, as many as are alike.</summary>
    /// <param name="first">The first, which is to be moved.</param>
    /// <param name="most">Granules to look at.</param>
    /// <returns>How many were taken.</returns>
    public long Take(long first, long most, out bool readsAsZero)
    {
        long end = Todo.NextClear(first, Math.Min(Todo.Length, first + most));
        readsAsZero = _zero[first];
        end = readsAsZero ? _zero.NextClear(first, end) : _zero.Next(first, end);
        Todo.Clear(first, end - first);
        _zero.Clear(first, end - first);
        return end - first;
    }

    protected override void Dispose(bool disposing)
    {
        _zero.Dispose();
        base.Dispose(disposing);
    }

    private (long First, long Count) WholeGranulesOf(ulong start, ulong count)
    {
        int shift = GranuleShift - BlockShift;
        ulong end = start + count;
        long first = (long)((start + (1UL << shift) - 1) >> shift);
        long last = end >= BlockCount ? Todo.Length : (long)(end >> shift);
        return (first, Math.Max(0, last - first));
    }
}
