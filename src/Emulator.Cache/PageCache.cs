using Emulator.Core;
using Emulator.Flash;
using Emulator.Ftl;

namespace Emulator.Cache;

/// <summary>
/// The DRAM of the drive: lines of one page that buffer writes and keep what is read, within one budget. What
/// namespaces read and write goes through it, in whole pages or parts of one.
/// <para>
/// A line is free, dirty, being programmed, retained or clean, and in one list accordingly; one with a page is found by
/// the index. Only clean lines are the business of the replacement policy, so that choosing one never means looking at
/// others. A line that is there means that its page is mapped, whatever the store says.
/// </para>
/// <para>
/// Nothing is kept that the store has at hand at no time: without a timing model a clean line would cost copies and
/// save nothing, so that pages that were read are not brought in and lines that are programmed are free again.
/// </para>
/// </summary>
public sealed partial class PageCache : IDisposable
{
    private readonly IPageStore _store;
    private readonly CacheOptions _options;
    private readonly LineTable _lines;
    private readonly PageIndex _index;
    private readonly LineList _free;
    private readonly LineList _dirty;
    private readonly RegionCounts _dirtyRegions;
    private readonly LineList _programming;
    private readonly LineList _retained;
    private readonly ReplacementPolicy _policy;
    private readonly byte[] _assembly = new byte[FlashGeometry.PageBytes];
    private BusSchedule _dram;
    private CacheCounters _counters;
    private bool _storeTakesTime;

    /// <param name="store">What is beneath; from now on it is the cache's.</param>
    /// <param name="options">Possible ones: <see cref="CacheOptions.Problem"/>.</param>
    public PageCache(IPageStore store, CacheOptions options)
    {
        Check.That(options.Problem(store.ProgramPages) == null);
        _store = store;
        _options = options;
        // Without a cache the structures are there, smallest, and no line is ever free: nothing needs to ask.
        _lines = new LineTable(Math.Max(1, options.Lines));
        _index = new PageIndex(_lines.Count);
        _free = new LineList(_lines);
        _dirty = new LineList(_lines);
        _dirtyRegions = new RegionCounts(_lines.Count);
        _programming = new LineList(_lines);
        _retained = new LineList(_lines);
        _policy = ReplacementPolicy.Create(options.Policy, _lines);
        _group = new int[store.ProgramPages];
        _dram = options.DramBytesPerSecond == 0 ? default : new BusSchedule();
        _highWater = Math.Max(ShortHighWater, store.ProgramPages);
        _mostRetained = options.Lines / RetainedPart;
        for (int line = 0; line < options.Lines; line++)
            _free.AddLast(line);
    }

    public CacheOptions Options => _options;

    public ref readonly CacheCounters Counters => ref _counters;

    /// <summary>Lines whose data the store has not.</summary>
    public int DirtyLines => _dirty.Count;

    /// <summary>Lines whose data the store programs, as far as it is known that it did not finish.</summary>
    public int ProgrammingLines => _programming.Count;

    /// <summary>The store was seen to take time, so that a line that is clean saves some.</summary>
    public bool StoreTakesTime => _storeTakesTime;

    /// <summary>Lines that hold a page.</summary>
    public int UsedLines => _options.Lines - _free.Count;

    /// <summary>When <see cref="Advance"/> wants to be called next.</summary>
    public SimTime NextEvent => SimTime.Min(_store.NextEvent, _idleDue);

    /// <summary>Takes the memory of all lines from the system now.</summary>
    /// <exception cref="InsufficientMemoryException">The system does not have it.</exception>
    public void Preallocate() => _lines.Preallocate();

    public bool IsMapped(LogicalPage page) => _index.Find(page) != CacheLine.None || _store.IsMapped(page);

    /// <summary>The first page of a run that holds data, or that does not.</summary>
    /// <returns>Pages before it; <paramref name="count"/> when there is none.</returns>
    public int FirstPage(LogicalPage start, int count, bool mapped)
    {
        if (_dirty.Count == 0)
            return _store.FirstPage(start, count, mapped);
        return mapped ? FirstMapped(start, count) : FirstUnmapped(start, count);
    }

    /// <summary>Makes a page read as zeroes.</summary>
    public SimTime Trim(SimTime now, LogicalPage page)
    {
        int line = _index.Find(page);
        if (line != CacheLine.None)
        {
            Leave(line);
            Free(line);
        }

        return _store.Trim(now, page);
    }

