using Emulator.Core;
using Emulator.Flash;
using Emulator.Ftl;
using Emulator.Ftl.Persistence;
using Emulator.Ftl.Rotating;
using Emulator.Transforms;
using Emulator.UnitTests.Ftl;

namespace Emulator.UnitTests.Transforms;

/// <summary>A medium that another drive, with other settings, is built on.</summary>
public sealed unsafe class TransformedMediumTests : IDisposable
{
    private const int Pages = 256;
    private const int PageBytes = FlashGeometry.PageBytes;
    private static readonly LogicalPage Page = new(5);

    private static readonly PageTransforms Everything = new()
    {
        Compression = CompressionKind.Zstd,
        IsEncrypted = true,
        CorrectedBits = 4,
    };

    private readonly PageCodecFactory _codecs = new(new DriveSecret("a secret of the tests"u8));
    private readonly MemoryMedium _medium;
    private readonly byte[] _data = new byte[PageBytes];

    public TransformedMediumTests()
    {
        MediumFormat format = PersistentMedium.FormatFor(Pages);
        format = format with { Geometry = format.Geometry with { ParityBytes = Everything.ParityBytes } };
        _medium = new MemoryMedium(format.Geometry, new SystemLayout(format).TotalBytes, persists: true);
        FlashTranslationLayer.Format(_medium, format);
        new SeededRandom(1).Fill(_data.AsSpan(0, 3000));
    }

    public void Dispose()
    {
        _medium.Dispose();
        _codecs.Dispose();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void What_was_transformed_is_read_by_the_next_drive_whatever_its_settings(bool rotates)
    {
        Write(rotates, Everything);
        foreach (PageTransforms settings in new PageTransforms[] { Everything, default, new() { CorrectedBits = 2 } })
        {
            byte[] read = new byte[PageBytes];
            Assert.True(Read(rotates, settings, read).IsSuccess);
            Assert.Equal(_data, read);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Wrong_bits_are_the_code_s_to_correct_and_not_a_failed_checksum(bool rotates)
    {
        using TransformingStore store = Mount(rotates, Everything, out NamespaceTransform transform);
        store.Write(SimTime.Zero, Page, WriteStream.Host, _data);
        DamageStored(bits: 4, mask: 1);
        byte[] read = new byte[PageBytes];
        Assert.True(store.Read(SimTime.Zero, Page, 0, read).IsSuccess);
        Assert.Equal(_data, read);
        Assert.Equal(4, transform.Counters.BitsCorrected);

        DamageStored(bits: 1, mask: 2);
        Assert.Equal(MediumStatus.Uncorrectable, store.Read(SimTime.Zero, Page, 0, read).Status);
    }

    // Without a codec what is stored would go out as what was written.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_drive_without_transforms_refuses_transformed_pages(bool rotates)
    {
        Write(rotates, Everything);
        using IStoredPageStore store = Beneath(rotates);
        Assert.Equal(MediumStatus.Uncorrectable, store.Read(SimTime.Zero, Page, 0, new byte[PageBytes]).Status);
    }

    private void Write(bool rotates, PageTransforms settings)
    {
        using TransformingStore store = Mount(rotates, settings, out _);
        store.Write(SimTime.Zero, Page, WriteStream.Host, _data);
        store.Flush(SimTime.Zero);
    }

    private MediumResult Read(bool rotates, PageTransforms settings, byte[] read)
    {
        using TransformingStore store = Mount(rotates, settings, out _);
        return store.Read(SimTime.Zero, Page, 0, read);
    }

    private TransformingStore Mount(bool rotates, PageTransforms settings, out NamespaceTransform transform)
    {
        var store = new TransformingStore(Beneath(rotates), segmentShift: 8);
        transform = new NamespaceTransform(settings, _codecs.Create(settings, new byte[16]));
        store.Assign(0, transform, 0);
        return store;
    }

    private IStoredPageStore Beneath(bool rotates) => rotates
        ? new RotatingDisk(_medium, Pages, mechanics: null)
        : new FlashTranslationLayer(new FlashArray(_medium), Pages);

    private void DamageStored(int bits, byte mask)
    {
        for (uint i = 0; i < _medium.Geometry.PageCount; i++)
        {
            if (!_medium.Spare[i].IsProgrammed || _medium.Spare[i].LogicalPage != Page.Value)
                continue;
            for (int bit = 0; bit < bits; bit++)
                _medium.Data[((long)i * PageBytes) + bit] ^= mask;
        }
    }
}
