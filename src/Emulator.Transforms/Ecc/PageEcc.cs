using System.Buffers.Binary;
using Emulator.Core;
using Emulator.Flash;
using Emulator.Ftl;

namespace Emulator.Transforms;

/// <summary>
/// What lies beside a page with an error-correcting code:
/// <code>
/// offset  bytes          what
/// 0       4              CRC-32C of the stored bytes, little-endian
/// 4       p              parity of these four
/// 4 + p   p for each     parity of every sector of 512 stored bytes, the last of which may be shorter; then zero
/// </code>
/// where p are the bytes of parity of a sector. The CRC tells a good page quickly and catches what the code corrects into
/// something else.
/// </summary>
public sealed class PageEcc : IDisposable
{
    private const int CheckBytes = sizeof(uint);
    private const int Sectors = FlashGeometry.PageBytes / BchCode.SectorBytes;

    private readonly BchCode _code;

    /// <param name="corrected">Wrong bits in a sector that are put right, 1 to <see cref="BchCode.MostCorrected"/>.</param>
    public PageEcc(int corrected)
    {
        _code = new BchCode(corrected);
        Check.That(ParityBytes == new PageTransforms { CorrectedBits = corrected }.ParityBytes);
    }

    public int Corrected => _code.Corrected;

    public int ParityBytes => CheckBytes + ((1 + Sectors) * _code.ParityBytes);

    /// <param name="stored">1 to a page of bytes.</param>
    /// <param name="parity"><see cref="ParityBytes"/>.</param>
    public void Encode(ReadOnlySpan<byte> stored, Span<byte> parity)
    {
        Span<byte> check = parity[..CheckBytes];
        BinaryPrimitives.WriteUInt32LittleEndian(check, Crc32C.Compute(stored));
        _code.Encode(check, ParityOf(parity, 0));
        int codeword = 1;
        for (; !stored.IsEmpty; codeword++)
        {
            ReadOnlySpan<byte> sector = stored[..Math.Min(stored.Length, BchCode.SectorBytes)];
            _code.Encode(sector, ParityOf(parity, codeword));
            stored = stored[sector.Length..];
        }

        parity[(CheckBytes + (codeword * _code.ParityBytes))..].Clear();
    }

    /// <summary>Whether the stored bytes are what was written, as far as their checksum tells.</summary>
    public static bool IsUndamaged(ReadOnlySpan<byte> stored, ReadOnlySpan<byte> parity) =>
        parity.Length >= CheckBytes && BinaryPrimitives.ReadUInt32LittleEndian(parity) == Crc32C.Compute(stored);

    /// <summary>Puts wrong bits right, in place.</summary>
    /// <returns>Wrong bits, or <see cref="BchCode.Uncorrectable"/>; the stored bytes are then of no use.</returns>
    public int Decode(Span<byte> stored, ReadOnlySpan<byte> parity)
    {
        if (parity.Length < ParityBytes)
            return BchCode.Uncorrectable;
        if (IsUndamaged(stored, parity))
            return 0;

        Span<byte> check = stackalloc byte[CheckBytes];
        parity[..CheckBytes].CopyTo(check);
        int corrected = _code.Decode(check, ParityOf(parity, 0));
        int codeword = 1;
        for (Span<byte> rest = stored; !rest.IsEmpty && corrected >= 0; codeword++)
        {
            Span<byte> sector = rest[..Math.Min(rest.Length, BchCode.SectorBytes)];
            int inSector = _code.Decode(sector, ParityOf(parity, codeword));
            corrected = inSector < 0 ? inSector : corrected + inSector;
            rest = rest[sector.Length..];
        }

        return corrected >= 0 && Crc32C.Compute(stored) == BinaryPrimitives.ReadUInt32LittleEndian(check)
            ? corrected
            : BchCode.Uncorrectable;
    }

    public void Dispose() => _code.Dispose();

    private Span<byte> ParityOf(Span<byte> parity, int codeword) =>
        parity.Slice(CheckBytes + (codeword * _code.ParityBytes), _code.ParityBytes);

    private ReadOnlySpan<byte> ParityOf(ReadOnlySpan<byte> parity, int codeword) =>
        parity.Slice(CheckBytes + (codeword * _code.ParityBytes), _code.ParityBytes);
}
