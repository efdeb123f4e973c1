using System.Runtime.CompilerServices;

namespace Emulator.Core;

/// <summary>
/// Divides 32-bit numbers by one that stays the same: a multiplication by its reciprocal, which is exact for every
/// dividend (Lemire, Kaser, Kurz: Faster remainder by direct computation, 2019).
/// </summary>
public readonly struct Divisor
{
    private readonly ulong _reciprocal;

    /// <param name="value">2 or more: the reciprocal of 1 has no room.</param>
    public Divisor(uint value)
    {
        Check.That(value > 1);
        _reciprocal = (ulong.MaxValue / value) + 1;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public uint Quotient(uint dividend) => (uint)Math.BigMul(_reciprocal, dividend, out _);
}
