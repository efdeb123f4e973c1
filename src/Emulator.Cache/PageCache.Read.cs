using Emulator.Core;
using Emulator.Flash;
using Emulator.Ftl;

namespace Emulator.Cache;

/// <summary>Reading, and reading ahead.</summary>
public sealed partial class PageCache
{
    private int _lastUsed = CacheLine.None;

    /// <summary>Reads part of a page; what was never written or was trimmed reads as zeroes.</summary>
    /// <param name="offset">First byte within the page.</param>
    /// <param name="destination">At most the rest of the page.</param>
    public MediumResult Read(
        SimTime now, LogicalPage page, int offset, Span<byte> destination, CacheHints hints = default)
    {
        int line = _index.Find(page);
        if (line == CacheLine.None)
            return ReadStore(now, page, offset, destination, hints);
        if (hints.Has(CacheHint.Through))
            return ReadThrough(now, page, offset, destination);
        return ReadLine(now, line, offset, destination, hints);
    }

    /// <summary>
    /// Reads a page into a line, for a read that is expected. Only a line that is free or clean is taken for it, and a
    /// page that cannot be read is left to the read that wants it.
    /// </summary>
    /// <returns>Whether the page is on its way now and was not before.</returns>
    public bool Prefetch(SimTime now, LogicalPage page, CacheHints hints = default)
    {
        if (_index.Find(page) != CacheLine.None || !_store.IsMapped(page))
            return false;
        int line = TakeCleanLine(now);
        if (line == CacheLine.None)
            return false;

        MediumResult result = _store.Read(now, page, 0, _lines.Data(line));
        if (!result.IsSuccess)
        {
            _free.AddFirst(line);
            return false;
        }

        ObserveTime(now, result.Done);
        Install(line, page, WriteStream.Host, result.Done);
        _lines[line].Flags = LineFlags.Prefetched;
        Claim(ref _lines[line], hints);
        BecomeClean(line);
        _counters.PagesPrefetched++;
        _owners[hints.Owner].PagesPrefetched++;
        return true;
    }

    /// <summary>Adds the pages that lines hold to a list, in no order.</summary>
    public void ListPages(ICollection<LogicalPage> pages)
    {
        for (int line = 0; line < _options.Lines; line++)
        {
            if (_lines[line].State != LineState.Free)
                pages.Add(new LogicalPage(_lines[line].Page));
        }
    }

    /// <summary>The stream that a page is going to be programmed with; null if the store has the page.</summary>
    public WriteStream? StreamOf(LogicalPage page)
    {
        int line = _index.Find(page);
        return line != CacheLine.None && _lines[line].State == LineState.Dirty
            ? new WriteStream(_lines[line].Stream)
            : null;
    }

    private MediumResult ReadLine(SimTime now, int line, int offset, Span<byte> destination, CacheHints hints)
    {
        _lines.Data(line).Slice(offset, destination.Length).CopyTo(destination);
        _counters.ReadHits++;
        if (hints.Owner != 0)
            _owners[hints.Owner].ReadHits++;
        var readyAt = new SimTime(_lines[line].ReadyAt);
        bool isLastPart = offset + destination.Length == FlashGeometry.PageBytes;
        Use(line, isLastPart, hints);
        return MediumResult.Success(Access(SimTime.Max(now, readyAt), destination.Length));
    }

    private MediumResult ReadThrough(SimTime now, LogicalPage page, int offset, Span<byte> destination)
    {
        MediumResult committed = Commit(now, page);
        return committed.IsSuccess ? _store.Read(committed.Done, page, offset, destination) : committed;
    }

    private void Use(int line, bool isLastPart, CacheHints hints)
    {
        ref CacheLine used = ref _lines[line];
        if (hints.Has(CacheHint.Release) && used.Has(LineFlags.Retain) && isLastPart)
            Release(line);
        else if (used.Has(LineFlags.Prefetched))
            UsePrefetched(line, isLastPart, hints);
        else if (used.State != LineState.Clean)
            used.Flags |= LineFlags.Used;
        else if (line != _lastUsed)
            _policy.Use(line);
        // Parts of a page that are read one after the other are one use of it.
        _lastUsed = line;
    }

    /// <summary>
    /// The use that a line was prefetched for makes it a line as any other; it does not yet say that it is used more
    /// than once.
    /// </summary>
    private void UsePrefetched(int line, bool isLastPart, CacheHints hints)
    {
        if (!isLastPart)
            return;
        ref CacheLine used = ref _lines[line];
        used.Flags &= ~LineFlags.Prefetched;
        _counters.PrefetchesUsed++;
        _owners[hints.Owner].PrefetchesUsed++;
        if (_storeTakesTime || used.Has(LineFlags.Favoured) || used.State != LineState.Clean)
            return;
        Leave(line);
        Free(line);
    }

    private MediumResult ReadStore(
        SimTime now, LogicalPage page, int offset, Span<byte> destination, CacheHints hints)
    {
        _counters.ReadMisses++;
        if (hints.Owner != 0)
            _owners[hints.Owner].ReadMisses++;
        bool admits = hints.Has(CacheHint.Favour) || (_storeTakesTime && !hints.Has(CacheHint.Release));
        if (admits && _store.IsMapped(page) && TakeCleanLine(now) is var line && line != CacheLine.None)
            return ReadInto(now, line, page, offset, destination, hints);

        MediumResult result = _store.Read(now, page, offset, destination);
        ObserveTime(now, result.Done);
        return result;
    }

    /// <summary>Reads a page through a line, where it stays.</summary>
    private MediumResult ReadInto(
        SimTime now, int line, LogicalPage page, int offset, Span<byte> destination, CacheHints hints)
    {
        Span<byte> data = _lines.Data(line);
        MediumResult result = _store.Read(now, page, 0, data);
        if (!result.IsSuccess)
        {
            _free.AddFirst(line);
            return result;
        }

        ObserveTime(now, result.Done);
        data.Slice(offset, destination.Length).CopyTo(destination);
        Install(line, page, WriteStream.Host, result.Done);
        Claim(ref _lines[line], hints);
        _lastUsed = line;
        BecomeClean(line);
        return result;
    }

    private void ObserveTime(SimTime now, SimTime done)
    {
        if (done <= now || _storeTakesTime)
            return;
        _storeTakesTime = true;
        _highWater = _options.Lines / HighWaterPart;
    }
}
