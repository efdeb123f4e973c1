using Emulator.Core;
using Emulator.Flash;

namespace Emulator.Ftl;

/// <summary>Pages in the form in which the flash has them, for the stage that transforms them.</summary>
public sealed unsafe partial class FlashTranslationLayer
{
    /// <inheritdoc/>
    public bool KeepsContents => _flash.Medium.Data != null;

    /// <inheritdoc/>
    public bool Persists => _flash.Medium.Persists;

    /// <inheritdoc/>
    public int ParityBytes => _flash.Medium.Parity == null ? 0 : _flash.Geometry.ParityBytes;

    /// <inheritdoc/>
    public bool TryGetForm(LogicalPage page, out StoredForm form)
    {
        uint physical = MapEntry(page);
        bool isMapped = physical < PhysicalPage.Lost.Value;
        form = isMapped ? _flash.ReadSpare(new PhysicalPage(physical)).Form : default;
        return isMapped;
    }

    /// <inheritdoc/>
    public MediumResult ReadStored(SimTime now, LogicalPage page, Span<byte> stored, Span<byte> parity) =>
        ReadStored(now, new PhysicalPage(MapEntry(page)), stored, parity);

    private MediumResult ReadStored(SimTime now, PhysicalPage physical, Span<byte> stored, Span<byte> parity)
    {
        Check.That(physical.Value < PhysicalPage.Lost.Value && stored.Length == FlashGeometry.PageBytes);
        StoredForm form = _flash.ReadSpare(physical).Form;
        if (_durable != null && !form.HasEcc && !_flash.IsUndamaged(physical))
            return new MediumResult(now, MediumStatus.Uncorrectable);
        _flash.ReadParity(physical).CopyTo(parity);
        stored[form.Length..].Clear();
        return _flash.Read(now, physical, 0, stored[..form.Length]);
    }

    /// <summary>
    /// Whether a page on a medium that persists may be given out without a codec: an earlier drive may have transformed it.
    /// </summary>
    private bool IsReadableAsItIs(PhysicalPage page) =>
        _flash.ReadSpare(page).Form == StoredForm.Plain && _flash.IsUndamaged(page);

    /// <inheritdoc/>
    public MediumResult WriteStored(
        SimTime now,
        LogicalPage page,
        WriteStream stream,
        ReadOnlySpan<byte> stored,
        ReadOnlySpan<byte> parity,
        StoredForm form)
    {
        Check.That(form.IsKnown && parity.Length <= ParityBytes);
        return Program(now, page, stream, stored, form, parity);
    }
}
