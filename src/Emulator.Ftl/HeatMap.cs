namespace Emulator.Ftl;

/// <summary>
/// Estimates how often a place is written: a counter for each region of 16 pages, halved again and again as
/// time, measured in writes, goes by. A region is hot while its counter is above half
/// the average of those that writes come to, so that where all are alike, all are hot.
/// </summary>
internal sealed class HeatMap
{
    public const int PagesPerRegion = 1 << RegionShift;

    private const int RegionShift = 4;
    private const int CountBits = 8;
    private const int LargestCount = (1 << CountBits) - 1;

    /// <summary>Writes to a region, on average, between two halvings.</summary>
    private const int WritesPerEpoch = 4;

    /// <summary>The average follows the last thousand writes or so, and is kept in units of 1/1024.</summary>
    private const int AverageBits = 10;

    private readonly ushort[] _regions;
    private readonly long _epochLength;
    private long _untilNextEpoch;
    private int _epoch;
    private int _average;

    public HeatMap(long pages)
    {
        _regions = new ushort[(pages >> RegionShift) + 1];
        _epochLength = _regions.Length * (long)WritesPerEpoch;
        _untilNextEpoch = _epochLength;
    }

    /// <summary>Counts a write and says whether its place is hot.</summary>
    public bool IsHot(LogicalPage page)
    {
        if (--_untilNextEpoch == 0)
        {
            _untilNextEpoch = _epochLength;
            _epoch = (_epoch + 1) & LargestCount;
        }

        int count = Math.Min(CountOf(page) + 1, LargestCount);
        SetCount(page, (byte)count);
        _average += ((count << AverageBits) - _average) >> AverageBits;
        return count << (AverageBits + 1) > _average;
    }

    /// <summary>What the counter of a page's region has come to.</summary>
    public byte CountOf(LogicalPage page)
    {
        ushort region = _regions[page.Value >> RegionShift];
        int age = (_epoch - (region >> CountBits)) & LargestCount;
        return age > CountBits ? (byte)0 : (byte)((region & LargestCount) >> age);
    }

    public void SetCount(LogicalPage page, byte count) =>
        _regions[page.Value >> RegionShift] = (ushort)((_epoch << CountBits) | count);
}
