using Emulator.Core;
using Emulator.Flash;

namespace Emulator.Ftl.Rotating;

/// <summary>Pages in the form in which the disk has them, for the stage that transforms them.</summary>
public sealed unsafe partial class RotatingDisk
{
    /// <inheritdoc/>
    public bool KeepsContents => _medium.Data != null;

    /// <inheritdoc/>
    public bool Persists => _medium.Persists;

    /// <inheritdoc/>
    public int ParityBytes => _medium.Parity == null ? 0 : _medium.Geometry.ParityBytes;

    /// <inheritdoc/>
    public bool TryGetForm(LogicalPage page, out StoredForm form)
    {
        bool isMapped = _mapped[page.Value];
        form = isMapped ? SpareOf(page).Form : default;
        return isMapped;
    }

    /// <inheritdoc/>
    public MediumResult ReadStored(SimTime now, LogicalPage page, Span<byte> stored, Span<byte> parity)
    {
        Check.That(_mapped[page.Value] && stored.Length == FlashGeometry.PageBytes);
        _medium.ParityOf(page.Value).CopyTo(parity);
        // Wrong bits of a page that has a code are the code's to find.
        SimTime done = _mechanics?.Read(now, OffsetOf(page), stored.Length) ?? now;
        return !SpareOf(page).Form.HasEcc && !IsUndamaged(page)
            ? new MediumResult(done, MediumStatus.Uncorrectable)
            : CopyOut(done, page, 0, stored);
    }

    /// <inheritdoc/>
    public MediumResult WriteStored(
        SimTime now,
        LogicalPage page,
        WriteStream stream,
        ReadOnlySpan<byte> stored,
        ReadOnlySpan<byte> parity,
        StoredForm form)
    {
        Check.That(stored.Length == FlashGeometry.PageBytes && page.Value < LogicalPageCount);
        SimTime done = _mechanics?.Write(now, OffsetOf(page), stored.Length) ?? now;
        _underWay?.Add(now, page.Value, done);
        if (_medium.Data != null)
            stored.CopyTo(ContentsOf(page));
        Span<byte> area = _medium.ParityOf(page.Value);
        parity.CopyTo(area);
        area[parity.Length..].Clear();
        SpareOf(page) = _keepsChecksums
            ? SpareArea.Checked(page.Value, ++_sequence, form, Crc32C.Compute(stored))
            : new SpareArea(page.Value, ++_sequence, form);
        _mapped.Set(page.Value, 1);
        _damaged.Remove(page.Value);
        _counters.HostPagesWritten++;
        _idle = SimTime.Max(_idle, done);
        return MediumResult.Success(done);
    }

    private bool IsUndamaged(LogicalPage page) =>
        (_damaged.Count == 0 || !_damaged.Contains(page.Value))
        && (!_keepsChecksums || Crc32C.Compute(ContentsOf(page)) == SpareOf(page).DataChecksum);

    private MediumResult CopyOut(SimTime done, LogicalPage page, int offset, Span<byte> destination)
    {
        if (_medium.Data == null)
            destination.Clear();
        else
            ContentsOf(page).Slice(offset, destination.Length).CopyTo(destination);
        return MediumResult.Success(done);
    }
}
