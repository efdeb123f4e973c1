using Emulator.Core;
using Emulator.Flash;
using Emulator.Ftl;

namespace Emulator.Device;

/// <summary>Pages of a namespace as it is, or as it was when a snapshot was made.</summary>
/// <param name="snapshot">Null for the namespace as it is.</param>
internal readonly struct PageSource(Namespace ns, Snapshot? snapshot)
{
    private readonly Namespace _ns = ns;
    private readonly Snapshot? _snapshot = snapshot;

    public ulong Count => _snapshot == null
        ? _ns.PageCount
        : (_snapshot.Bytes + FlashGeometry.PageBytes - 1) / FlashGeometry.PageBytes;

    /// <summary>Bytes of parity that a page can have.</summary>
    public int ParityBytes => _ns.ParityBytes;

    /// <summary>Null for a namespace without transforms.</summary>
    public IPageCodec? Codec => _ns.Transform?.Codec;

    /// <summary>Pages from here on, before <paramref name="end"/>, that hold nothing and that no host has marked.</summary>
    public ulong DeallocatedPages(ulong page, ulong end) =>
        _snapshot == null ? _ns.DeallocatedPages(page, end) : _ns.DeallocatedPages(_snapshot, page, end);

    /// <summary>Whether a host has marked a block of a page uncorrectable.</summary>
    public bool IsMarked(ulong page) => _snapshot == null ? _ns.IsMarked(page) : _ns.IsMarked(_snapshot, page);

    /// <summary>Reads a page as hosts do.</summary>
    public MediumResult Read(SimTime now, ulong page, Span<byte> destination) =>
        _snapshot == null ? _ns.ReadPage(now, page, destination) : _ns.ReadPage(now, _snapshot, page, destination);

    /// <summary>Reads a page as the medium has it.</summary>
    public MediumResult ReadStored(SimTime now, ulong page, Span<byte> stored, Span<byte> parity, out StoredForm form) =>
        _snapshot == null
            ? _ns.ReadStoredPage(now, page, stored, parity, out form)
            : _ns.ReadStoredPage(now, _snapshot, page, stored, parity, out form);
}
