using Emulator.Core;
using Emulator.Wire;

namespace Emulator.Migration;

/// <summary>
/// Copies namespaces to a peer: takes granules that are to be copied, reads their blocks and writes them there, with as
/// many commands outstanding as the peer has slots. It knows nothing of rounds, of VMs and of the reasons for a copy;
/// whoever owns it says what is to be copied, and when it may take the next step.
/// <para>
/// A granule is in the set to do, or a command has it, or it has landed at the peer and could be lost there, or it is
/// durable there and in none of these. When the connection is lost all but the last are to do again. No two commands for
/// one granule are ever outstanding as long as granules are added only while <see cref="IsDrained"/>.
/// </para>
/// </summary>
public sealed partial class CopyLoop : IDisposable
{
    /// <summary>Bytes of a run that is examined at once; finding out where it ends takes time.</summary>
    private const int ExtentShift = 26;

    private const uint MostBlocks = 1 << 16;

    private readonly CopyOptions _options;
    private readonly CopySet[] _sets;
    private readonly int _granuleShift;
    private Extent _extent;
    private int _set;
    private long _granule;
    private CopyCounters _counters;

    /// <summary>Blocks that were taken from the set to do and are cut into commands one by one.</summary>
    private struct Extent
    {
        public CopySet? Set;
        public ulong Next;
        public ulong End;
        public bool ReadsAsZero;

        /// <summary>Blocks before this are read one by one, since some of them cannot be read.</summary>
        public ulong SinglyUntil;
    }

    /// <param name="sources">In ascending order of NSID.</param>
    /// <param name="granuleShift">Base-two logarithm of the bytes of a granule.</param>
    public CopyLoop(IEnumerable<ICopySource> sources, int granuleShift, CopyOptions options)
    {
        _options = options;
        _granuleShift = granuleShift;
        _sets = [.. sources.Select(source => new CopySet(source, granuleShift))];
    }

    public ref readonly CopyCounters Counters => ref _counters;

    /// <summary>Commands that have granules: their blocks are being read, or written at the peer.</summary>
    public int InFlight { get; private set; }

    /// <summary>Nothing is to do, and no command has anything.</summary>
    public bool IsDrained => InFlight == 0 && _extent.Set == null && TodoGranules == 0;

    /// <summary>It is drained, and everything that landed is durable.</summary>
    public bool IsSettled => IsDrained && VolatileGranules == 0;

    /// <summary>Bytes that are to do, or that commands have.</summary>
    public ulong BytesLeft => ((ulong)TodoGranules << _granuleShift) + ExtentBytes + (ulong)_bytesInFlight;

    /// <summary>The status with which the peer refused to go on; success while it has not.</summary>
    public Status Refusal { get; private set; }

    private long TodoGranules
    {
        get
        {
            long granules = 0;
            foreach (CopySet set in _sets)
                granules += set.Todo.Count;
            return granules;
        }
    }

    private long VolatileGranules
    {
        get
        {
            long granules = 0;
            foreach (CopySet set in _sets)
                granules += set.Volatile;
            return granules;
        }
    }

    private ulong ExtentBytes => _extent.Set == null ? 0 : (_extent.End - _extent.Next) << _extent.Set.Source.BlockShift;

    /// <summary>Every source is what it was.</summary>
    public bool AreSourcesAsBefore
    {
        get
        {
            foreach (CopySet set in _sets)
            {
                if (!set.Source.IsAsBefore)
                    return false;
            }

            return true;
        }
    }

    /// <summary>
    /// Granules of a namespace that are to be copied; the caller may add to it while nothing is in flight.
    /// </summary>
    /// <returns>Null if the namespace is none of the sources.</returns>
    public TwoLevelBitmap? ToDo(uint nsid)
    {
        foreach (CopySet set in _sets)
        {
            if (set.Source.Nsid == nsid)
                return set.Todo;
        }

        return null;
    }

    public void Dispose()
    {
        foreach (CopySet set in _sets)
            set.Dispose();
    }

    /// <summary>Takes the next run of granules that are alike, if there is none at hand.</summary>
    private bool TryTakeExtent()
    {
        if (_extent.Set != null)
            return true;
        for (int looked = 0; looked <= _sets.Length; looked++)
        {
            CopySet set = _sets[_set];
            if (set.Todo.TryNextRun(_granule, out long first, out long count))
            {
                TakeExtent(set, first, count);
                return true;
            }

            _set = _set + 1 == _sets.Length ? 0 : _set + 1;
            _granule = 0;
        }

        return false;
    }

    private void TakeExtent(CopySet set, long first, long count)
    {
        count = Math.Min(count, Math.Max(1, 1L << Math.Max(0, ExtentShift - _granuleShift)));
        count = (long)set.Source.GranulesAlike((ulong)first, (ulong)count, _granuleShift, out bool readsAsZero);
        set.Todo.Clear(first, count);
        _granule = first + count;
        _extent = new Extent
        {
            Set = set,
            Next = set.FirstBlock(first),
            End = set.EndBlock(first + count),
            ReadsAsZero = readsAsZero,
        };
    }

    /// <summary>Puts back what no command has of the run at hand.</summary>
    private void ReturnExtent()
    {
        if (_extent.Set != null)
            _extent.Set.Add(_extent.Next, _extent.End - _extent.Next);
        _extent = default;
    }
}
