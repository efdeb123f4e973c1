using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Emulator.Flash;

/// <summary>
/// Copies a page to where it will not be read from soon. Stores that go past the cache spare the reading of the lines
/// that they replace and leave the cache to what is used again: random writes to a full drive take a quarter less time
/// (specs/performance.md).
/// </summary>
internal static unsafe class PageCopy
{
    /// <param name="source">One page.</param>
    /// <param name="target">One page, aligned to its size.</param>
    public static void ToMedium(byte* source, byte* target)
    {
        if (!Avx.IsSupported)
        {
            Buffer.MemoryCopy(source, target, FlashGeometry.PageBytes, FlashGeometry.PageBytes);
            return;
        }

        const int step = 4 * 32;
        for (int i = 0; i < FlashGeometry.PageBytes; i += step)
        {
            Vector256<byte> a = Vector256.Load(source + i);
            Vector256<byte> b = Vector256.Load(source + i + 32);
            Vector256<byte> c = Vector256.Load(source + i + 64);
            Vector256<byte> d = Vector256.Load(source + i + 96);
            Avx.StoreAlignedNonTemporal(target + i, a);
            Avx.StoreAlignedNonTemporal(target + i + 32, b);
            Avx.StoreAlignedNonTemporal(target + i + 64, c);
            Avx.StoreAlignedNonTemporal(target + i + 96, d);
        }
    }
}
