using System.Buffers.Binary;
using Emulator.Core;
using Emulator.Flash;
using Emulator.Ftl;

namespace Emulator.Transforms;

/// <summary>
/// Compresses a page, encrypts what came out, and makes an error-correcting code over that; backwards when it is read.
/// <para>
/// A compressed page begins with a header: u16 compressed bytes, little-endian; u8 <see cref="CompressionKind"/>; u8 zero.
/// It is encrypted with the rest, and zeroes fill the last block of the cipher. A page that does not become smaller by
/// <see cref="LeastGain"/> bytes is stored uncompressed and has no header.
/// </para>
/// </summary>
internal sealed class PageCodec : IPageCodec
{
    /// <summary>Less than this is not worth the time that decompressing takes.</summary>
    public const int LeastGain = FlashGeometry.PageBytes / 16;

    private const int HeaderBytes = 4;
    private const int MostStored = FlashGeometry.PageBytes - LeastGain;

    private readonly PageTransforms _transforms;
    private readonly PageCompressors _compressors;
    private readonly IPageCompressor? _compressor;
    private readonly XtsCipher? _cipher;
    private readonly PageEcc? _ecc;
    private readonly byte[] _decrypted = new byte[FlashGeometry.PageBytes];

    /// <param name="compressors">Of the drive, which disposes of them.</param>
    /// <param name="key">Not needed any more afterwards; null for none.</param>
    /// <param name="ecc">Of the drive, which disposes of it; null for none.</param>
    public PageCodec(PageTransforms transforms, PageCompressors compressors, NamespaceKey? key, PageEcc? ecc)
    {
        Check.That(!transforms.IsEncrypted || key != null);
        Check.That(transforms.CorrectedBits == (ecc?.Corrected ?? 0));
        _transforms = transforms;
        _compressors = compressors;
        _compressor = compressors.Find(transforms.Compression);
        _cipher = key?.CreateCipher();
        _ecc = ecc;
        KeyIdentifier = key?.Identifier ?? 0;
    }

    public int ParityBytes => _ecc?.ParityBytes ?? 0;

    public UInt128 KeyIdentifier { get; }

    public StoredForm Encode(ulong dataUnit, ReadOnlySpan<byte> plain, Span<byte> stored, Span<byte> parity)
    {
        Check.That(plain.Length == FlashGeometry.PageBytes && stored.Length == FlashGeometry.PageBytes);
        int bytes = Compress(plain, stored);
        bool isCompressed = bytes != 0;
        if (!isCompressed)
            bytes = FlashGeometry.PageBytes;

        if (_transforms.IsEncrypted)
            _cipher!.Encrypt(dataUnit, isCompressed ? stored[..bytes] : plain, stored[..bytes]);
        else if (!isCompressed)
            plain.CopyTo(stored);
        stored[bytes..].Clear();

        _ecc?.Encode(stored[..bytes], parity[..ParityBytes]);
        return new StoredForm(bytes, isCompressed, _transforms.IsEncrypted, _ecc != null);
    }

    public DecodeResult Decode(
        ulong dataUnit, StoredForm form, Span<byte> stored, ReadOnlySpan<byte> parity, Span<byte> plain)
    {
        Check.That(plain.Length == FlashGeometry.PageBytes && stored.Length == FlashGeometry.PageBytes);
        if (!form.IsKnown || (!form.IsCompressed && form.Length != FlashGeometry.PageBytes))
            return new DecodeResult(DecodeStatus.Damaged, 0);

        stored = stored[..form.Length];
        int corrected = form.HasEcc ? Correct(stored, parity) : 0;
        if (corrected < 0)
            return new DecodeResult(DecodeStatus.Uncorrectable, 0);
        return new DecodeResult(Unpack(dataUnit, form, stored, plain), corrected);
    }

    public void Dispose() => _cipher?.Dispose();

    /// <returns>Stored bytes with the header, zero if the page is better stored as it is.</returns>
    private int Compress(ReadOnlySpan<byte> plain, Span<byte> stored)
    {
        if (_compressor == null)
            return 0;
        int compressed = _compressor.Compress(plain, stored[HeaderBytes..MostStored]);
        if (compressed == 0)
            return 0;

        BinaryPrimitives.WriteUInt16LittleEndian(stored, (ushort)compressed);
        stored[2] = (byte)_compressor.Kind;
        stored[3] = 0;
        int bytes = HeaderBytes + compressed;
        if (!_transforms.IsEncrypted)
            return bytes;
        int padded = (bytes + XtsCipher.BlockBytes - 1) & -XtsCipher.BlockBytes;
        stored[bytes..padded].Clear();
        return padded;
    }

    /// <summary>A page that was written with another code than is set now is readable as long as no bit is wrong.</summary>
    private int Correct(Span<byte> stored, ReadOnlySpan<byte> parity)
    {
        if (_ecc != null && parity.Length >= ParityBytes)
            return _ecc.Decode(stored, parity[..ParityBytes]);
        return PageEcc.IsUndamaged(stored, parity) ? 0 : BchCode.Uncorrectable;
    }

    private DecodeStatus Unpack(ulong dataUnit, StoredForm form, Span<byte> stored, Span<byte> plain)
    {
        Span<byte> decrypted = stored;
        if (form.IsEncrypted)
        {
            if (_cipher == null)
                return DecodeStatus.NoKey;
            if (stored.Length % XtsCipher.BlockBytes != 0)
                return DecodeStatus.Damaged;
            decrypted = form.IsCompressed ? _decrypted.AsSpan(0, stored.Length) : plain;
            _cipher.Decrypt(dataUnit, stored, decrypted);
        }

        if (form.IsCompressed)
            return Decompress(decrypted, plain) ? DecodeStatus.Success : DecodeStatus.Damaged;
        if (!form.IsEncrypted)
            decrypted.CopyTo(plain);
        return DecodeStatus.Success;
    }

    private bool Decompress(ReadOnlySpan<byte> stored, Span<byte> plain)
    {
        if (stored.Length < HeaderBytes || stored[3] != 0)
            return false;
        int compressed = BinaryPrimitives.ReadUInt16LittleEndian(stored);
        IPageCompressor? method = _compressors.Find((CompressionKind)stored[2]);
        return method != null
            && compressed <= stored.Length - HeaderBytes
            && method.Decompress(stored.Slice(HeaderBytes, compressed), plain);
    }
}
