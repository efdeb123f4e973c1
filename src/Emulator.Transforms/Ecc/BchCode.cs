using Emulator.Core;
using Emulator.Ftl;

namespace Emulator.Transforms;

/// <summary>
/// A binary BCH code over GF(2^13) that corrects up to t wrong bits in a sector of up to 512 bytes and its parity: the
/// kind of code that flash controllers use. The code has a length of 8191 bits and is shortened to what there is.
/// <para>
/// A codeword is a polynomial whose highest coefficient is the first bit of the sector (bit 7 of its first byte) and
/// whose lowest is the last bit of the parity; it is a multiple of the generator polynomial, which has the roots a^1 to
/// a^2t. A register holds a remainder of 13 t bits aligned to the left of whole 64-bit words, first word first: it
/// counts modulo the generator times a power of x, which makes the arithmetic that of a checksum.
/// </para>
/// An instance has working memory and is for one thread at a time.
/// </summary>
public sealed unsafe partial class BchCode : IDisposable
{
    public const int SectorBytes = 512;

    /// <summary>The most bits that can be asked for: tables and decoding time grow with it.</summary>
    public const int MostCorrected = PageTransforms.MostCorrectedBits;

    private const int WordBits = 64;

    /// <summary>A vector: a register that is shorter would be slower.</summary>
    private const int LeastWords = 2;

    private readonly int _parityBits;
    private readonly int _words;
    private readonly NativeMemoryBlock _tables;
    private readonly ulong[] _register;

    /// <param name="corrected">Wrong bits that it corrects (t), 1 to <see cref="MostCorrected"/>.</param>
    public BchCode(int corrected)
    {
        Check.That(corrected is >= 1 and <= MostCorrected);
        Corrected = corrected;
        _parityBits = GaloisField.Degree * corrected;
        _words = Math.Max(LeastWords, (_parityBits + WordBits - 1) / WordBits);
        _register = new ulong[_words];
        _tables = new NativeMemoryBlock((long)Slices * TableEntries * _words * sizeof(ulong));
        FillTables(BchGenerator.Coefficients(corrected));
        _syndromes = new int[2 * corrected];
        _locator = new int[(2 * corrected) + 2];
        _previous = new int[_locator.Length];
        _scratch = new int[_locator.Length];
        _positions = new int[corrected];
        _exponents = new int[corrected + 1];
    }

    /// <summary>Wrong bits in a sector and its parity that are put right.</summary>
    public int Corrected { get; }

    /// <summary>Bytes of parity of a sector, whatever its length; the bits left over in the last one are zero.</summary>
    public int ParityBytes => (_parityBits + 7) / 8;

    public void Dispose() => _tables.Dispose();
}
