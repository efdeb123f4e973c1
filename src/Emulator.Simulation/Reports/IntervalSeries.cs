using System.Numerics;
using Emulator.Core;

namespace Emulator.Simulation.Reports;

/// <summary>
/// Latencies and throughput over the time of a run, in intervals of equal length. The memory is fixed and the length of a
/// run is not: when the intervals are full, neighbours are put together and each is twice as long from then on.
/// </summary>
public sealed class IntervalSeries
{
    /// <summary>Intervals at most; at least half of them are in use when a run took that many of the first length.</summary>
    public const int Capacity = 256;

    /// <summary>Width of the first intervals.</summary>
    private static readonly SimDuration FirstWidth = SimDuration.FromMicroseconds(10);

    private const int SubBucketBits = 4;
    private const int SubBuckets = 1 << SubBucketBits;
    private const int Buckets = (64 - SubBucketBits) * SubBuckets;

    private readonly int[] _counts = new int[Capacity * Buckets];
    private readonly Totals[] _totals = new Totals[Capacity];
    private SimTime _end;
    private int _current;

    private struct Totals
    {
        public long Commands;
        public long Bytes;
        public long Nanoseconds;
    }

    /// <param name="begin">The begin of the first interval.</param>
    public IntervalSeries(SimTime begin)
    {
        Begin = begin;
        Width = FirstWidth;
        _end = begin + Width;
    }

    public SimTime Begin { get; }

    public SimDuration Width { get; private set; }

    /// <summary>Intervals up to that of the last command.</summary>
    public int Count => _current + 1;

    /// <summary>A command completed; times never go back.</summary>
    public void Record(SimTime now, SimDuration latency, long bytes)
    {
        if (now >= _end)
            MoveTo(now);
        ref Totals totals = ref _totals[_current];
        totals.Commands++;
        totals.Bytes += bytes;
        totals.Nanoseconds += latency.Nanoseconds;
        _counts[(_current * Buckets) + BucketOf((ulong)latency.Nanoseconds)]++;
    }

    /// <summary>An interval, from 0.</summary>
    public IntervalPoint this[int index]
    {
        get
        {
            ref readonly Totals totals = ref _totals[index];
            double seconds = Width.Nanoseconds / 1e9;
            return new IntervalPoint(
                index * seconds,
                totals.Commands / seconds,
                totals.Bytes / seconds,
                totals.Commands == 0 ? null : totals.Nanoseconds / (double)totals.Commands / 1e3,
                totals.Commands == 0 ? null : Percentile99(index) / 1e3);
        }
    }

    private void MoveTo(SimTime now)
    {
        while (now - Begin >= Width * Capacity)
            Halve();
        _current = (int)((now - Begin).Nanoseconds / Width.Nanoseconds);
        _end = Begin + (Width * (_current + 1));
    }

    private void Halve()
    {
        for (int i = 0; i < Capacity; i++)
        {
            ref Totals target = ref _totals[i / 2];
            Totals source = _totals[i];
            bool isFirst = i % 2 == 0;
            target.Commands = source.Commands + (isFirst ? 0 : target.Commands);
            target.Bytes = source.Bytes + (isFirst ? 0 : target.Bytes);
            target.Nanoseconds = source.Nanoseconds + (isFirst ? 0 : target.Nanoseconds);
            Span<int> from = _counts.AsSpan(i * Buckets, Buckets);
            Span<int> to = _counts.AsSpan(i / 2 * Buckets, Buckets);
            for (int bucket = 0; bucket < Buckets; bucket++)
                to[bucket] = from[bucket] + (isFirst ? 0 : to[bucket]);
        }

        Array.Clear(_totals, Capacity / 2, Capacity / 2);
        Array.Clear(_counts, Capacity / 2 * Buckets, Capacity / 2 * Buckets);
        Width += Width;
    }

    private double Percentile99(int index)
    {
        long rank = Math.Max(1, (long)Math.Ceiling(_totals[index].Commands * 0.99));
        long seen = 0;
        ReadOnlySpan<int> counts = _counts.AsSpan(index * Buckets, Buckets);
        int bucket = 0;
        while ((seen += counts[bucket]) < rank)
            bucket++;
        return MiddleOf(bucket);
    }

    private static int BucketOf(ulong value)
    {
        if (value < SubBuckets)
            return (int)value;
        int shift = BitOperations.Log2(value) - SubBucketBits;
        return ((shift + 1) << SubBucketBits) + (int)((value >> shift) - SubBuckets);
    }

    private static double MiddleOf(int bucket)
    {
        int shift = (bucket >> SubBucketBits) - 1;
        return shift < 0 ? bucket : ((bucket & (SubBuckets - 1)) + SubBuckets + 0.5) * (1UL << shift);
    }
}

/// <summary>What happened in one interval.</summary>
/// <param name="Seconds">Begin of the interval, from the begin of the run.</param>
/// <param name="CommandsPerSecond">Commands that completed.</param>
/// <param name="BytesPerSecond">Bytes that were read and written by them.</param>
/// <param name="MeanMicroseconds">Mean latency; null where nothing completed.</param>
/// <param name="P99Microseconds">99th percentile, right to within 3%; null where nothing completed.</param>
public readonly record struct IntervalPoint(
    double Seconds, double CommandsPerSecond, double BytesPerSecond, double? MeanMicroseconds, double? P99Microseconds);
