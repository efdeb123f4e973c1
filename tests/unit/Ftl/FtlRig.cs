using Emulator.Core;
using Emulator.Flash;
using Emulator.Flash.Physics;
using Emulator.Ftl;

namespace Emulator.UnitTests.Ftl;

/// <summary>
/// A translation layer on a medium of its own, and beside it what each page has to hold: a number that is written anew
/// each time. The number is the first eight bytes of the page.
/// </summary>
internal sealed unsafe class FtlRig : IDisposable
{
    private readonly ulong[] _expected;
    private readonly byte[] _page = new byte[FlashGeometry.PageBytes];
    private ulong _written;

    public FtlRig(int pages, FlashGeometry geometry, FtlOptions? options = null, FlashPhysics? physics = null)
    {
        Medium = new MemoryMedium(geometry);
        Flash = new FlashArray(Medium, physics);
        Ftl = new FlashTranslationLayer(Flash, pages, options: options);
        _expected = new ulong[pages];
    }

    public FtlRig(int pages, int overProvisioningPercent, FtlOptions? options = null)
        : this(pages, GeometryFor(pages, overProvisioningPercent), options)
    {
    }

    public MemoryMedium Medium { get; }

    public FlashArray Flash { get; }

    public FlashTranslationLayer Ftl { get; }

    public int Pages => _expected.Length;

    public SimTime Now { get; set; }

    public static FlashGeometry GeometryFor(int pages, int overProvisioningPercent) => FlashGeometry.ForCapacity(
        (long)pages * FlashGeometry.PageBytes, overProvisioningPercent, FlashTranslationLayer.LeastSpareSuperblocks);

    /// <summary>The shape for so many pages with blocks of few pages, so that there are many superblocks.</summary>
    public static FlashGeometry FineGeometryFor(int pages, int overProvisioningPercent, FlashGeometry? shape = null) =>
        ((shape ?? new FlashGeometry()) with { PagesPerBlock = 4 }).WithBlocksFor(
            (long)pages * FlashGeometry.PageBytes, overProvisioningPercent, FlashTranslationLayer.LeastSpareSuperblocks);

    public MediumResult Write(int page) => Write(page, WriteStream.Host);

    public MediumResult Write(int page, WriteStream stream)
    {
        BitConverter.TryWriteBytes(_page, ++_written);
        MediumResult result = Ftl.Write(Now, new LogicalPage((uint)page), stream, _page);
        if (result.IsSuccess)
            _expected[page] = _written;
        return result;
    }

    public void Trim(int page)
    {
        Ftl.Trim(Now, new LogicalPage((uint)page));
        _expected[page] = 0;
    }

    public void Fill()
    {
        for (int i = 0; i < Pages; i++)
            Write(i);
    }

    /// <summary>Every page holds what was written last, and the medium agrees with the map.</summary>
    public void Verify()
    {
        for (int i = 0; i < Pages; i++)
        {
            var page = new LogicalPage((uint)i);
            Assert.True(Ftl.Read(Now, page, 0, _page).IsSuccess);
            Assert.True(_expected[i] == BitConverter.ToUInt64(_page), $"{page} does not hold what was written last");
            Assert.True(Ftl.IsIntact(page));
            Assert.Equal(_expected[i] != 0, Ftl.IsMapped(page));
            Assert.Equal(_expected[i] != 0, Ftl.FirstPage(page, 1, mapped: true) == 0);
        }
    }

    /// <summary>What a superblock holds, page by page as it was programmed: logical pages, stale ones included.</summary>
    public IEnumerable<uint> PagesOf(int superblock)
    {
        for (int i = 0; i < Flash.ProgrammedPages(superblock); i++)
        {
            uint page = Flash.ReadSpare(Flash.Geometry.FirstPageOf(superblock) + (uint)i).LogicalPage;
            if (page != SpareArea.NoLogicalPage)
                yield return page;
        }
    }

    public void Dispose()
    {
        Ftl.Dispose();
        Medium.Dispose();
    }
}
