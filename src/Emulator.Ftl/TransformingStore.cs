using System.Runtime.CompilerServices;
using Emulator.Core;
using Emulator.Flash;

namespace Emulator.Ftl;

/// <summary>
/// The stage between cache and flash in which the pages of some namespaces are compressed, encrypted and given a code.
/// Which namespace a page belongs to follows from its segment, a fixed number of pages; segments of namespaces without a
/// transform pass through. What is beneath moves pages in their stored form and knows nothing of this.
/// </summary>
public sealed class TransformingStore : IPageStore
{
    private struct Segment
    {
        public NamespaceTransform? Transform;

        /// <summary>Data unit of the segment's first page.</summary>
        public ulong FirstDataUnit;
    }

    private readonly IStoredPageStore _store;
    private readonly Segment[] _segments;
    private readonly int _segmentShift;
    private readonly byte[] _stored = GC.AllocateArray<byte>(FlashGeometry.PageBytes, pinned: true);
    private readonly byte[] _plain = GC.AllocateArray<byte>(FlashGeometry.PageBytes, pinned: true);
    private readonly byte[] _parity;

    /// <param name="store">What is beneath; from now on it is this stage's. It keeps contents.</param>
    /// <param name="segmentShift">Base-two logarithm of the pages of a segment.</param>
    public TransformingStore(IStoredPageStore store, int segmentShift)
    {
        Check.That(store.KeepsContents);
        _store = store;
        _segmentShift = segmentShift;
        _segments = new Segment[((store.LogicalPageCount - 1) >> segmentShift) + 1];
        _parity = GC.AllocateArray<byte>(store.ParityBytes, pinned: true);
    }

    public long LogicalPageCount => _store.LogicalPageCount;

    /// <inheritdoc/>
    public int ProgramPages => _store.ProgramPages;

    /// <inheritdoc/>
    public SimTime NextEvent => _store.NextEvent;

    /// <summary>Gives a segment to a namespace. Its pages are not mapped, or were written by the same namespace.</summary>
    /// <param name="number">Which segment of the namespace it is.</param>
    public void Assign(uint segment, NamespaceTransform transform, ulong number)
    {
        Check.That(transform.Codec.ParityBytes <= _parity.Length);
        _segments[segment] = new Segment { Transform = transform, FirstDataUnit = number << _segmentShift };
    }

    /// <summary>Takes a segment from the namespace that had it.</summary>
    public void Release(uint segment) => _segments[segment] = default;

    public bool IsMapped(LogicalPage page) => _store.IsMapped(page);

    /// <inheritdoc/>
    public bool Damage(LogicalPage page) => _store.Damage(page);

    /// <inheritdoc/>
    public int FirstPage(LogicalPage start, int count, bool mapped) => _store.FirstPage(start, count, mapped);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public MediumResult Read(SimTime now, LogicalPage page, int offset, Span<byte> destination)
    {
        ref readonly Segment segment = ref SegmentOf(page);
        return segment.Transform == null
            ? _store.Read(now, page, offset, destination)
            : ReadTransformed(now, page, segment, offset, destination);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public MediumResult Write(SimTime now, LogicalPage page, WriteStream stream, ReadOnlySpan<byte> data)
    {
        ref readonly Segment segment = ref SegmentOf(page);
        return segment.Transform == null || segment.Transform.Settings.IsNone
            ? _store.Write(now, page, stream, data)
            : WriteTransformed(now, page, segment, stream, data);
    }

    /// <inheritdoc/>
    public SimTime Trim(SimTime now, LogicalPage page) => _store.Trim(now, page);

    /// <inheritdoc/>
    public MediumResult Commit(SimTime now) => _store.Commit(now);

    /// <inheritdoc/>
    public MediumResult Flush(SimTime now) => _store.Flush(now);

    /// <inheritdoc/>
    public MediumResult BeginFlush(SimTime now) => _store.BeginFlush(now);

    /// <inheritdoc/>
    public bool IsIntact(LogicalPage page) => _store.IsIntact(page);

    /// <inheritdoc/>
    public SimTime EraseStale(SimTime now) => _store.EraseStale(now);

    /// <inheritdoc/>
    public void Advance(SimTime now) => _store.Advance(now);

    public void Dispose() => _store.Dispose();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ref readonly Segment SegmentOf(LogicalPage page) => ref _segments[page.Value >> _segmentShift];

    private ulong DataUnitOf(LogicalPage page, in Segment segment) =>
        segment.FirstDataUnit + (page.Value & ((1u << _segmentShift) - 1));

    private MediumResult ReadTransformed(
        SimTime now, LogicalPage page, in Segment segment, int offset, Span<byte> destination)
    {
        if (!_store.TryGetForm(page, out StoredForm form) || form == StoredForm.Plain)
            return _store.Read(now, page, offset, destination);
        Check.That((uint)offset <= FlashGeometry.PageBytes && destination.Length <= FlashGeometry.PageBytes - offset);
        MediumResult read = _store.ReadStored(now, page, _stored, _parity);
        if (!read.IsSuccess)
            return read;

        bool isWhole = destination.Length == FlashGeometry.PageBytes;
        Span<byte> plain = isWhole ? destination : _plain;
        DecodeResult result = segment.Transform!.Codec.Decode(DataUnitOf(page, segment), form, _stored, _parity, plain);
        ref TransformCounters counters = ref segment.Transform.Counters;
        counters.PagesDecoded++;
        counters.BitsCorrected += result.CorrectedBits;
        if (!result.IsSuccess)
        {
            counters.PagesFailed++;
            return new MediumResult(read.Done, MediumStatus.Uncorrectable);
        }

        if (!isWhole)
            _plain.AsSpan(offset, destination.Length).CopyTo(destination);
        return read;
    }

    private MediumResult WriteTransformed(
        SimTime now, LogicalPage page, in Segment segment, WriteStream stream, ReadOnlySpan<byte> data)
    {
        IPageCodec codec = segment.Transform!.Codec;
        Span<byte> parity = _parity.AsSpan(0, codec.ParityBytes);
        StoredForm form = codec.Encode(DataUnitOf(page, segment), data, _stored, parity);
        ref TransformCounters counters = ref segment.Transform.Counters;
        counters.PagesEncoded++;
        counters.PagesCompressed += form.IsCompressed ? 1 : 0;
        counters.BytesStored += form.Length;
        return _store.WriteStored(now, page, stream, _stored, parity, form);
    }
}
