using System.Buffers.Binary;
using System.Runtime.Intrinsics;
using Emulator.Core;

namespace Emulator.Transforms;

/// <summary>
/// Encoding: the remainder of the sector, times x to the number of parity bits, by the generator. Eight bytes are taken at a
/// time with a table for each of them, so that the look-ups do not wait for one another.
/// </summary>
public sealed unsafe partial class BchCode
{
    private const int Slices = 8;
    private const int TableEntries = 256;

    /// <summary>Makes the parity of a sector.</summary>
    /// <param name="sector">1 to <see cref="SectorBytes"/> bytes.</param>
    /// <param name="parity"><see cref="ParityBytes"/>.</param>
    public void Encode(ReadOnlySpan<byte> sector, Span<byte> parity)
    {
        Check.That(parity.Length == ParityBytes);
        Remainder(sector);
        for (int i = 0; i < parity.Length; i++)
            parity[i] = (byte)(_register[i / sizeof(ulong)] >> (WordBits - 8 - (i % sizeof(ulong) * 8)));
    }

    /// <summary>Leaves the remainder of a sector in the register.</summary>
    private void Remainder(ReadOnlySpan<byte> sector)
    {
        Check.That(sector.Length is >= 1 and <= SectorBytes);
        _register.AsSpan().Clear();
        int whole = sector.Length & ~(Slices - 1);
        fixed (byte* bytes = sector)
        {
            if (_words == LeastWords)
                TakeWordsOfTwo(bytes, bytes + whole);
            else
                TakeWords(bytes, bytes + whole);
        }

        TakeBytes(sector[whole..]);
    }

    /// <summary>
    /// The common case, up to 9 corrected bits: the register is one vector. A page takes a sixth of the time that it
    /// takes by single bytes.
    /// </summary>
    private void TakeWordsOfTwo(byte* bytes, byte* end)
    {
        var table = (Vector128<ulong>*)_tables.Pointer;
        Vector128<ulong> register = Vector128<ulong>.Zero;
        for (; bytes != end; bytes += Slices)
        {
            ulong next = register.ToScalar() ^ BinaryPrimitives.ReadUInt64BigEndian(new ReadOnlySpan<byte>(bytes, Slices));
            Vector128<ulong> a = table[(byte)next] ^ table[0x100 + (byte)(next >> 8)];
            Vector128<ulong> b = table[0x200 + (byte)(next >> 16)] ^ table[0x300 + (byte)(next >> 24)];
            Vector128<ulong> c = table[0x400 + (byte)(next >> 32)] ^ table[0x500 + (byte)(next >> 40)];
            Vector128<ulong> d = table[0x600 + (byte)(next >> 48)] ^ table[0x700 + (byte)(next >> 56)];
            register = Vector128.CreateScalar(register.GetElement(1)) ^ (a ^ b) ^ (c ^ d);
        }

        register.CopyTo(_register);
    }

    private void TakeWords(byte* bytes, byte* end)
    {
        int words = _words;
        fixed (ulong* register = _register)
        {
            for (; bytes != end; bytes += Slices)
            {
                ulong next = register[0] ^ BinaryPrimitives.ReadUInt64BigEndian(new ReadOnlySpan<byte>(bytes, Slices));
                ulong* a = Entry(0, (byte)next), b = Entry(1, (byte)(next >> 8));
                ulong* c = Entry(2, (byte)(next >> 16)), d = Entry(3, (byte)(next >> 24));
                ulong* e = Entry(4, (byte)(next >> 32)), f = Entry(5, (byte)(next >> 40));
                ulong* g = Entry(6, (byte)(next >> 48)), h = Entry(7, (byte)(next >> 56));
                for (int i = 0; i < words; i++)
                {
                    ulong shifted = i + 1 < words ? register[i + 1] : 0;
                    register[i] = shifted ^ a[i] ^ b[i] ^ c[i] ^ d[i] ^ e[i] ^ f[i] ^ g[i] ^ h[i];
                }
            }
        }
    }

    private void TakeBytes(ReadOnlySpan<byte> sector)
    {
        foreach (byte value in sector)
        {
            ulong* entry = Entry(0, (byte)((_register[0] >> (WordBits - 8)) ^ value));
            ShiftLeft(_register, 8);
            for (int i = 0; i < _words; i++)
                _register[i] ^= entry[i];
        }
    }

    /// <summary>What a byte does to the register when <paramref name="slice"/> more bytes follow it.</summary>
    private ulong* Entry(int slice, int value) =>
        (ulong*)_tables.Pointer + (((long)(slice * TableEntries) + value) * _words);

    private void FillTables(bool[] generator)
    {
        ulong[] modulus = Aligned(generator);
        for (int value = 0; value < TableEntries; value++)
        {
            _register.AsSpan().Clear();
            _register[0] = (ulong)value << (WordBits - 8);
            for (int bit = 0; bit < 8; bit++)
                TakeZeroBit(modulus);
            _register.CopyTo(new Span<ulong>(Entry(0, value), _words));
        }

        for (int slice = 1; slice < Slices; slice++)
        {
            for (int value = 0; value < TableEntries; value++)
            {
                new ReadOnlySpan<ulong>(Entry(slice - 1, value), _words).CopyTo(_register);
                TakeBytes([0]);
                _register.CopyTo(new Span<ulong>(Entry(slice, value), _words));
            }
        }
    }

    private void TakeZeroBit(ulong[] modulus)
    {
        bool carry = (_register[0] >> (WordBits - 1)) != 0;
        ShiftLeft(_register, 1);
        for (int i = 0; i < _words && carry; i++)
            _register[i] ^= modulus[i];
    }

    /// <summary>The generator without its highest coefficient, aligned as the register is.</summary>
    private ulong[] Aligned(bool[] generator)
    {
        ulong[] aligned = new ulong[_words];
        for (int i = 0; i < _parityBits; i++)
        {
            if (generator[_parityBits - 1 - i])
                aligned[i / WordBits] |= 1UL << (WordBits - 1 - (i % WordBits));
        }

        return aligned;
    }

    private static void ShiftLeft(Span<ulong> register, int bits)
    {
        for (int i = 0; i < register.Length; i++)
            register[i] = (register[i] << bits) | (i + 1 < register.Length ? register[i + 1] >> (WordBits - bits) : 0);
    }
}
