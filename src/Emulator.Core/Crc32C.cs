using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Emulator.Core;

/// <summary>
/// CRC-32C, the digest of NVMe/TCP (TCP Transport 1.1, 3.3.1.1) and of the containers of the vendor command set:
/// polynomial 1EDC6F41h, reflected, initial value and final inversion of all ones.
/// </summary>
/// <remarks>
/// One CRC instruction waits three cycles for the one before it but a new one can start in each, so long buffers run as
/// three independent lanes. Appending n zero bytes multiplies a CRC by x^(8n), which joins the lanes with one
/// carry-less multiplication each.
/// </remarks>
public static class Crc32C
{
    /// <summary>State before the first byte.</summary>
    public const uint Initial = 0xFFFF_FFFF;

    // Lane lengths in words. Three long lanes and two words make 4096 bytes, three short ones and a word 512.
    private const int LongLane = 170;
    private const int ShortLane = 21;
    private const uint ReflectedPolynomial = 0x82F6_3B78;

    private static readonly Vector128<ulong> LongShifts = LaneShifts(LongLane * 8);
    private static readonly Vector128<ulong> ShortShifts = LaneShifts(ShortLane * 8);

    public static uint Compute(ReadOnlySpan<byte> data) => Finish(Append(Initial, data));

    /// <summary>Carries the state, not inverted, over more bytes; begin with <see cref="Initial"/>.</summary>
    public static uint Append(uint state, ReadOnlySpan<byte> data)
    {
        ReadOnlySpan<ulong> words = MemoryMarshal.Cast<byte, ulong>(data);
        ReadOnlySpan<byte> tail = data[(words.Length * 8)..];

        if (Sse42.X64.IsSupported && Pclmulqdq.IsSupported)
        {
            for (; words.Length >= 3 * LongLane; words = words[(3 * LongLane)..])
                state = AppendLanes(state, words, LongLane, LongShifts);
            for (; words.Length >= 3 * ShortLane; words = words[(3 * ShortLane)..])
                state = AppendLanes(state, words, ShortLane, ShortShifts);
        }

        foreach (ulong word in words)
            state = BitOperations.Crc32C(state, BitConverter.IsLittleEndian ? word : ReverseBytes(word));
        foreach (byte value in tail)
            state = BitOperations.Crc32C(state, value);
        return state;
    }

    /// <summary>The digest that a state stands for.</summary>
    public static uint Finish(uint state) => ~state;

    private static uint AppendLanes(uint state, ReadOnlySpan<ulong> words, int lane, Vector128<ulong> shifts)
    {
        ReadOnlySpan<ulong> first = words[..lane];
        ReadOnlySpan<ulong> second = words.Slice(lane, lane);
        ReadOnlySpan<ulong> third = words.Slice(2 * lane, lane);
        ulong a = state, b = 0, c = 0;
        for (int i = 0; i < first.Length && i < second.Length && i < third.Length; i++)
        {
            a = Sse42.X64.Crc32(a, first[i]);
            b = Sse42.X64.Crc32(b, second[i]);
            c = Sse42.X64.Crc32(c, third[i]);
        }

        Vector128<ulong> shiftedA = Pclmulqdq.CarrylessMultiply(Vector128.CreateScalar(a), shifts, 0x10);
        Vector128<ulong> shiftedB = Pclmulqdq.CarrylessMultiply(Vector128.CreateScalar(b), shifts, 0x00);
        return (uint)(Sse42.X64.Crc32(0, (shiftedA ^ shiftedB).ToScalar()) ^ c);
    }

    /// <summary>
    /// Factors that move a CRC over one lane (low half) and over two (high half). A product of two reflected 32-bit
    /// polynomials is short of one x, and the CRC instruction that reduces it adds x^32: hence 33 powers less.
    /// </summary>
    private static Vector128<ulong> LaneShifts(int laneBytes) =>
        Vector128.Create(PowerOfX((laneBytes * 8) - 33), PowerOfX((2 * laneBytes * 8) - 33));

    private static ulong PowerOfX(int exponent)
    {
        uint power = 0x8000_0000;
        for (int i = 0; i < exponent; i++)
            power = (power >> 1) ^ ((power & 1) * ReflectedPolynomial);
        return power;
    }

    private static ulong ReverseBytes(ulong word) => System.Buffers.Binary.BinaryPrimitives.ReverseEndianness(word);
}
