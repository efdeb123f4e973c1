namespace Emulator.Host.Snapshots;

/// <summary>Sets checksums from pages that are added in order, whole ranges at a time.</summary>
internal sealed class RangeHasher(RangeDigests digests)
{
    private const int PageBytes = RangeDigests.PageBytes;
    private const int PagesOfRange = RangeDigests.PagesOfRange;

    private readonly byte[] _range = new byte[RangeDigests.RangeBytes];
    private readonly byte[] _unreadable = new byte[PagesOfRange / 8];
    private bool _isZero = true;

    public void Add(in SnapshotClient.PageRun run)
    {
        for (ulong page = run.Page; page < run.Page + run.Pages;)
        {
            int inRange = (int)(page % PagesOfRange);
            int count = (int)Math.Min((ulong)(PagesOfRange - inRange), run.Page + run.Pages - page);
            Add(run, inRange, count);
            page += (uint)count;
            if (page == digests.Pages || page % PagesOfRange == 0)
                EndRange((int)((page - 1) / PagesOfRange));
        }
    }

    private void Add(in SnapshotClient.PageRun run, int inRange, int count)
    {
        Span<byte> bytes = _range.AsSpan(inRange * PageBytes, count * PageBytes);
        if (run.Kind == ImageRecordKind.Data)
            run.Data.Span.CopyTo(bytes);
        else if (count < PagesOfRange)
            bytes.Clear();
        if (run.Kind == ImageRecordKind.Unreadable)
            _unreadable[inRange / 8] |= (byte)(1 << (inRange % 8));
        _isZero &= run.Kind == ImageRecordKind.Zero;
    }

    private void EndRange(int range)
    {
        if (_isZero)
            digests.SetZero(range);
        else
            digests.Compute(range, _range, _unreadable);
        _unreadable.AsSpan().Clear();
        _isZero = true;
    }
}
