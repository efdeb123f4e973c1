using System.Numerics;

namespace Emulator.Ftl.Superblocks;

/// <summary>
/// The closed superblocks, in buckets by their valid pages. A bucket is a list with the one first that has been in it
/// longest; whoever chooses a victim looks at the first of each bucket and at no other. A superblock of many pages has
/// several counts of valid pages to a bucket, so that most changes move nothing.
/// </summary>
public sealed class VictimIndex
{
    private const int MostBuckets = 1024;
    private const int None = -1;
    private const int WordBits = 64;

    private readonly int _shift;
    private readonly int[] _first;
    private readonly int[] _last;
    private readonly ulong[] _occupied;
    private readonly int[] _next;
    private readonly int[] _previous;
    private readonly ulong[] _since;

    public VictimIndex(int superblocks, int pagesPerSuperblock)
    {
        PagesPerSuperblock = pagesPerSuperblock;
        while (pagesPerSuperblock >> _shift >= MostBuckets)
            _shift++;
        int buckets = (pagesPerSuperblock >> _shift) + 1;
        _first = new int[buckets];
        _last = new int[buckets];
        _first.AsSpan().Fill(None);
        _last.AsSpan().Fill(None);
        _occupied = new ulong[(buckets + WordBits - 1) / WordBits];
        _next = new int[superblocks];
        _previous = new int[superblocks];
        _since = new ulong[superblocks];
    }

    public int PagesPerSuperblock { get; }

    /// <summary>The first bucket from <paramref name="bucket"/> on that has a superblock; -1 when none has.</summary>
    public int NextBucket(int bucket)
    {
        int word = bucket / WordBits;
        if (word >= _occupied.Length)
            return None;
        ulong bits = _occupied[word] & (ulong.MaxValue << (bucket % WordBits));
        while (bits == 0)
        {
            if (++word == _occupied.Length)
                return None;
            bits = _occupied[word];
        }

        return (word * WordBits) + BitOperations.TrailingZeroCount(bits);
    }

    /// <summary>The superblock that has been in a bucket longest; the bucket has one.</summary>
    public int FirstOf(int bucket) => _first[bucket];

    /// <summary>The fewest valid pages that a superblock of a bucket can have.</summary>
    public int ValidPagesOf(int bucket) => bucket << _shift;

    /// <summary>The sequence of writes at which a superblock came into its bucket, by its last invalidations.</summary>
    public ulong Since(int superblock) => _since[superblock];

    internal void Clear()
    {
        _first.AsSpan().Fill(None);
        _last.AsSpan().Fill(None);
        _occupied.AsSpan().Clear();
    }

    internal void Add(int superblock, int validPages, ulong sequence)
    {
        int bucket = validPages >> _shift;
        _since[superblock] = sequence;
        int last = _last[bucket];
        _next[superblock] = None;
        _previous[superblock] = last;
        _last[bucket] = superblock;
        if (last == None)
        {
            _first[bucket] = superblock;
            _occupied[bucket / WordBits] |= 1UL << (bucket % WordBits);
        }
        else
        {
            _next[last] = superblock;
        }
    }

    internal void Remove(int superblock, int validPages)
    {
        int bucket = validPages >> _shift;
        int next = _next[superblock];
        int previous = _previous[superblock];
        if (next == None)
            _last[bucket] = previous;
        else
            _previous[next] = previous;
        if (previous == None)
            _first[bucket] = next;
        else
            _next[previous] = next;
        if (_first[bucket] == None)
            _occupied[bucket / WordBits] &= ~(1UL << (bucket % WordBits));
    }

    /// <summary>Whether a superblock that has lost a page and is left with so many is in another bucket now.</summary>
    internal bool HasCrossed(int validPages) => ((validPages + 1) >> _shift) != validPages >> _shift;
}
