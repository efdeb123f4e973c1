using Emulator.Core;
using Emulator.Flash;
using Emulator.Flash.Rotating;

namespace Emulator.Ftl.Rotating;

/// <summary>
/// Pages of a rotating disk: each has its place for good and is overwritten there. Nothing is collected and nothing wears;
/// what takes time is the arm and the platter. Pages that were never written or were trimmed are told apart by their
/// spare area, which is all that recovery reads.
/// </summary>
public sealed unsafe partial class RotatingDisk : IStoredPageStore
{
    private readonly Medium _medium;
    private readonly DiskMechanics? _mechanics;
    private readonly TwoLevelBitmap _mapped;
    private readonly WritesUnderWay? _underWay;
    private readonly bool _keepsChecksums;
    private readonly HashSet<uint> _damaged = [];
    private ulong _sequence;
    private SimTime _idle;
    private FtlCounters _counters;

    /// <param name="medium">Where the bytes are, empty or as an earlier disk left it; it stays the caller's.</param>
    /// <param name="logicalPages">Pages offered upwards, at most those of the medium.</param>
    /// <param name="mechanics">How long the disk takes; null for a disk that takes no time.</param>
    public RotatingDisk(Medium medium, long logicalPages, DiskMechanics? mechanics)
    {
        Check.That(logicalPages > 0 && logicalPages <= medium.Geometry.PageCount);
        _medium = medium;
        _mechanics = mechanics;
        _mapped = new TwoLevelBitmap(logicalPages);
        _keepsChecksums = medium.Persists && medium.Data != null;
        _underWay = medium.Persists && mechanics != null ? new WritesUnderWay(medium) : null;
        LogicalPageCount = logicalPages;
        if (medium.Persists)
            FindMappedPages();
    }

    public long LogicalPageCount { get; }

    /// <inheritdoc/>
    public int ProgramPages => 1;

    /// <inheritdoc/>
    public SimTime NextEvent => SimTime.Never;

    public ref readonly FtlCounters Counters => ref _counters;

    public bool IsMapped(LogicalPage page) => _mapped[page.Value];

    /// <inheritdoc/>
    public int FirstPage(LogicalPage start, int count, bool mapped)
    {
        Check.That(count > 0 && start.Value + (long)count <= LogicalPageCount);
        long end = start.Value + count;
        return (int)((mapped ? _mapped.Next(start.Value, end) : _mapped.NextClear(start.Value, end)) - start.Value);
    }

    /// <inheritdoc/>
    public MediumResult Read(SimTime now, LogicalPage page, int offset, Span<byte> destination)
    {
        if (!_mapped[page.Value])
        {
            destination.Clear();
            return MediumResult.Success(now);
        }

        SimTime done = _mechanics?.Read(now, OffsetOf(page) + offset, destination.Length) ?? now;
        bool isPlain = !_keepsChecksums || SpareOf(page).Form == StoredForm.Plain;
        return !isPlain || !IsUndamaged(page)
            ? new MediumResult(done, MediumStatus.Uncorrectable)
            : CopyOut(done, page, offset, destination);
    }

    /// <inheritdoc/>
    public MediumResult Write(SimTime now, LogicalPage page, WriteStream stream, ReadOnlySpan<byte> data) =>
        WriteStored(now, page, stream, data, [], StoredForm.Plain);

    /// <inheritdoc/>
    public SimTime Trim(SimTime now, LogicalPage page)
    {
        if (!_mapped[page.Value])
            return now;
        _underWay?.Forget(page.Value);
        SpareOf(page) = default;
        _mapped.Clear(page.Value, 1);
        _counters.PagesTrimmed++;
        return now;
    }

    /// <inheritdoc/>
    public MediumResult Commit(SimTime now) => MediumResult.Success(SimTime.Max(now, _idle));

    /// <inheritdoc/>
    public MediumResult Flush(SimTime now)
    {
        _medium.Sync();
        return Commit(now);
    }

    /// <inheritdoc/>
    public bool IsIntact(LogicalPage page) => !_mapped[page.Value] || SpareOf(page).LogicalPage == page.Value;

    /// <inheritdoc/>
    public bool Damage(LogicalPage page) => _mapped[page.Value] && _damaged.Add(page.Value);

    /// <summary>A disk overwrites in place; what is left of a trimmed page is cleared here.</summary>
    public SimTime EraseStale(SimTime now)
    {
        for (long page = 0; page < LogicalPageCount; page++)
        {
            if (!_mapped[page] && _medium.Data != null)
                ContentsOf(new LogicalPage((uint)page)).Clear();
        }

        return now;
    }

    /// <inheritdoc/>
    public void Advance(SimTime now)
    {
    }

    /// <summary>Takes back the writes that are not on the platter yet: each is there in full or not at all.</summary>
    public void PowerCut(SimTime at) => _underWay?.TakeBack(at);

    public void Dispose()
    {
        _mapped.Dispose();
        _underWay?.Dispose();
    }

    private void FindMappedPages()
    {
        for (long page = 0; page < LogicalPageCount; page++)
        {
            ref readonly SpareArea spare = ref _medium.Spare[page];
            if (!spare.IsProgrammed)
                continue;
            _mapped.Set(page, 1);
            _sequence = Math.Max(_sequence, spare.Sequence);
        }
    }

    private static long OffsetOf(LogicalPage page) => (long)page.Value * FlashGeometry.PageBytes;

    private Span<byte> ContentsOf(LogicalPage page) => new(_medium.Data + OffsetOf(page), FlashGeometry.PageBytes);

    private ref SpareArea SpareOf(LogicalPage page) => ref _medium.Spare[page.Value];
}
