using Emulator.Core;
using Emulator.Flash;
using Emulator.Ftl;

namespace Emulator.Cache;

/// <summary>Writing: into DRAM, or through it.</summary>
public sealed partial class PageCache
{
    /// <summary>Writes all or part of a page; a part is merged with what the page holds.</summary>
    /// <param name="offset">First byte within the page.</param>
    /// <param name="source">At most the rest of the page.</param>
    /// <returns>
    /// When the write may be acknowledged. One that goes through is in the store then, and as durable as
    /// <see cref="Persist"/> makes it.
    /// </returns>
    public MediumResult Write(
        SimTime now, LogicalPage page, WriteStream stream, int offset, ReadOnlySpan<byte> source, CacheHints hints = default)
    {
        Check.That((uint)offset <= FlashGeometry.PageBytes && source.Length <= FlashGeometry.PageBytes - offset);
        return _options.Mode == CacheMode.WriteBack && !hints.Has(CacheHint.Through)
            ? WriteBack(now, page, stream, offset, source, hints)
            : WriteThrough(now, page, stream, offset, source, hints);
    }

    /// <summary>Makes everything that went through to the store, and every trim, survive a loss of power.</summary>
    /// <returns>When it does: at once where capacitors stand behind it.</returns>
    public MediumResult Persist(SimTime now) => AsSeenByHost(now, PersistStore(now));

    /// <summary>As <see cref="Persist"/>, without waiting for the medium (<see cref="IPageStore.BeginFlush"/>).</summary>
    public MediumResult BeginPersist(SimTime now) => AsSeenByHost(now, BeginPersistStore(now));

    private MediumResult PersistStore(SimTime now) => _store.Flush(now).And(MediumResult.Success(_lastProgramDone));

    private MediumResult BeginPersistStore(SimTime now) =>
        _store.BeginFlush(now).And(MediumResult.Success(_lastProgramDone));

    private MediumResult AsSeenByHost(SimTime now, MediumResult result) =>
        _options.IsVolatile || !result.IsSuccess ? result : result with { Done = now + _options.AccessTime };

    private MediumResult WriteBack(
        SimTime now, LogicalPage page, WriteStream stream, int offset, ReadOnlySpan<byte> source, CacheHints hints)
    {
        SimTime at = now;
        int line = _index.Find(page);
        if (line == CacheLine.None)
        {
            MediumResult taken = TakeLineFor(now, page, stream, isWhole: source.Length == FlashGeometry.PageBytes, out line);
            if (!taken.IsSuccess)
                return taken;
            at = taken.Done;
        }
        else
        {
            _counters.WritesCoalesced += _lines[line].State == LineState.Dirty ? 1 : 0;
            Leave(line);
        }

        Overwrite(line, stream, offset, source, hints);
        BecomeDirty(now, line);
        _counters.WritesBuffered++;
        if (_dirty.Count > _highWater)
            DestageGroup(now);
        return MediumResult.Success(Access(at, source.Length));
    }

    /// <summary>
    /// A line for a page that has none. For a write of a part the rest of the page is fetched, which the write does not
    /// wait for.
    /// </summary>
    /// <returns>When the line can be had, or why it cannot.</returns>
    private MediumResult TakeLineFor(SimTime now, LogicalPage page, WriteStream stream, bool isWhole, out int line)
    {
        line = TakeLine(now, out SimTime at);
        if (line == CacheLine.None)
            return new MediumResult(now, MediumStatus.WriteFault);

        SimTime readyAt = at;
        if (!isWhole)
        {
            MediumResult rest = _store.Read(now, page, 0, _lines.Data(line));
            if (!rest.IsSuccess)
            {
                _free.AddFirst(line);
                return rest;
            }

            ObserveTime(now, rest.Done);
            readyAt = SimTime.Max(at, rest.Done);
        }

        Install(line, page, stream, readyAt);
        return MediumResult.Success(at);
    }

    /// <summary>Changes the data of a line that is in no list.</summary>
    private void Overwrite(int line, WriteStream stream, int offset, ReadOnlySpan<byte> source, CacheHints hints)
    {
        ref CacheLine written = ref _lines[line];
        source.CopyTo(_lines.Data(line)[offset..]);
        if (source.Length == FlashGeometry.PageBytes)
            written.ReadyAt = 0;
        written.Stream = stream.Value;
        written.Flags &= LineFlags.Retain;
        Claim(ref written, hints);
    }

    private MediumResult WriteThrough(
        SimTime now, LogicalPage page, WriteStream stream, int offset, ReadOnlySpan<byte> source, CacheHints hints)
    {
        _counters.WritesThrough++;
        int line = _index.Find(page);
        if (line != CacheLine.None)
            return WriteThroughLine(now, line, stream, offset, source, hints);

        if (source.Length != FlashGeometry.PageBytes)
        {
            MediumResult rest = _store.Read(now, page, 0, _assembly);
            if (!rest.IsSuccess)
                return rest;
            now = rest.Done;
            source.CopyTo(_assembly.AsSpan(offset));
            source = _assembly;
        }

        MediumResult result = Program(now, page, stream, source);
        bool isWorthALine = _storeTakesTime || hints.Has(CacheHint.Retain | CacheHint.Favour);
        if (result.IsSuccess && isWorthALine && TakeCleanLine(now) is var kept && kept != CacheLine.None)
        {
            Install(kept, page, stream, SimTime.Zero);
            Overwrite(kept, stream, 0, source, hints);
            BecomeProgrammed(now, kept, result.Done);
        }

        return result;
    }

    private MediumResult WriteThroughLine(
        SimTime now, int line, WriteStream stream, int offset, ReadOnlySpan<byte> source, CacheHints hints)
    {
        bool wasDirty = _lines[line].State == LineState.Dirty;
        Leave(line);
        Overwrite(line, stream, offset, source, hints);
        ref readonly CacheLine written = ref _lines[line];
        SimTime start = SimTime.Max(now, new SimTime(written.ReadyAt));
        MediumResult result = Program(start, new LogicalPage(written.Page), stream, _lines.Data(line));
        if (result.IsSuccess)
            BecomeProgrammed(now, line, result.Done);
        else if (wasDirty)
            BecomeDirty(now, line);
        else
            Free(line);
        return result;
    }
}
