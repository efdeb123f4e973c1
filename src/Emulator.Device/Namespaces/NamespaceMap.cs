using Emulator.Cache;
using Emulator.Core;
using Emulator.Ftl;

namespace Emulator.Device;

/// <summary>
/// Which part of the translation layer's address space a namespace has: segments of 1 MiB in any order, so that
/// namespaces come and go without moving one another.
/// </summary>
public sealed class NamespaceMap : IPageSet
{
    /// <summary>Capacity is given to namespaces in this many bytes (the granularity of Identify CNS 16h).</summary>
    public const int SegmentBytes = 1 << 20;

    /// <summary>Base-two logarithm of the pages of a segment.</summary>
    public const int SegmentShift = 8;

    private const uint PagesPerSegment = 1u << SegmentShift;

    private readonly uint[] _segments;
    private readonly ulong[] _contained;
    private uint[]? _runs;

    private NamespaceMap(uint[] segments)
    {
        _segments = segments;
        uint last = 0;
        foreach (uint segment in segments)
            last = Math.Max(last, segment);
        _contained = new ulong[(last / 64) + 1];
        foreach (uint segment in segments)
            _contained[segment / 64] |= 1ul << (int)(segment % 64);
    }

    public int SegmentCount => _segments.Length;

    /// <summary>The segments in the order of the namespace.</summary>
    public ReadOnlySpan<uint> Segments => _segments;

    /// <summary>Pairs of the first segment of a row and their number.</summary>
    internal ReadOnlySpan<uint> Runs => _runs ??= NamespaceRecord.Condensed(_segments);

    public static long SegmentsFor(ulong bytes) => (long)((bytes + SegmentBytes - 1) / SegmentBytes);

    /// <summary>Takes segments from those that are free; the caller has seen that there are enough.</summary>
    public static NamespaceMap Take(Stack<uint> free, long segments)
    {
        Check.That(segments <= free.Count);
        uint[] taken = new uint[segments];
        for (long i = 0; i < segments; i++)
            taken[i] = free.Pop();
        return new NamespaceMap(taken);
    }

    /// <summary>The map of a namespace that was there before; who else has its segments is seen when all are read.</summary>
    /// <param name="capacity">Segments that the drive has.</param>
    internal static NamespaceMap Restore(uint[] segments, uint capacity) => Array.TrueForAll(segments, segment => segment < capacity)
        ? new NamespaceMap(segments)
        : throw MetadataReader.Damaged("a namespace lies beyond the capacity");

    public void GiveBack(Stack<uint> free)
    {
        for (int i = _segments.Length - 1; i >= 0; i--)
            free.Push(_segments[i]);
    }

    /// <summary>Pages from here on that follow one another in the translation layer too, at least 1.</summary>
    public static ulong PagesInRowAt(ulong namespacePage) => PagesPerSegment - (namespacePage & (PagesPerSegment - 1));

    /// <summary>Whether a page of the translation layer is the namespace's.</summary>
    public bool Contains(LogicalPage page)
    {
        uint segment = page.Value >> SegmentShift;
        return segment / 64 < (uint)_contained.Length && (_contained[segment / 64] >> (int)(segment % 64) & 1) != 0;
    }

    public LogicalPage At(ulong namespacePage) =>
        new((_segments[namespacePage >> SegmentShift] << SegmentShift) | ((uint)namespacePage & (PagesPerSegment - 1)));
}
