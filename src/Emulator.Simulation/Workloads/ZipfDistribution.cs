using Emulator.Core;

namespace Emulator.Simulation.Workloads;

/// <summary>
/// Draws ranks so that rank k (from 0) comes with a probability in proportion to (k + 1)^-theta.
/// <para>
/// The first ranks have a table entry each; beyond them ranks share entries whose width grows with the rank, 64 for each
/// doubling, within which they are drawn evenly: no rank is off by more than 1% for theta up to 1.2. A draw takes one
/// look into an alias table (Walker 1977) that fits the processor's cache whatever the number of ranks.
/// </para>
/// </summary>
public sealed class ZipfDistribution
{
    private const int ExactRanks = 256;
    private const int EntriesPerDoubling = 64;

    private readonly Entry[] _entries;

    private struct Entry
    {
        public ulong Threshold;
        public int Alias;
        public long First;
        public long Width;
    }

    /// <param name="ranks">How many there are.</param>
    /// <param name="theta">Skew, above 0; 0.99 is YCSB's, larger is more skewed.</param>
    public ZipfDistribution(long ranks, double theta)
    {
        Check.That(ranks > 0 && theta > 0);
        var entries = new List<Entry>();
        var weights = new List<double>();
        for (long first = 0; first < ranks;)
        {
            long width = first < ExactRanks ? 1 : Math.Min(Math.Max(1, first / EntriesPerDoubling), ranks - first);
            entries.Add(new Entry { First = first, Width = width });
            weights.Add(Weight(first, width, theta));
            first += width;
        }

        _entries = [.. entries];
        BuildAliases([.. weights]);
    }

    public long Next(SeededRandom random)
    {
        ulong index = Math.BigMul(random.Next(), (ulong)_entries.Length, out ulong fraction);
        ref readonly Entry drawn = ref _entries[(int)index];
        if (fraction >= drawn.Threshold)
            drawn = ref _entries[drawn.Alias];
        return drawn.Width == 1 ? drawn.First : drawn.First + (long)random.Below((ulong)drawn.Width);
    }

    /// <summary>The sum of the weights of some ranks: exact for one, the integral over their range for several.</summary>
    private static double Weight(long first, long width, double theta)
    {
        if (width == 1)
            return Math.Pow(first + 1, -theta);
        double from = first + 0.5;
        double to = from + width;
        return Math.Abs(theta - 1) < 1e-9
            ? Math.Log(to / from)
            : (Math.Pow(to, 1 - theta) - Math.Pow(from, 1 - theta)) / (1 - theta);
    }

    /// <summary>Every entry keeps a share of its own slot and gives the rest to one that has more than its slot holds.</summary>
    private void BuildAliases(double[] weights)
    {
        double scale = weights.Length / weights.Sum();
        var small = new Stack<int>();
        var large = new Stack<int>();
        for (int i = 0; i < weights.Length; i++)
        {
            weights[i] *= scale;
            (weights[i] < 1 ? small : large).Push(i);
        }

        while (small.Count > 0 && large.Count > 0)
        {
            int poor = small.Pop();
            int rich = large.Peek();
            _entries[poor].Threshold = (ulong)(weights[poor] * 9007199254740992.0) << 11;
            _entries[poor].Alias = rich;
            weights[rich] -= 1 - weights[poor];
            if (weights[rich] < 1)
                small.Push(large.Pop());
        }

        foreach (int full in small.Concat(large))
        {
            _entries[full].Threshold = ulong.MaxValue;
            _entries[full].Alias = full;
        }
    }
}
