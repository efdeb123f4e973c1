namespace Emulator.Migration;

/// <summary>
/// How much of its working set a VM has written after so many writes: the share of the blocks, and the share of the
/// requests that go to such blocks, which is larger where few blocks have most of them. Both are from 0 to 1.
/// </summary>
internal readonly struct WriteCoverage
{
    /// <summary>Blocks whose ranks are within a factor of two are written alike often.</summary>
    private const int MostBins = 40;

    private readonly double _blocks;
    private readonly double _skew;
    private readonly double _sequentialShare;

    /// <param name="blocks">Of the size of a request, in the working set.</param>
    public WriteCoverage(double blocks, in WorkloadTraits workload)
    {
        _blocks = Math.Max(1, blocks);
        _skew = workload.Skew;
        _sequentialShare = workload.SequentialShare;
    }

    /// <param name="writes">Requests, not necessarily a whole number.</param>
    /// <returns>What is written, as a share of the blocks and as one of the requests.</returns>
    public (double Blocks, double Requests) After(double writes)
    {
        double swept = Math.Min(1, writes * _sequentialShare / _blocks);
        (double hit, double weight) = Random(writes * (1 - _sequentialShare));
        double blocks = 1 - ((1 - swept) * (1 - hit));
        double random = 1 - ((1 - swept) * (1 - weight));
        return (blocks, (_sequentialShare * blocks) + ((1 - _sequentialShare) * random));
    }

    private (double Hit, double Weight) Random(double writes)
    {
        if (writes <= 0)
            return (0, 0);
        if (_skew == 0)
        {
            double even = 1 - Math.Exp(-writes / _blocks);
            return (even, even);
        }

        double total = Sum(_blocks), hit = 0, weight = 0, first = 0;
        for (int bin = 0; bin < MostBins && first < _blocks; bin++)
        {
            double last = Math.Min(_blocks, first == 0 ? 1 : first * 2);
            double share = (Sum(last) - Sum(first)) / total;
            double written = 1 - Math.Exp(-writes * share / (last - first));
            hit += (last - first) * written;
            weight += share * written;
            first = last;
        }

        return (hit / _blocks, weight);
    }

    /// <summary>The integral of Zipf's law over the ranks up to this.</summary>
    private double Sum(double rank) => Math.Pow(rank, 1 - _skew);
}
