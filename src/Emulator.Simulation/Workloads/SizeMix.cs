using Emulator.Core;

namespace Emulator.Simulation.Workloads;

/// <summary>Sizes of requests in bytes, and how often each comes.</summary>
public sealed class SizeMix
{
    private readonly (int Bytes, ulong Below)[] _sizes;

    /// <param name="sizes">Bytes and weights; at least one of each is positive.</param>
    public SizeMix(params IReadOnlyList<(int Bytes, double Weight)> sizes)
    {
        Check.That(sizes.Count > 0 && sizes.All(size => size.Bytes > 0 && size.Weight >= 0));
        double total = sizes.Sum(size => size.Weight);
        Check.That(total > 0);
        _sizes = new (int, ulong)[sizes.Count];
        double sum = 0;
        for (int i = 0; i < _sizes.Length; i++)
        {
            sum += sizes[i].Weight;
            _sizes[i] = (sizes[i].Bytes, (ulong)(sum / total * uint.MaxValue));
        }

        _sizes[^1].Below = ulong.MaxValue;
        Smallest = sizes.Min(size => size.Bytes);
        Largest = sizes.Max(size => size.Bytes);
    }

    public int Smallest { get; }

    public int Largest { get; }

    /// <summary>The greatest number that divides all sizes: what random addresses are multiples of.</summary>
    public int Alignment => _sizes.Select(size => size.Bytes).Aggregate(Gcd);

    public static SizeMix Of(int bytes) => new((bytes, 1));

    public int Pick(SeededRandom random)
    {
        if (_sizes.Length == 1)
            return _sizes[0].Bytes;
        ulong drawn = random.Next() >> 32;
        int i = 0;
        while (drawn >= _sizes[i].Below)
            i++;
        return _sizes[i].Bytes;
    }

    private static int Gcd(int a, int b) => b == 0 ? a : Gcd(b, a % b);
}
