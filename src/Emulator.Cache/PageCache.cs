using Emulator.Core;
using Emulator.Flash;
using Emulator.Ftl;

namespace Emulator.Cache;

/// <summary>What namespaces read from and write to: the pages of a store, in parts.</summary>
public sealed class PageCache : IDisposable
{
    private readonly IPageStore _store;
    private readonly byte[] _assembly = new byte[FlashGeometry.PageBytes];

    /// <param name="store">What is beneath; from now on it is the cache's.</param>
    public PageCache(IPageStore store) => _store = store;

    public SimTime NextEvent => _store.NextEvent;

    public bool IsMapped(LogicalPage page) => _store.IsMapped(page);

    /// <summary>The first page of a run that holds data, or that does not.</summary>
    /// <returns>Pages before it; <paramref name="count"/> when there is none.</returns>
    public int FirstPage(LogicalPage start, int count, bool mapped) => _store.FirstPage(start, count, mapped);

    /// <summary>Reads part of a page; what was never written or was trimmed reads as zeroes.</summary>
    public MediumResult Read(SimTime now, LogicalPage page, int offset, Span<byte> destination) =>
        _store.Read(now, page, offset, destination);

    /// <summary>Writes all or part of a page; a part is merged with what the page holds.</summary>
    public MediumResult Write(SimTime now, LogicalPage page, WriteStream stream, int offset, ReadOnlySpan<byte> source)
    {
        if (source.Length != FlashGeometry.PageBytes)
        {
            MediumResult read = _store.Read(now, page, 0, _assembly);
            if (!read.IsSuccess)
                return read;
            now = read.Done;
            source.CopyTo(_assembly.AsSpan(offset));
            source = _assembly;
        }

        return _store.Write(now, page, stream, source);
    }

    public SimTime Trim(SimTime now, LogicalPage page) => _store.Trim(now, page);

    public MediumResult Flush(SimTime now) => _store.Flush(now);

    /// <inheritdoc cref="IPageStore.IsIntact"/>
    public bool IsIntact(LogicalPage page) => _store.IsIntact(page);

    /// <inheritdoc cref="IPageStore.EraseStale"/>
    public SimTime EraseStale(SimTime now) => _store.EraseStale(now);

    public void Advance(SimTime now) => _store.Advance(now);

    public void Dispose() => _store.Dispose();
}
