using Emulator.Core;
using Emulator.Flash;
using Emulator.Ftl;

namespace Emulator.Device;

/// <summary>Whole pages, decoded and in the form in which the medium has them.</summary>
public sealed partial class Namespace
{
    /// <summary>Bytes of parity that a page can have.</summary>
    internal int ParityBytes => _stored.ParityBytes;

    /// <summary>Pages from here on, before <paramref name="end"/>, that hold nothing and that no host has marked.</summary>
    internal ulong DeallocatedPages(ulong page, ulong end) => FirstPageWithData(page, end) - page;

    /// <summary>Whether a host has marked a block of a page uncorrectable.</summary>
    internal bool IsMarked(ulong page)
    {
        ulong start = page << PageShift >> BlockShift;
        return IsUncorrectable(new BlockRange(start, Math.Min((ulong)FlashGeometry.PageBytes >> BlockShift, BlockCount - start)));
    }

    /// <summary>Whether no host has marked a block of a run of pages uncorrectable.</summary>
    internal bool IsReadable(ulong firstPage, ulong endPage) => !IsUncorrectable(BlocksOf(firstPage, endPage - firstPage));

    /// <summary>Reads a page as hosts do.</summary>
    internal MediumResult ReadPage(SimTime now, ulong page, Span<byte> destination) =>
        _pages.Read(now, _map.At(page), 0, destination);

    /// <summary>Reads a page as the medium has it; what is in the cache only has to be flushed before.</summary>
    /// <param name="stored">Room for a whole page.</param>
    /// <param name="parity">Room for <see cref="ParityBytes"/>.</param>
    /// <param name="form">In what form it is stored, if that is known.</param>
    internal MediumResult ReadStoredPage(
        SimTime now, ulong page, Span<byte> stored, Span<byte> parity, out StoredForm form)
    {
        LogicalPage logical = _map.At(page);
        return _stored.TryGetForm(logical, out form)
            ? _stored.ReadStored(now, logical, stored, parity)
            : new MediumResult(now, MediumStatus.Uncorrectable);
    }
}
