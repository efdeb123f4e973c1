using System.Numerics;
using Emulator.Core;

namespace Emulator.Simulation.Workloads;

/// <summary>Draws random positions in a range: all alike, or some much more often than others.</summary>
internal sealed class AddressPattern
{
    private readonly ulong _count;
    private readonly ZipfDistribution? _zipf;
    private readonly ulong _step;

    /// <param name="count">Positions are 0 to this less one.</param>
    /// <param name="theta">Skew of a Zipf distribution; 0 for all alike.</param>
    public AddressPattern(long count, double theta)
    {
        Check.That(count > 0);
        _count = (ulong)count;
        if (theta == 0)
            return;
        _zipf = new ZipfDistribution(count, theta);
        _step = ScatteringStep(_count);
    }

    public long Next(SeededRandom random)
    {
        if (_zipf == null)
            return (long)random.Below(_count);

        // Popular positions are not neighbours: rank by rank they are a step apart that reaches every position once.
        ulong rank = (ulong)_zipf.Next(random);
        return _count <= uint.MaxValue
            ? (long)(rank * _step % _count)
            : (long)(ulong)((UInt128)rank * _step % _count);
    }

    /// <summary>Near the golden section of the range, which scatters well, and without a common divisor with it.</summary>
    private static ulong ScatteringStep(ulong count)
    {
        ulong step = Math.Max(1, (ulong)(count * 0.6180339887498949));
        while (BigInteger.GreatestCommonDivisor(step, count) != 1)
            step++;
        return step;
    }
}
