namespace Emulator.GuestTests.Decoding;

/// <summary>
/// What a range list has to say after known writes: a plain array with a mark for each tracking granule, turned into
/// ranges of blocks.
/// </summary>
internal sealed class ExpectedRanges(long capacityBytes, int blockSize)
{
    public const int GranuleBytes = 4096;

    private readonly Mark[] _marks = new Mark[capacityBytes / GranuleBytes];

    private enum Mark : byte { Unchanged, Written, Zeroed }

    /// <summary>Bytes were written; every granule that they touch counts.</summary>
    public void Write(long offset, long length) => Set(offset, length, Mark.Written);

    /// <summary>Whole granules were deallocated or zeroed.</summary>
    public void Zero(long offset, long length) => Set(offset, length, Mark.Zeroed);

    public IReadOnlyList<BlockRange> ToList()
    {
        var ranges = new List<BlockRange>();
        ulong blocksPerGranule = (ulong)(GranuleBytes / blockSize);
        for (int first = 0, next; first < _marks.Length; first = next)
        {
            for (next = first + 1; next < _marks.Length && _marks[next] == _marks[first];) next++;
            if (_marks[first] == Mark.Unchanged) continue;
            ranges.Add(new BlockRange(
                (ulong)first * blocksPerGranule,
                (ulong)(next - first) * blocksPerGranule,
                ReadsAsZero: _marks[first] == Mark.Zeroed));
        }

        return ranges;
    }

    private void Set(long offset, long length, Mark mark)
    {
        long first = offset / GranuleBytes;
        long last = (offset + length - 1) / GranuleBytes;
        Array.Fill(_marks, mark, (int)first, (int)(last - first + 1));
    }
}
