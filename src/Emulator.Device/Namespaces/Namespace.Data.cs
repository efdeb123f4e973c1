using Emulator.Cache;
using Emulator.Core;
using Emulator.Flash;
using Emulator.Ftl;
using Emulator.Migration;

namespace Emulator.Device;

/// <summary>
/// Reading and changing blocks. Ranges are known to lie within the namespace. Every method that changes what a block
/// reads as reports it, in the call that changes it and so before the command is acknowledged.
/// </summary>
public sealed partial class Namespace
{
    private const int PageShift = 12;
    private const int PageMask = FlashGeometry.PageBytes - 1;
    private static readonly byte[] ZeroPage = new byte[FlashGeometry.PageBytes];

    /// <summary>Reads blocks; those that are deallocated read as zeroes.</summary>
    public MediumResult Read(SimTime now, BlockRange range, Span<byte> destination, CacheHints hints = default)
    {
        MediumResult result = MediumResult.Success(now);
        ulong offset = range.Start << BlockShift;
        while (!destination.IsEmpty)
        {
            int within = (int)offset & PageMask;
            int length = Math.Min(destination.Length, FlashGeometry.PageBytes - within);
            result = result.And(_pages.Read(now, _map.At(offset >> PageShift), within, destination[..length], hints));
            destination = destination[length..];
            offset += (uint)length;
        }

        return result;
    }

    /// <summary>Writes blocks, which also heals them if they were marked uncorrectable.</summary>
    /// <param name="writer">The VM that writes, null if it is the drive itself.</param>
    /// <param name="stream">The stream of the translation layer; the default is none of the host's.</param>
    public MediumResult Write(
        SimTime now,
        BlockRange range,
        ReadOnlySpan<byte> source,
        VmMonitor? writer,
        CacheHints hints = default,
        WriteStream stream = default)
    {
        if (LimitsRoom && !HasRoom(now, range, isTrim: false))
            return new MediumResult(now, MediumStatus.NoRoom);
        foreach (ChangeTracker tracker in _trackers)
            tracker.Expect(range.Start);
        MediumResult result = MediumResult.Success(now);
        ulong offset = range.Start << BlockShift;
        while (!source.IsEmpty)
        {
            int within = (int)offset & PageMask;
            int length = Math.Min(source.Length, FlashGeometry.PageBytes - within);
            result = result.And(
                _pages.Write(now, _map.At(offset >> PageShift), stream, within, source[..length], hints));
            source = source[length..];
            offset += (uint)length;
        }

        return Changed(range, writer, result);
    }

    /// <summary>Makes blocks read as zeroes by deallocating them; parts of pages are overwritten.</summary>
    public MediumResult Deallocate(SimTime now, BlockRange range, VmMonitor? writer, CacheHints hints = default)
    {
        if (LimitsRoom && !HasRoom(now, range, isTrim: true))
            return new MediumResult(now, MediumStatus.NoRoom);
        MediumResult result = MediumResult.Success(now);
        ulong end = range.End << BlockShift;
        for (ulong offset = range.Start << BlockShift; offset < end;)
        {
            int within = (int)offset & PageMask;
            int length = (int)Math.Min(end - offset, (ulong)(FlashGeometry.PageBytes - within));
            result = result.And(Zero(now, _map.At(offset >> PageShift), within, length, hints));
            offset += (uint)length;
        }

        return Changed(range, writer, result);
    }

    /// <summary>Makes reads of these blocks fail until they are written again (NVM 1.1, 3.3.7).</summary>
    public void MarkUncorrectable(BlockRange range, VmMonitor? writer)
    {
        ReportChange(range, writer);
        _uncorrectable.Set((long)range.Start, (long)range.Count);
        MarksChanged?.Invoke();
    }

    /// <summary>Marks blocks as they were marked on another drive.</summary>
    /// <param name="keepsOthers">Blocks that are marked and not among these stay so.</param>
    internal void TakeOverMarks(IReadOnlyCollection<BlockRange> marked, bool keepsOthers)
    {
        if (marked.Count == 0 && _uncorrectable.Count == 0)
            return;
        if (!keepsOthers)
            _uncorrectable.Clear();
        foreach (BlockRange range in marked)
            _uncorrectable.Set((long)range.Start, (long)range.Count);
        MarksChanged?.Invoke();
    }

    public bool IsUncorrectable(BlockRange range) => _uncorrectable.Any((long)range.Start, (long)range.Count);

    /// <summary>Whether any block of a range holds data, so that the range need not read as zeroes.</summary>
    public bool IsAllocated(BlockRange range)
    {
        ulong last = ((range.End << BlockShift) - 1) >> PageShift;
        for (ulong page = range.Start << BlockShift >> PageShift; page <= last; page++)
        {
            if (_pages.IsMapped(_map.At(page)))
                return true;
        }

        return IsUncorrectable(range);
    }

    /// <summary>Makes everything written so far survive a loss of power, with that of all other namespaces.</summary>
    public MediumResult Flush(SimTime now) => _pages.Flush(now);

    /// <summary>
    /// Makes everything written so far survive a loss of power, without waiting for the medium. What is of other namespaces may
    /// stay in DRAM.
    /// </summary>
    public MediumResult BeginFlush(SimTime now) => _pages.BeginFlush(now, _map);

    /// <summary>Makes blocks survive a loss of power, if they would not.</summary>
    public MediumResult Commit(SimTime now, BlockRange range)
    {
        MediumResult result = MediumResult.Success(now);
        ulong last = ((range.End << BlockShift) - 1) >> PageShift;
        for (ulong page = range.Start << BlockShift >> PageShift; page <= last; page++)
            result = result.And(_pages.Commit(now, _map.At(page)));
        return result;
    }

    /// <summary>Deallocates everything and takes a new block size; the capacity in bytes stays.</summary>
    public MediumResult Reformat(SimTime now, LbaFormatIndex format)
    {
        MediumResult result = Deallocate(now, new BlockRange(0, BlockCount), writer: null);
        if (result.Status == MediumStatus.NoRoom)
            return result;
        if (format == Format)
            return result;

        BlockCount = Bytes >> LbaFormats.BlockShift(format);
        Format = format;
        _uncorrectable.Dispose();
        _uncorrectable = new TwoLevelBitmap((long)BlockCount);
        foreach (ChangeTracker tracker in _trackers)
            tracker.Resize();
        return result;
    }

    private MediumResult Zero(SimTime now, LogicalPage page, int within, int length, CacheHints hints)
    {
        if (length == FlashGeometry.PageBytes)
            return MediumResult.Success(_pages.Trim(now, page));
        return _pages.IsMapped(page)
            ? _pages.Write(now, page, WriteStream.Host, within, ZeroPage.AsSpan(0, length), hints)
            : MediumResult.Success(now);
    }

    /// <summary>
    /// Marks go when what took the place of the blocks is durable: a loss of power in between would else bring back what
    /// was there before they were marked.
    /// </summary>
    private MediumResult Changed(BlockRange range, VmMonitor? writer, MediumResult result)
    {
        if (result.IsSuccess && IsUncorrectable(range))
        {
            result = result.And(_pages.Flush(result.Done));
            if (result.IsSuccess)
                _uncorrectable.Clear((long)range.Start, (long)range.Count);
            MarksChanged?.Invoke();
        }

        ReportChange(range, writer);
        return result;
    }
}
