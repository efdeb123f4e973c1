using Emulator.Core;

namespace Emulator.Simulation.Workloads;

/// <summary>Requests drawn at random from a mix of kinds, sizes and addresses.</summary>
public sealed class SyntheticSource : RequestSource
{
    private readonly SyntheticOptions _options;
    private readonly SeededRandom _random;
    private readonly AddressPattern _addresses;
    private readonly ArrivalProcess? _arrivals;
    private readonly int _alignment;
    private readonly long[] _cursors = new long[(int)RequestKind.Flush];
    private long _requests;
    private long _bytes;
    private int _unflushedWrites;

    public SyntheticSource(SyntheticOptions options)
    {
        Check.That(options.ReadPercent + options.WritePercent + options.TrimPercent + options.FlushPercent == 100);
        _options = options;
        _random = new SeededRandom(options.Seed);
        _alignment = AlignmentOf(options);
        Check.That(LargestOf(options) <= options.Bytes);
        _addresses = new AddressPattern(options.Bytes / _alignment, options.ZipfTheta);
        _arrivals = options.Rate > 0 ? new ArrivalProcess(options.Rate, options.IsPoisson) : null;
    }

    public override bool IsOpenLoop => _arrivals != null;

    public override long? Count => _options.RequestLimit ?? _options.ByteLimit / Math.Max(1, MeanBytes(_options));

    /// <summary>The longest request that can come, in bytes.</summary>
    public static int LargestOf(SyntheticOptions options) => SizesOf(options).Select(sizes => sizes.Largest).DefaultIfEmpty(1).Max();

    public override bool TryNext(out Request request)
    {
        request = default;
        if (_requests >= _options.RequestLimit || _bytes >= _options.ByteLimit)
            return false;

        request.Kind = NextKind();
        if (request.Kind != RequestKind.Flush)
            Place(ref request);
        if (_arrivals != null)
            request.Arrival = _arrivals.Next(_random);
        _requests++;
        _bytes += request.Length;
        return true;
    }

    private static IEnumerable<SizeMix> SizesOf(SyntheticOptions options)
    {
        if (options.ReadPercent > 0)
            yield return options.ReadSizes;
        if (options.WritePercent > 0)
            yield return options.WriteSizes;
        if (options.TrimPercent > 0)
            yield return options.TrimSizes;
    }

    private static int AlignmentOf(SyntheticOptions options) =>
        SizesOf(options).Select(sizes => sizes.Alignment).DefaultIfEmpty(4096).Min();

    /// <summary>Of no use but to say in advance how many requests there will be, roughly.</summary>
    private static long MeanBytes(SyntheticOptions options) =>
        (long)SizesOf(options).Select(sizes => (sizes.Smallest + (long)sizes.Largest) / 2).DefaultIfEmpty(1).Average();

    private RequestKind NextKind()
    {
        if (_options.FlushEvery > 0 && _unflushedWrites == _options.FlushEvery)
        {
            _unflushedWrites = 0;
            return RequestKind.Flush;
        }

        int drawn = _options.ReadPercent == 100 ? 0 : _random.Below(100);
        if ((drawn -= _options.ReadPercent) < 0)
            return RequestKind.Read;
        if ((drawn -= _options.TrimPercent) < 0)
            return RequestKind.Trim;
        if (drawn - _options.FlushPercent < 0)
            return RequestKind.Flush;
        _unflushedWrites++;
        return RequestKind.Write;
    }

    private void Place(ref Request request)
    {
        request.Length = request.Kind switch
        {
            RequestKind.Read => _options.ReadSizes.Pick(_random),
            RequestKind.Write => _options.WriteSizes.Pick(_random),
            _ => _options.TrimSizes.Pick(_random),
        };

        bool isSequential = _options.SequentialPercent == 100
            || (_options.SequentialPercent > 0 && _random.Chance(_options.SequentialPercent));
        ref long cursor = ref _cursors[(int)request.Kind];
        long start = isSequential ? cursor : _addresses.Next(_random) * _alignment;
        if (start > _options.Bytes - request.Length)
            start = isSequential ? 0 : (_options.Bytes - request.Length) / _alignment * _alignment;
        cursor = start + request.Length;
        request.Offset = _options.Offset + start;
    }
}
