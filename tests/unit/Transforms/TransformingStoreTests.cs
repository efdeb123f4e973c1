using System.Text;
using Emulator.Core;
using Emulator.Flash;
using Emulator.Ftl;
using Emulator.Transforms;

namespace Emulator.UnitTests.Transforms;

/// <summary>Two segments of one namespace with a transform, then segments without.</summary>
public sealed unsafe class TransformingStoreTests : IDisposable
{
    private const int PageBytes = FlashGeometry.PageBytes;
    private const int SegmentShift = 8;
    private const int Pages = 4 << SegmentShift;
    private const uint Transformed = 2 << SegmentShift;

    private static readonly PageTransforms Everything = new()
    {
        Compression = CompressionKind.Lz4,
        IsEncrypted = true,
        CorrectedBits = 8,
    };

    private readonly PageCodecFactory _codecs = new(new DriveSecret("a secret of the tests"u8));
    private readonly List<IDisposable> _owned = [];

    public void Dispose()
    {
        _owned.Reverse();
        _owned.ForEach(item => item.Dispose());
        _codecs.Dispose();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Random_writes_and_trims_read_back_in_parts_through_many_collections(ulong seed)
    {
        var random = new SeededRandom(seed);
        TransformingStore store = Create(Everything, out MemoryMedium _, out NamespaceTransform transform);
        byte[][] reference = [.. Enumerable.Range(0, Pages).Select(_ => new byte[PageBytes])];
        byte[] part = new byte[PageBytes];
        for (int step = 0; step < 10_000; step++)
        {
            var page = new LogicalPage((uint)random.Below(Pages));
            byte[] expected = reference[page.Value];
            if (random.Chance(5))
            {
                store.Trim(SimTime.Zero, page);
                expected.AsSpan().Clear();
            }
            else if (random.Chance(60))
            {
                Compressible(random, expected);
                Assert.True(store.Write(SimTime.Zero, page, WriteStream.Host, expected).IsSuccess);
            }

            int offset = random.Below(PageBytes);
            int length = 1 + random.Below(PageBytes - offset);
            Assert.True(store.Read(SimTime.Zero, page, offset, part.AsSpan(0, length)).IsSuccess);
            Assert.True(
                expected.AsSpan(offset, length).SequenceEqual(part.AsSpan(0, length)), $"seed {seed}, step {step}, {page}");
        }

        byte[] read = new byte[PageBytes];
        for (uint i = 0; i < Pages; i++)
        {
            Assert.True(store.Read(SimTime.Zero, new LogicalPage(i), 0, read).IsSuccess);
            Assert.Equal(reference[i], read);
        }

        TransformCounters counters = transform.Counters;
        Assert.True(counters.PagesEncoded > 2000 && counters.PagesDecoded > 2000);
        Assert.InRange(counters.PagesCompressed, 1, counters.PagesEncoded);
        Assert.InRange(counters.BytesStored, 1, counters.PagesEncoded * PageBytes);
        Assert.Equal(0, counters.PagesFailed);
    }

    [Fact]
    public void An_encrypted_namespace_leaves_no_plaintext_on_the_medium_and_another_does()
    {
        TransformingStore store = Create(new() { IsEncrypted = true }, out MemoryMedium medium, out _);
        byte[] secret = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Range(0, 500).Select(i => $"secret {i:d6}.")))[..PageBytes];
        byte[] open = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Range(0, 500).Select(i => $"public {i:d6}.")))[..PageBytes];
        for (uint i = 0; i < 50; i++)
        {
            store.Write(SimTime.Zero, new LogicalPage(i), WriteStream.Host, secret);
            store.Write(SimTime.Zero, new LogicalPage(Transformed + i), WriteStream.Host, open);
        }

        var bytes = new ReadOnlySpan<byte>(medium.Data, (int)medium.Geometry.Bytes);
        for (int i = 0; i + 16 <= PageBytes; i++)
            Assert.True(bytes.IndexOf(secret.AsSpan(i, 16)) < 0, $"plaintext at offset {i} of the page");
        Assert.True(bytes.IndexOf(open) >= 0);
    }

    // The key depends on the place within the namespace, not on where the collector moved the page.
    [Fact]
    public void Wrong_bits_are_corrected_and_counted_after_collections_too()
    {
        TransformingStore store = Create(Everything, out MemoryMedium medium, out NamespaceTransform transform);
        byte[] kept = new byte[PageBytes], other = new byte[PageBytes], read = new byte[PageBytes];
        new SeededRandom(3).Fill(kept);
        store.Write(SimTime.Zero, new LogicalPage(300), WriteStream.Host, kept);
        for (int i = 0; i < 8 * Pages; i++)
            store.Write(SimTime.Zero, new LogicalPage(Transformed + (uint)(i * 7 % (Pages - Transformed))), WriteStream.Host, other);

        Damage(medium, new LogicalPage(300), bits: 8);
        Assert.True(store.Read(SimTime.Zero, new LogicalPage(300), 0, read).IsSuccess);
        Assert.Equal(kept, read);
        Assert.Equal(8, transform.Counters.BitsCorrected);
    }

    [Fact]
    public void More_wrong_bits_than_are_corrected_are_a_media_error()
    {
        TransformingStore store = Create(Everything, out MemoryMedium medium, out NamespaceTransform transform);
        byte[] data = new byte[PageBytes], read = new byte[100];
        new SeededRandom(3).Fill(data);
        store.Write(SimTime.Zero, new LogicalPage(300), WriteStream.Host, data);

        Damage(medium, new LogicalPage(300), bits: 9);

        Assert.Equal(MediumStatus.Uncorrectable, store.Read(SimTime.Zero, new LogicalPage(300), 10, read).Status);
        Assert.Equal(1, transform.Counters.PagesFailed);
    }

    // A namespace that was encrypted once and is not now: the codec is there, and what it writes is not transformed.
    [Fact]
    public void What_was_written_under_other_settings_stays_readable()
    {
        TransformingStore store = Create(Everything, out _, out _);
        byte[] before = new byte[PageBytes], after = new byte[PageBytes], read = new byte[PageBytes];
        Compressible(new SeededRandom(4), before);
        Compressible(new SeededRandom(5), after);
        store.Write(SimTime.Zero, new LogicalPage(1), WriteStream.Host, before);

        NamespaceTransform nothing = Transform(default);
        store.Assign(0, nothing, 1);
        store.Write(SimTime.Zero, new LogicalPage(2), WriteStream.Host, after);

        Assert.True(store.Read(SimTime.Zero, new LogicalPage(1), 0, read).IsSuccess);
        Assert.Equal(before, read);
        store.Read(SimTime.Zero, new LogicalPage(2), 0, read);
        Assert.Equal(after, read);
        Assert.Equal(0, nothing.Counters.PagesEncoded);
    }

    [Fact]
    public void Reading_and_writing_allocate_nothing()
    {
        TransformingStore store = Create(Everything, out _, out _);
        byte[] data = new byte[PageBytes];
        Work();
        long before = GC.GetAllocatedBytesForCurrentThread();
        Work();
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());

        void Work()
        {
            for (uint i = 0; i < 2 * Pages; i++)
            {
                store.Write(SimTime.Zero, new LogicalPage(i % Pages), WriteStream.Host, data);
                store.Read(SimTime.Zero, new LogicalPage(i % Pages), 512, data.AsSpan(0, 512));
            }
        }
    }

    private TransformingStore Create(PageTransforms settings, out MemoryMedium medium, out NamespaceTransform transform)
    {
        FlashGeometry geometry = FlashGeometry.ForCapacity(
            (long)Pages * PageBytes, overProvisioningPercent: 28, FlashTranslationLayer.LeastSpareSuperblocks);
        medium = new MemoryMedium(geometry with { ParityBytes = settings.ParityBytes });
        _owned.Add(medium);
        var store = new TransformingStore(new FlashTranslationLayer(new FlashArray(medium), Pages), SegmentShift);
        _owned.Add(store);
        transform = Transform(settings);
        store.Assign(0, transform, 1);
        store.Assign(1, transform, 0);
        return store;
    }

    private NamespaceTransform Transform(PageTransforms settings)
    {
        var transform = new NamespaceTransform(settings, _codecs.Create(settings, new byte[16]));
        _owned.Add(transform);
        return transform;
    }

    /// <summary>Flips bits of the newest copy of a page on the medium, all in its second sector.</summary>
    private static void Damage(MemoryMedium medium, LogicalPage page, int bits)
    {
        long newest = -1;
        for (long i = 0; i < medium.Geometry.PageCount; i++)
        {
            if (medium.Spare[i].IsProgrammed && medium.Spare[i].LogicalPage == page.Value
                && (newest < 0 || medium.Spare[i].Sequence > medium.Spare[newest].Sequence))
                newest = i;
        }

        for (int i = 0; i < bits; i++)
            medium.Data[(newest * PageBytes) + 512 + (i * 3)] ^= 0x10;
    }

    /// <summary>Noise and zeroes in any proportion.</summary>
    private static void Compressible(SeededRandom random, Span<byte> page)
    {
        int noise = random.Below(PageBytes + 1);
        random.Fill(page[..noise]);
        page[noise..].Clear();
    }
}
