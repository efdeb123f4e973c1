using Emulator.Core;

namespace Emulator.Transforms;

/// <summary>
/// Decoding. A sector without an error costs what encoding costs: its parity is what was stored. Otherwise the
/// difference of the two is congruent to the errors, so that the syndromes come from its few bits rather than from the
/// sector; the error locator comes from the syndromes (Berlekamp and Massey), and its roots are the positions (Chien).
/// </summary>
public sealed unsafe partial class BchCode
{
    /// <summary>What <see cref="Decode"/> returns if more bits are wrong than it can correct.</summary>
    public const int Uncorrectable = -1;

    private readonly int[] _syndromes;
    private readonly int[] _positions;
    private readonly int[] _exponents;
    private readonly int[] _locator;
    private int[] _previous;
    private int[] _scratch;

    /// <summary>
    /// Puts wrong bits of a sector right. More than <see cref="Corrected"/> are nearly always noticed; rarely they look
    /// like fewer errors of another codeword, which only a checksum over the result tells.
    /// </summary>
    /// <param name="sector">1 to <see cref="SectorBytes"/> bytes, unchanged if the errors are too many.</param>
    /// <param name="parity"><see cref="ParityBytes"/> as stored; errors in it count, but it is not needed afterwards.</param>
    /// <returns>Wrong bits in both, or <see cref="Uncorrectable"/>.</returns>
    public int Decode(Span<byte> sector, ReadOnlySpan<byte> parity)
    {
        Check.That(parity.Length == ParityBytes);
        Remainder(sector);
        if (!AddStoredParity(parity))
            return 0;

        FindSyndromes();
        int errors = FindLocator();
        int codewordBits = (sector.Length * 8) + _parityBits;
        if (errors == Uncorrectable || !FindPositions(errors, codewordBits))
            return Uncorrectable;
        for (int i = 0; i < errors; i++)
        {
            int bit = codewordBits - 1 - _positions[i];
            if (bit < sector.Length * 8)
                sector[bit / 8] ^= (byte)(0x80 >> (bit % 8));
        }

        return errors;
    }

    /// <summary>Adds what was stored to the parity in the register.</summary>
    /// <returns>Whether anything is left: the two differ.</returns>
    private bool AddStoredParity(ReadOnlySpan<byte> parity)
    {
        for (int i = 0; i < parity.Length; i++)
        {
            // What is left over of the last byte belongs to no codeword.
            int value = i + 1 < parity.Length ? parity[i] : parity[i] & (0xFF << ((parity.Length * 8) - _parityBits));
            _register[i / sizeof(ulong)] ^= (ulong)(byte)value << (WordBits - 8 - (i % sizeof(ulong) * 8));
        }

        return _register.AsSpan().ContainsAnyExcept(0UL);
    }

    /// <summary>The values of the remainder at a^1 to a^2t; those at even powers are squares of earlier ones.</summary>
    private void FindSyndromes()
    {
        _syndromes.AsSpan().Clear();
        for (int i = 0; i < _parityBits; i++)
        {
            if ((_register[i / WordBits] >> (WordBits - 1 - (i % WordBits)) & 1) == 0)
                continue;
            int degree = _parityBits - 1 - i;
            for (int j = 1; j <= _syndromes.Length; j += 2)
                _syndromes[j - 1] ^= GaloisField.Power(degree * j % GaloisField.Order);
        }

        for (int j = 2; j <= _syndromes.Length; j += 2)
            _syndromes[j - 1] = GaloisField.Multiply(_syndromes[(j / 2) - 1], _syndromes[(j / 2) - 1]);
    }

    /// <summary>
    /// Berlekamp-Massey for a binary code, where every second discrepancy is zero and is passed over.
    /// </summary>
    /// <returns>The degree of the locator, which is the number of errors if they can be corrected.</returns>
    private int FindLocator()
    {
        _locator.AsSpan().Clear();
        _previous.AsSpan().Clear();
        _locator[0] = _previous[0] = 1;
        int length = 0, gap = 1, previousDiscrepancy = 1;
        for (int n = 0; n < _syndromes.Length; n += 2)
        {
            int discrepancy = _syndromes[n];
            for (int i = 1; i <= length; i++)
                discrepancy ^= GaloisField.Multiply(_locator[i], _syndromes[n - i]);
            if (discrepancy != 0)
            {
                bool grows = 2 * length <= n;
                if (grows)
                    _locator.CopyTo(_scratch, 0);
                int factor = GaloisField.Divide(discrepancy, previousDiscrepancy);
                for (int i = 0; i + gap < _locator.Length; i++)
                    _locator[i + gap] ^= GaloisField.Multiply(factor, _previous[i]);
                if (grows)
                {
                    (_previous, _scratch) = (_scratch, _previous);
                    previousDiscrepancy = discrepancy;
                    length = n + 1 - length;
                    gap = 0;
                }
            }

            gap += 2;
        }

        return length <= Corrected && _locator[length] != 0 ? length : Uncorrectable;
    }

    /// <summary>
    /// Tries every position: an error at x^p makes a^-p a root of the locator. Each term is followed by its logarithm,
    /// which falls by its degree from one position to the next.
    /// </summary>
    private bool FindPositions(int errors, int codewordBits)
    {
        // By far the most frequent number of errors needs no search.
        if (errors == 1)
        {
            _positions[0] = GaloisField.Logarithm(_locator[1]);
            return _positions[0] < codewordBits;
        }

        for (int degree = 1; degree <= errors; degree++)
        {
            _exponents[degree] = _locator[degree] == 0 ? Uncorrectable : GaloisField.Logarithm(_locator[degree]);
        }

        int found = 0;
        for (int position = 0; position < codewordBits && found < errors; position++)
        {
            int value = 1;
            for (int degree = 1; degree <= errors; degree++)
            {
                int exponent = _exponents[degree];
                if (exponent < 0)
                    continue;
                value ^= GaloisField.Power(exponent);
                exponent -= degree;
                _exponents[degree] = exponent < 0 ? exponent + GaloisField.Order : exponent;
            }

            if (value == 0)
                _positions[found++] = position;
        }

        return found == errors;
    }
}
