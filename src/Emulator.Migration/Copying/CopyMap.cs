using Emulator.Core;

namespace Emulator.Migration;

/// <summary>
/// What of one namespace is to be copied, a bit for each granule, and what of it has been written at the other side and could
/// still be lost there.
/// </summary>
public class CopyMap : IDisposable
{
    private readonly int _granuleBlocksShift;
    private TwoLevelBitmap _landed;
    private TwoLevelBitmap _flushing;

    /// <param name="blockShift">Base-two logarithm of the bytes of a block.</param>
    /// <param name="blockCount">Blocks of the namespace, at least 1.</param>
    /// <param name="granuleShift">Base-two logarithm of the bytes of a granule, which is at least a block.</param>
    public CopyMap(int blockShift, ulong blockCount, int granuleShift)
    {
        GranuleShift = granuleShift;
        BlockShift = blockShift;
        BlockCount = blockCount;
        _granuleBlocksShift = granuleShift - blockShift;
        long granules = (long)((blockCount - 1) >> _granuleBlocksShift) + 1;
        Todo = new TwoLevelBitmap(granules);
        _landed = new TwoLevelBitmap(granules);
        _flushing = new TwoLevelBitmap(granules);
    }

    /// <summary>Base-two logarithm of the bytes of a block.</summary>
    public int BlockShift { get; }

    /// <summary>Blocks of the namespace.</summary>
    public ulong BlockCount { get; }

    public int GranuleShift { get; }

    /// <summary>Granules that no command has taken yet.</summary>
    public TwoLevelBitmap Todo { get; }

    /// <summary>Granules that the other side has, and could lose with its power.</summary>
    public long Volatile => _landed.Count + _flushing.Count;

    public bool HasLanded => _landed.Count > 0;

    /// <summary>A Flush of this namespace is outstanding.</summary>
    public bool IsFlushing { get; private set; }

    public ulong FirstBlock(long granule) => (ulong)granule << _granuleBlocksShift;

    /// <summary>Behind the last block of granules that end before <paramref name="end"/>.</summary>
    public ulong EndBlock(long end) => Math.Min((ulong)end << _granuleBlocksShift, BlockCount);

    /// <summary>Blocks are to be copied, again or still.</summary>
    /// <returns>Granules that were not in the set before.</returns>
    public long Add(ulong startLba, ulong blockCount)
    {
        (long first, long count) = GranulesOf(startLba, blockCount);
        return Todo.Set(first, count);
    }

    public void Land(ulong startLba, ulong blockCount)
    {
        (long first, long count) = GranulesOf(startLba, blockCount);
        _landed.Set(first, count);
    }

    /// <summary>A Flush is sent: it covers what landed before.</summary>
    public void BeginFlush()
    {
        Check.That(!IsFlushing);
        (_landed, _flushing) = (_flushing, _landed);
        IsFlushing = true;
    }

    public void EndFlush(bool isDurable)
    {
        IsFlushing = false;
        if (!isDurable)
            _landed.UnionWith(_flushing);
        _flushing.Clear();
    }

    /// <summary>What the other side could have lost is to be copied again.</summary>
    /// <returns>Granules.</returns>
    public long TakeBack()
    {
        EndFlush(isDurable: false);
        long before = Todo.Count;
        Todo.UnionWith(_landed);
        _landed.Clear();
        return Todo.Count - before;
    }

    /// <summary>The other side keeps whatever it acknowledges.</summary>
    public void ForgetLanded() => _landed.Clear();

    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    protected virtual void Dispose(bool disposing)
    {
        Todo.Dispose();
        _landed.Dispose();
        _flushing.Dispose();
    }

    protected (long First, long Count) GranulesOf(ulong startLba, ulong blockCount)
    {
        long first = (long)(startLba >> _granuleBlocksShift);
        return (first, (long)((startLba + blockCount - 1) >> _granuleBlocksShift) - first + 1);
    }
}
