using System.Numerics;

namespace Emulator.Core;

/// <summary>
/// The only source of randomness in the drive and its tests: xoshiro256** seeded through splitmix64 (Blackman and
/// Vigna), so that a run is reproduced by its seed on every machine and framework version.
/// </summary>
public sealed class SeededRandom
{
    private ulong _s0, _s1, _s2, _s3;

    public SeededRandom(ulong seed)
    {
        Seed = seed;
        _s0 = SplitMix(ref seed);
        _s1 = SplitMix(ref seed);
        _s2 = SplitMix(ref seed);
        _s3 = SplitMix(ref seed);
    }

    /// <summary>The seed as given, for the message of a test that failed.</summary>
    public ulong Seed { get; }

    public ulong Next()
    {
        ulong result = BitOperations.RotateLeft(_s1 * 5, 7) * 9;
        ulong t = _s1 << 17;
        _s2 ^= _s0;
        _s3 ^= _s1;
        _s1 ^= _s2;
        _s0 ^= _s3;
        _s2 ^= t;
        _s3 = BitOperations.RotateLeft(_s3, 45);
        return result;
    }

    /// <summary>A number in [0, <paramref name="bound"/>), without bias worth mentioning (multiply-shift).</summary>
    public ulong Below(ulong bound) => Math.BigMul(Next(), bound, out _);

    public int Below(int bound) => (int)Below((ulong)bound);

    public bool Chance(int percent) => Below(100) < percent;

    public void Fill(Span<byte> bytes)
    {
        while (bytes.Length >= sizeof(ulong))
        {
            BitConverter.TryWriteBytes(bytes, Next());
            bytes = bytes[sizeof(ulong)..];
        }

        ulong last = Next();
        for (int i = 0; i < bytes.Length; i++)
            bytes[i] = (byte)(last >> (8 * i));
    }

    private static ulong SplitMix(ref ulong state)
    {
        ulong z = state += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
