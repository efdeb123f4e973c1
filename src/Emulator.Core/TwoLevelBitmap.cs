using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

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

    /// <summary>Takes a run of indexes out of the set; costs what of it was there, not its length.</summary>
    /// <returns>How many of them were in it.</returns>
    public long Clear(long first, long count)
    {
        CheckRun(first, count);
        if (Count == 0)
            return 0;

        long cleared = 0;
        long end = first + count;
        long afterLast = (end + WordBits - 1) / WordBits;
        for (long word = NextWord(first / WordBits, afterLast); word < afterLast; word = NextWord(word + 1, afterLast))
            cleared += BitOperations.PopCount(TakeOut(word, MaskWithin(word, first, end)));

        Count -= cleared;
        return cleared;
    }

    /// <summary>Moves the indexes below <paramref name="end"/> to a set of the same length.</summary>
    public void MoveTo(TwoLevelBitmap target, long end)
    {
        Check.That(target.Length == Length);
        CheckRun(0, end);
        long whole = end / (WordBits * WordBits);
        for (long i = 0; i < whole; i++)
        {
            if (_summary[i] != 0)
                MoveGroup(target, i);
        }

        long afterLast = (end + WordBits - 1) / WordBits;
        for (long word = NextWord(whole * WordBits, afterLast); word < afterLast; word = NextWord(word + 1, afterLast))
            MoveBits(target, word, MaskWithin(word, 0, end));
    }

    /// <summary>Empties the set; costs what was in it, not its length.</summary>
    public void Clear()
    {
        if (Count == 0)
            return;

        // All words of a summary at once: what has to be fetched to count what is there takes longer than to overwrite it.
        for (long i = 0; i < _summaryCount; i++)
        {
            if (_summary[i] == 0)
                continue;
            new Span<ulong>(_words + (i * WordBits), (int)Math.Min(WordBits, _wordCount - (i * WordBits))).Clear();
            _summary[i] = 0;
        }

        Count = 0;
    }

    /// <summary>An index is about to be set: what has to come from memory for it is on its way meanwhile.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Anticipate(long index)
    {
        Check.That((ulong)index < (ulong)Length);
        if (!Sse.IsSupported)
            return;
        Sse.Prefetch0(_words + (index / WordBits));
        Sse.Prefetch0(_summary + (index / (WordBits * WordBits)));
    }

    /// <summary>Whether any index of a run is in the set.</summary>
    public bool Any(long first, long count) => Count != 0 && Next(first, first + count) < first + count;

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

    /// <summary>The first set index at or after <paramref name="from"/>; <see cref="Length"/> when there is none.</summary>
    public long Next(long from) => Count == 0 ? Length : Next(from, Length);

    /// <summary>The first set index of a run; looks no further than the run.</summary>
    /// <returns><paramref name="end"/> when there is none from <paramref name="from"/> on before it.</returns>
    public long Next(long from, long end)
    {
        Check.That(end <= Length);
        if (from >= end)
            return end;
        long word = from / WordBits;
        ulong rest = _words[word] & (ulong.MaxValue << (int)(from % WordBits));
        if (rest == 0)
        {
            long afterLast = (end + WordBits - 1) / WordBits;
            word = NextWord(word + 1, afterLast);
            if (word >= afterLast)
                return end;
            rest = _words[word];
        }

        return Math.Min(end, (word * WordBits) + BitOperations.TrailingZeroCount(rest));
    }

    /// <summary>The first index of a run that is not set; looks no further than the run.</summary>
    /// <returns><paramref name="end"/> when there is none from <paramref name="from"/> on before it.</returns>
    public long NextClear(long from, long end)
    {
        Check.That(end <= Length);
        if (from >= end)
            return end;
        long word = from / WordBits;
        ulong rest = ~_words[word] & (ulong.MaxValue << (int)(from % WordBits));
        while (rest == 0 && ++word * WordBits < end)
            rest = ~_words[word];
        return rest == 0 ? end : Math.Min(end, (word * WordBits) + BitOperations.TrailingZeroCount(rest));
    }

    /// <summary>The first run of set indexes at or after <paramref name="from"/>.</summary>
    /// <returns>False when there is none.</returns>
    public bool TryNextRun(long from, out long first, out long count)
    {
        first = Next(from);
        count = first < Length ? NextClear(first, Length) - first : 0;
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

    /// <summary>Moves all words of a summary, at once where the target has none of them.</summary>
    private void MoveGroup(TwoLevelBitmap target, long group)
    {
        if (target._summary[group] != 0)
        {
            for (ulong summary = _summary[group]; summary != 0; summary &= summary - 1)
                MoveBits(target, (group * WordBits) + BitOperations.TrailingZeroCount(summary), ulong.MaxValue);
            return;
        }

        var words = new Span<ulong>(_words + (group * WordBits), WordBits);
        long moved = 0;
        foreach (ulong word in words)
            moved += BitOperations.PopCount(word);
        words.CopyTo(new Span<ulong>(target._words + (group * WordBits), words.Length));
        words.Clear();
        (target._summary[group], _summary[group]) = (_summary[group], 0);
        target.Count += moved;
        Count -= moved;
    }

    private void MoveBits(TwoLevelBitmap target, long word, ulong mask)
    {
        ulong moved = TakeOut(word, mask);
        if (moved == 0)
            return;
        Count -= BitOperations.PopCount(moved);
        target.Count += BitOperations.PopCount(moved & ~target._words[word]);
        target._words[word] |= moved;
        target.Mark(word);
    }

    /// <summary>Takes what is masked out of a word, but does not count it.</summary>
    /// <returns>What was there.</returns>
    private ulong TakeOut(long word, ulong mask)
    {
        ulong taken = _words[word] & mask;
        _words[word] &= ~mask;
        if (_words[word] == 0)
            _summary[word / WordBits] &= ~(1UL << (int)(word % WordBits));
        return taken;
    }

    /// <summary>The first word at or after <paramref name="from"/> that is not zero.</summary>
    /// <returns><paramref name="end"/> or more when there is none before it.</returns>
    private long NextWord(long from, long end)
    {
        if (from >= end)
            return end;
        ulong mask = ulong.MaxValue << (int)(from % WordBits);
        for (long i = from / WordBits; i * WordBits < end; i++)
        {
            ulong summary = _summary[i] & mask;
            if (summary != 0)
                return (i * WordBits) + BitOperations.TrailingZeroCount(summary);
            mask = ulong.MaxValue;
        }

        return end;
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
