using System.Buffers.Binary;
using Emulator.Core;
using Emulator.Flash;
using Emulator.Ftl;
using Emulator.Migration;
using Emulator.Wire;

namespace Emulator.Device;

/// <summary>Pages in stored form that go to another drive, or come from one.</summary>
public sealed partial class Namespace
{
    /// <summary>How pages are stored that are written now; without a signature where they do not read back.</summary>
    internal StoredFormSupport FormSupport
    {
        get
        {
            var support = new StoredFormSupport();
            if (!_stored.KeepsContents)
                return support;
            support.Signature = StoredFormSupport.SignatureValue;
            support.Version = 1;
            support.Compression = (byte)Transforms.Compression;
            support.Encryption = Transforms.IsEncrypted ? (byte)1 : (byte)0;
            support.CorrectedBits = (byte)Transforms.CorrectedBits;
            if (Transforms.IsEncrypted)
                BinaryPrimitives.WriteUInt128LittleEndian(support.KeyIdentifier, Transform!.Codec.KeyIdentifier);
            return support;
        }
    }

    /// <summary>Bytes of parity beside each page that is written now.</summary>
    internal int ParityBytesNow => Transform?.Codec.ParityBytes ?? 0;

    /// <summary>
    /// Reads a page in the form in which it would be stored now: as the medium has it, or encoded anew where that is older
    /// than what is in the cache, or than the settings.
    /// </summary>
    /// <param name="stored">Room for a whole page.</param>
    /// <param name="parity">Room for <see cref="ParityBytes"/>.</param>
    internal MediumResult ReadEncoded(SimTime now, ulong page, Span<byte> stored, Span<byte> parity, out StoredForm form)
    {
        LogicalPage logical = _map.At(page);
        if (!_pages.IsDirty(logical) && _stored.TryGetForm(logical, out form) && IsOfNow(form))
            return _stored.ReadStored(now, logical, stored, parity);
        form = StoredForm.Plain;
        if (Transform == null || Transform.Settings.IsNone)
            return ReadPage(now, page, stored);
        _storedPage ??= GC.AllocateArray<byte>(FlashGeometry.PageBytes, pinned: true);
        MediumResult read = ReadPage(now, page, _storedPage);
        if (read.IsSuccess)
            form = Transform.Codec.Encode(page, _storedPage, stored, parity[..ParityBytesNow]);
        return read;
    }

    /// <summary>Whether a page of a form is one that could be written now.</summary>
    internal bool IsOfNow(StoredForm form) =>
        form.IsKnown
        && form.IsEncrypted == Transforms.IsEncrypted
        && form.HasEcc == (Transforms.CorrectedBits > 0)
        && (form.IsCompressed ? Transforms.Compression != CompressionKind.None : form.Length == FlashGeometry.PageBytes);

    /// <summary>Whether so much can be written beside what snapshots hold.</summary>
    internal bool HasRoomFor(SimTime now, BlockRange range) => !LimitsRoom || HasRoom(now, range, isTrim: false);

    /// <summary>Writes a page as it is stored. There is room for it, and the form is one of now.</summary>
    /// <param name="stored">As many bytes as the form says.</param>
    /// <param name="parity">None, or <see cref="ParityBytesNow"/>.</param>
    internal MediumResult WriteStoredPage(
        SimTime now,
        ulong page,
        ReadOnlySpan<byte> stored,
        ReadOnlySpan<byte> parity,
        StoredForm form,
        WriteStream stream,
        VmMonitor? writer)
    {
        LogicalPage logical = _map.At(page);
        _storedPage ??= GC.AllocateArray<byte>(FlashGeometry.PageBytes, pinned: true);
        stored.CopyTo(_storedPage);
        _storedPage.AsSpan(stored.Length).Clear();
        MediumResult written = _stored.WriteStored(now, logical, stream, _storedPage, parity, form);
        if (written.IsSuccess)
            _pages.Overwritten(now, logical, written.Done);
        return Changed(BlocksOf(page, 1), writer, written);
    }
}
