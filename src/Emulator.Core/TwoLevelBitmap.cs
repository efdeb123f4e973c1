using System.Numerics;
using System.Runtime.CompilerServices;

namespace Emulator.Core;

/// <summary>
/// A set of indexes: one bit each, and above it one bit for each word that is not zero, so that setting costs two
/// writes at most and walking a sparse set skips 4096 indexes at a time. Memory that is never touched is never committed.
/// </summary>
public sealed unsafe class TwoLevelBitmap : IDisposable
{
    private const int WordBits = 64;

    private readonly NativeMemoryBlock _memory;
    private readonly ulong* _words;
    private readonly ulong* _summary;
    private readonly long _wordCount;
    private readonly long _summaryCount;

    public TwoLevelBitmap(long length)
    {
        Check.That(length > 0);
        Length = length;
        _wordCount = (length + WordBits - 1) / WordBits;
        _summaryCount = (_wordCount + WordBits - 1) / WordBits;
        _memory = new NativeMemoryBlock((_wordCount + _summaryCount) * sizeof(ulong));
        _words = (ulong*)_memory.Pointer;
        _summary = _words + _wordCount;
    }

    /// <summary>Indexes are 0 to this less one.</summary>
    public long Length { get; }

    /// <summary>How many indexes are in the set.</summary>
    public long Count { get; private set; }

    public bool this[long index]
    {
        get
        {
            Check.That((ulong)index < (ulong)Length);
            return (_words[index / WordBits] >> (int)(index % WordBits) & 1) != 0;
        }
    }

    /// <summary>Puts a run of indexes into the set.</summary>
    /// <returns>How many of them were not in it before.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public long Set(long first, long count)
    {
        CheckRun(first, count);
        if (count != 1)
            return SetRun(first, count);

        ref ulong word = ref _words[first / WordBits];
        ulong bit = 1UL << (int)(first % WordBits);
        if ((word & bit) != 0)
            return 0;
        word |= bit;
        Mark(first / WordBits);
        Count++;
        return 1;
    }

    /// <summary>Takes a run of indexes out of the set.</summary>
    /// <returns>How many of them were in it.</returns>
    public long Clear(long first, long count)
    {
        CheckRun(first, count);
        if (Count == 0)
            return 0;

        long cleared = 0;
        for (long end = first + count; first < end;)
        {
            long word = first / WordBits;
            ulong mask = MaskWithin(word, first, end);
            cleared += BitOperations.PopCount(_words[word] & mask);
            _words[word] &= ~mask;
            if (_words[word] == 0)
                _summary[word / WordBits] &= ~(1UL << (int)(word % WordBits));
            first = (word + 1) * WordBits;
        }

        Count -= cleared;
        return cleared;
    }

    /// <summary>Empties the set; costs what was in it, not its length.</summary>
    public void Clear()
    {
        for (long i = 0; i < _summaryCount && Count > 0; i++)
        {
            for (ulong summary = _summary[i]; summary != 0; summary &= summary - 1)
            {
                long word = (i * WordBits) + BitOperations.TrailingZeroCount(summary);
                Count -= BitOperations.PopCount(_words[word]);
                _words[word] = 0;
            }

            _summary[i] = 0;
        }
    }

    /// <summary>Whether any index of a run is in the set.</summary>
    public bool Any(long first, long count) => Count != 0 && NextSet(first) < first + count;

    /// <summary>Adds what is in <paramref name="other"/>, a set of the same length.</summary>
    public void UnionWith(TwoLevelBitmap other)
    {
        Check.That(other.Length == Length);
        for (long i = 0; i < _summaryCount; i++)
        {
            for (ulong summary = other._summary[i]; summary != 0; summary &= summary - 1)
            {
                long word = (i * WordBits) + BitOperations.TrailingZeroCount(summary);
                Count += BitOperations.PopCount(other._words[word] & ~_words[word]);
                _words[word] |= other._words[word];
            }

            _summary[i] |= other._summary[i];
        }
    }

    /// <summary>The first run of set indexes at or after <paramref name="from"/>.</summary>
    /// <returns>False when there is none.</returns>
    public bool TryNextRun(long from, out long first, out long count)
    {
        first = NextSet(from);
        count = first < Length ? NextClear(first) - first : 0;
        return count > 0;
    }

    public void Dispose() => _memory.Dispose();

    private long SetRun(long first, long count)
    {
        long added = 0;
        for (long end = first + count; first < end;)
        {
            long word = first / WordBits;
            ulong mask = MaskWithin(word, first, end);
            added += BitOperations.PopCount(mask & ~_words[word]);
            _words[word] |= mask;
            Mark(word);
            first = (word + 1) * WordBits;
        }

        Count += added;
        return added;
    }

    private void Mark(long word) => _summary[word / WordBits] |= 1UL << (int)(word % WordBits);

    private long NextSet(long from)
    {
        if (from >= Length || Count == 0)
            return Length;
        long word = from / WordBits;
        ulong rest = _words[word] & (ulong.MaxValue << (int)(from % WordBits));
        if (rest != 0)
            return (word * WordBits) + BitOperations.TrailingZeroCount(rest);

        word++;
        for (long i = word / WordBits; i < _summaryCount; i++)
        {
            ulong summary = _summary[i];
            if (i == word / WordBits)
                summary &= ulong.MaxValue << (int)(word % WordBits);
            if (summary == 0)
                continue;
            long found = (i * WordBits) + BitOperations.TrailingZeroCount(summary);
            return (found * WordBits) + BitOperations.TrailingZeroCount(_words[found]);
        }

        return Length;
    }

    private long NextClear(long from)
    {
        long word = from / WordBits;
        ulong rest = ~_words[word] & (ulong.MaxValue << (int)(from % WordBits));
        while (rest == 0 && ++word < _wordCount)
            rest = ~_words[word];
        return rest == 0 ? Length : Math.Min(Length, (word * WordBits) + BitOperations.TrailingZeroCount(rest));
    }

    private static ulong MaskWithin(long word, long first, long end)
    {
        ulong mask = ulong.MaxValue << (int)Math.Max(0, first - (word * WordBits));
        long beyond = ((word + 1) * WordBits) - end;
        return beyond > 0 ? mask & (ulong.MaxValue >> (int)beyond) : mask;
    }

    private void CheckRun(long first, long count) =>
        Check.That(first >= 0 && count >= 0 && first <= Length && count <= Length - first);
}
