using System.Numerics;
using Emulator.Core;
using Emulator.Ftl;

namespace Emulator.Cache;

/// <summary>
/// How many pages of a set lie in each region of 256, as far as that can be told in little memory: regions share a counter. Most
/// runs of a large drive hold none of the few pages that are dirty, and are passed without looking for each.
/// </summary>
internal sealed class RegionCounts
{
    private const int RegionShift = 8;
    private const uint PagesPerRegion = 1u << RegionShift;

    /// <summary>So many for each page that there can be, for few regions to share one with a page of another.</summary>
    private const uint CountersPerPage = 4;

    private readonly int[] _counts;

    /// <param name="pages">Pages that there can be.</param>
    public RegionCounts(int pages) => _counts = new int[BitOperations.RoundUpToPowerOf2((uint)pages) * CountersPerPage];

    public void Add(LogicalPage page) => CountOf(page.Value)++;

    /// <param name="page">One that was added.</param>
    public void Remove(LogicalPage page) => Check.That(--CountOf(page.Value) >= 0);

    /// <summary>The first page of a run, from its page <paramref name="from"/> on, whose region may have any.</summary>
    /// <returns>Its place in the run; <paramref name="count"/> when there is none.</returns>
    public int Next(LogicalPage start, int from, int count)
    {
        while (from < count)
        {
            uint page = start.Value + (uint)from;
            if (CountOf(page) != 0)
                return from;
            from += (int)(PagesPerRegion - (page & (PagesPerRegion - 1)));
        }

        return count;
    }

    private ref int CountOf(uint page) => ref _counts[(page >> RegionShift) & ((uint)_counts.Length - 1)];
}
