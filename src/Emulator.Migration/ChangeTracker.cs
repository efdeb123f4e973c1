using Emulator.Core;

namespace Emulator.Migration;

/// <summary>
/// The changes of one namespace, kept for one VM, a bit for each tracking granule: those of the VM's life, and while
/// the VM is a source those of the current round and of the round that was taken last.
/// </summary>
public sealed class ChangeTracker : IDisposable
{
    private TwoLevelBitmap _written = null!;
    private TwoLevelBitmap? _dirty;
    private TwoLevelBitmap? _taken;
    private ITrackedNamespace? _namespace;
    private int _granuleBlocksShift;
    private bool _isAttached = true;

    internal ChangeTracker(VmMonitor monitor, ITrackedNamespace ns)
    {
        Monitor = monitor;
        Nsid = ns.Nsid;
        _namespace = ns;
        TakeShape(ns);
    }

    public VmMonitor Monitor { get; }

    public uint Nsid { get; }

    /// <summary>
    /// The namespace is attached to the VM, or was until it was deleted. What is recorded of one that is detached
    /// waits unseen until it is attached again.
    /// </summary>
    public bool IsAttached
    {
        get => _isAttached;
        internal set
        {
            if (_isAttached == value)
                return;
            _isAttached = value;
            Monitor.CountWritten(value ? _written.Count : -_written.Count);
        }
    }

    internal bool IsDeleted => _namespace == null;

    internal int BlockShift { get; private set; }

    internal ulong BlockCount { get; private set; }

    internal long Granules => _written.Length;

    internal TwoLevelBitmap Written => _written;

    /// <summary>The round's set; only while the VM is a source.</summary>
    internal TwoLevelBitmap Dirty => _dirty!;

    /// <summary>What was taken last; only while the VM is a source.</summary>
    internal TwoLevelBitmap Taken => _taken!;

    /// <summary>
    /// Blocks are about to be recorded. The sets of a large namespace are larger than the processor's cache: what recording
    /// needs of them is fetched while the data is written.
    /// </summary>
    /// <param name="startLba">First logical block, one that the namespace has.</param>
    public void Expect(ulong startLba)
    {
        long first = (long)(startLba >> _granuleBlocksShift);
        _written.Anticipate(first);
        _dirty?.Anticipate(first);
    }

    /// <summary>Records that blocks changed what they read as.</summary>
    /// <param name="startLba">First logical block.</param>
    /// <param name="blockCount">Logical blocks, at least 1.</param>
    /// <param name="writer">The VM whose command changed them; null if the drive itself did, to everybody's data.</param>
    public void Record(ulong startLba, ulong blockCount, VmMonitor? writer)
    {
        long first = (long)(startLba >> _granuleBlocksShift);
        long count = (long)((startLba + blockCount - 1) >> _granuleBlocksShift) - first + 1;
        bool isOwn = writer == Monitor || writer == null;
        if (_dirty != null)
            RecordDirty(_dirty, first, count, isOwn || !Monitor.SharesController);
        if (!isOwn)
            return;

        long added = _written.Set(first, count);
        if (added != 0 && _isAttached)
            Monitor.CountWritten(added);
    }

    /// <summary>Runs of granules that the VM wrote in its life.</summary>
    public IEnumerable<(ulong First, ulong Count)> WrittenGranules
    {
        get
        {
            for (long from = 0; _written.TryNextRun(from, out long first, out long count); from = first + count)
                yield return ((ulong)first, (ulong)count);
        }
    }

    /// <summary>Blocks of granules that the VM wrote, and nobody of others did.</summary>
    /// <param name="others">Trackers of the same namespace.</param>
    public IEnumerable<(ulong Start, ulong Count)> WrittenAlone(IReadOnlyCollection<ChangeTracker> others)
    {
        for (long from = 0; _written.TryNextRun(from, out long first, out long count); from = first + count)
        {
            for (long granule = first; granule < first + count; granule++)
            {
                if (others.Any(other => other._written[granule]))
                    continue;
                ulong start = (ulong)granule << _granuleBlocksShift;
                yield return (start, Math.Min(1ul << _granuleBlocksShift, BlockCount - start));
            }
        }
    }

    /// <summary>The namespace was formatted: block size and count are others now, and everything in it changed.</summary>
    public void Resize()
    {
        Check.That(_namespace != null);
        bool isTracking = _dirty != null;
        Monitor.CountWritten(_isAttached ? -_written.Count : 0);
        Dispose();
        TakeShape(_namespace);
        if (isTracking)
            StartRounds();
        Record(0, BlockCount, writer: null);
    }

    /// <summary>
    /// The namespace is gone. What was recorded of it stays, and reads as zero, until another one takes its number.
    /// </summary>
    public void Abandon() => _namespace = null;

    public void Dispose()
    {
        _written.Dispose();
        StopRounds();
    }

    internal ulong GranulesAlike(long first, long count, out bool readAsZero)
    {
        readAsZero = true;
        return _namespace == null
            ? (ulong)count
            : _namespace.GranulesAlike((ulong)first, (ulong)count, Monitor.GranuleShift, out readAsZero);
    }

    internal void StartRounds()
    {
        _dirty = new TwoLevelBitmap(Granules);
        _taken = new TwoLevelBitmap(Granules);
    }

    internal void StopRounds()
    {
        _dirty?.Dispose();
        _taken?.Dispose();
        _dirty = _taken = null;
    }

    /// <summary>Everything counts as changed in this round: the VM sees a namespace that it did not see before.</summary>
    internal void MarkAllDirty() => _dirty?.Set(0, Granules);

    /// <summary>Takes the round's granules below <paramref name="end"/>; the others stay in the set.</summary>
    internal void Take(long end)
    {
        _taken!.Clear();
        if (end >= Granules)
        {
            (_dirty, _taken) = (_taken, _dirty);
            return;
        }

        _dirty!.MoveTo(_taken, end);
    }

    /// <summary>Puts back what was taken last.</summary>
    internal void PutBack()
    {
        _dirty!.UnionWith(_taken!);
        _taken!.Clear();
    }

    /// <summary>Puts granules into the set of the VM's life, as a storage state tells them.</summary>
    internal void AddWritten(long first, long count)
    {
        long added = _written.Set(first, count);
        if (_isAttached)
            Monitor.CountWritten(added);
    }

    internal void ForgetWritten()
    {
        Monitor.CountWritten(_isAttached ? -_written.Count : 0);
        _written.Clear();
    }

    /// <param name="everywhere">Otherwise only where the VM has written.</param>
    private void RecordDirty(TwoLevelBitmap dirty, long first, long count, bool everywhere)
    {
        if (everywhere)
        {
            dirty.Set(first, count);
            return;
        }

        long end = first + count;
        for (long from = first; _written.TryNextRun(from, out long start, out long length) && start < end; from = start + length)
            dirty.Set(start, Math.Min(start + length, end) - start);
    }

    private void TakeShape(ITrackedNamespace ns)
    {
        BlockShift = ns.BlockShift;
        BlockCount = ns.BlockCount;
        _granuleBlocksShift = Monitor.GranuleShift - BlockShift;
        _written = new TwoLevelBitmap((long)((BlockCount - 1) >> _granuleBlocksShift) + 1);
    }
}