    /// <inheritdoc cref="IPageStore.IsIntact"/>
    public bool IsIntact(LogicalPage page) => _store.IsIntact(page);

    /// <summary>
    /// Makes the medium unable to read a page until it is written again, as a fault that somebody asks for. What is dirty
    /// is programmed first, and no copy stays in DRAM.
    /// </summary>
    /// <returns>False if there is nothing of the page on the medium, or it could not be programmed.</returns>
    public bool Damage(SimTime now, LogicalPage page)
    {
        if (!Flush(now).IsSuccess)
            return false;
        int line = _index.Find(page);
        if (line != CacheLine.None)
        {
            Leave(line);
            Free(line);
        }

        return _store.Damage(page);
    }

    /// <summary>
    /// Leaves nothing on the medium or in DRAM that no logical page maps to; what is dirty is programmed first, so that
    /// what it replaces goes too.
    /// </summary>
    public MediumResult EraseStale(SimTime now)
    {
        MediumResult result = Flush(now);
        for (int line = _free.First; line != CacheLine.None; line = _lines[line].Next)
            _lines.Data(line).Clear();
        return result.And(MediumResult.Success(_store.EraseStale(now)));
    }

    /// <summary>
    /// The power fails. What a volatile cache holds is lost; capacitors keep the drive running until everything that it
    /// acknowledged is programmed. Afterwards the cache is empty.
    /// </summary>
    /// <returns>When the power is really gone: what the medium has not finished until then is torn.</returns>
    public SimTime PowerCut(SimTime at)
    {
        SimTime gone = _options.IsVolatile ? at : SimTime.Max(at, FlushLines(at).Done);
        for (int line = 0; line < _options.Lines; line++)
        {
            if (_lines[line].State == LineState.Free)
                continue;
            Leave(line);
            Free(line);
        }

        _idleDue = SimTime.Never;
        return gone;
    }

    /// <summary>The store has something older of a page, or nothing.</summary>
    public bool IsDirty(LogicalPage page) => _index.Find(page) is var line && line != CacheLine.None && _lines[line].State == LineState.Dirty;

    /// <summary>A whole page was programmed beneath the cache, which forgets what it has of it, dirty or not.</summary>
    /// <param name="done">When it is programmed.</param>
    public void Overwritten(SimTime now, LogicalPage page, SimTime done)
    {
        ObserveTime(now, done);
        _lastProgramDone = SimTime.Max(_lastProgramDone, done);
        int line = _index.Find(page);
        if (line == CacheLine.None)
            return;
        Leave(line);
        Free(line);
    }

    /// <summary>A page changes beneath the cache, which forgets what it has of it. Nothing is dirty.</summary>
    public void Forget(LogicalPage page)
    {
        int line = _index.Find(page);
        if (line == CacheLine.None)
            return;
        Check.That(_lines[line].State != LineState.Dirty);
        Leave(line);
        Free(line);
    }

    public void Advance(SimTime now)
    {
        DestageOld(now);
        _store.Advance(now);
    }

    public void Dispose()
    {
        _store.Dispose();
        _lines.Dispose();
        _index.Dispose();
    }

    /// <summary>When bytes are where they are moved to, in DRAM or from it.</summary>
    private SimTime Access(SimTime at, int bytes)
    {
        at += _options.AccessTime;
        return _options.DramBytesPerSecond == 0
            ? at
            : new SimTime(_dram.Reserve(at.Nanoseconds, bytes * 1_000_000_000L / _options.DramBytesPerSecond));
    }

    private int FirstMapped(LogicalPage start, int count)
    {
        count = _store.FirstPage(start, count, mapped: true);
        int i = _dirtyRegions.Next(start, 0, count);
        while (i < count && _index.Find(start + (uint)i) == CacheLine.None)
            i = _dirtyRegions.Next(start, i + 1, count);
        return i;
    }

    private int FirstUnmapped(LogicalPage start, int count)
    {
        for (int i = 0; i < count; i++)
        {
            i += _store.FirstPage(start + (uint)i, count - i, mapped: false);
            if (i < count && _index.Find(start + (uint)i) == CacheLine.None)
                return i;
        }

        return count;
    }
}
