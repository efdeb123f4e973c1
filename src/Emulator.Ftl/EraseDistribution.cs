namespace Emulator.Ftl;

/// <summary>How worn the superblocks are, by how often each was erased.</summary>
/// <param name="Least">Erases of the least worn.</param>
/// <param name="Mean">Erases on average.</param>
/// <param name="Most">Erases of the most worn.</param>
/// <param name="Histogram">Superblocks in each of equal parts of the range from least to most.</param>
public sealed record EraseDistribution(int Least, double Mean, int Most, IReadOnlyList<int> Histogram)
{
    /// <param name="eraseCounts">Of every superblock; there is one at least.</param>
    /// <param name="parts">Parts of the histogram.</param>
    public static EraseDistribution Of(ReadOnlySpan<int> eraseCounts, int parts)
    {
        int least = int.MaxValue;
        int most = 0;
        long sum = 0;
        foreach (int count in eraseCounts)
        {
            least = Math.Min(least, count);
            most = Math.Max(most, count);
            sum += count;
        }

        int[] histogram = new int[parts];
        long range = most - (long)least + 1;
        foreach (int count in eraseCounts)
            histogram[(count - least) * parts / range]++;
        return new EraseDistribution(least, sum / (double)eraseCounts.Length, most, histogram);
    }
}
