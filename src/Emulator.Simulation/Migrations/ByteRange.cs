namespace Emulator.Simulation.Migrations;

/// <param name="Offset">In bytes from the begin of the namespace.</param>
/// <param name="Length">In bytes.</param>
internal readonly record struct ByteRange(long Offset, long Length)
{
    public long End => Offset + Length;

    /// <summary>The chunks that ranges lie in, in order; neighbours are one range.</summary>
    /// <param name="ranges">In order.</param>
    /// <param name="limit">End of the namespace.</param>
    public static List<ByteRange> Rounded(IEnumerable<ByteRange> ranges, int chunkBytes, long limit)
    {
        var rounded = new List<ByteRange>();
        foreach (ByteRange range in ranges)
        {
            long start = range.Offset / chunkBytes * chunkBytes;
            long end = Math.Min(limit, (range.End + chunkBytes - 1) / chunkBytes * chunkBytes);
            if (rounded.Count > 0 && rounded[^1].End >= start)
                rounded[^1] = new ByteRange(rounded[^1].Offset, Math.Max(end, rounded[^1].End) - rounded[^1].Offset);
            else
                rounded.Add(new ByteRange(start, end - start));
        }

        return rounded;
    }
}
