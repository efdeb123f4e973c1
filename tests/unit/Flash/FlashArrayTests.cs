using Emulator.Core;
using Emulator.Flash;

namespace Emulator.UnitTests.Flash;

public sealed class FlashArrayTests : IDisposable
{
    private static readonly FlashGeometry Small = new()
    {
        Channels = 2,
        DiesPerChannel = 1,
        PlanesPerDie = 2,
        PagesPerBlock = 4,
        BlocksPerPlane = 3,
    };

    private readonly MemoryMedium _medium = new(Small);
    private readonly FlashArray _flash;

    public FlashArrayTests() => _flash = new FlashArray(_medium);

    public void Dispose() => _medium.Dispose();

    [Fact]
    public void A_page_reads_back_as_it_was_programmed_with_its_spare_area()
    {
        byte[] data = Page(1);
        _flash.Program(SimTime.Zero, new PhysicalPage(0), data, new SpareArea(77, 5, StoredForm.Plain));
        byte[] read = new byte[100];
        _flash.Read(SimTime.Zero, new PhysicalPage(0), 2000, read);
        Assert.Equal(data[2000..2100], read);
        Assert.Equal(77u, _flash.ReadSpare(new PhysicalPage(0)).LogicalPage);
        Assert.Equal(5ul, _flash.ReadSpare(new PhysicalPage(0)).Sequence);
    }

    [Fact]
    public void Copy_back_moves_the_data_and_takes_a_new_spare_area()
    {
        byte[] data = Page(2);
        PhysicalPage from = new(0), to = Small.FirstPageOf(1);
        _flash.Program(SimTime.Zero, from, data, new SpareArea(1, 1, StoredForm.Plain));
        _flash.CopyBack(SimTime.Zero, from, to, new SpareArea(1, 2, StoredForm.Plain));
        byte[] read = new byte[FlashGeometry.PageBytes];
        _flash.Read(SimTime.Zero, to, 0, read);
        Assert.Equal(data, read);
        Assert.Equal(2ul, _flash.ReadSpare(to).Sequence);
    }

    [Fact]
    public void A_page_cannot_be_programmed_twice_between_erases()
    {
        _flash.Program(SimTime.Zero, new PhysicalPage(0), Page(1), default);
        Assert.Throws<FirmwareFaultException>(() => _flash.Program(SimTime.Zero, new PhysicalPage(0), Page(1), default));
        _flash.Erase(SimTime.Zero, 0);
        _flash.Program(SimTime.Zero, new PhysicalPage(0), Page(3), default);
        Assert.Equal(1, _flash.EraseCount(0));
    }

    [Fact]
    public void Pages_of_a_superblock_are_programmed_in_order() =>
        Assert.Throws<FirmwareFaultException>(() => _flash.Program(SimTime.Zero, new PhysicalPage(1), Page(1), default));

    [Fact]
    public void A_page_that_was_not_programmed_since_the_erase_cannot_be_read()
    {
        _flash.Program(SimTime.Zero, new PhysicalPage(0), Page(1), default);
        _flash.Erase(SimTime.Zero, 0);
        Assert.Throws<FirmwareFaultException>(() => _flash.Read(SimTime.Zero, new PhysicalPage(0), 0, new byte[1]));
        Assert.Throws<FirmwareFaultException>(() => _flash.ReadSpare(new PhysicalPage(0)));
    }

    [Fact]
    public void Consecutive_pages_fill_all_planes_if_programmed_at_once_then_channels_then_dies_then_the_next_row()
    {
        (int Channel, int Die, int Plane, int Row)[] places = Places(multiPlane: true);
        Assert.Equal([(0, 0, 0, 0), (0, 0, 0, 0), (0, 0, 1, 0), (0, 0, 1, 0)], places[..4]);
        Assert.Equal([(1, 1, 0, 0), (1, 1, 0, 0), (1, 1, 1, 0), (1, 1, 1, 0)], places[4..8]);
        Assert.Equal((0, 2, 0, 0), places[8]);
        Assert.Equal([(0, 0, 0, 1), (0, 0, 0, 1)], places[16..]);
    }

    [Fact]
    public void Consecutive_pages_go_round_the_dies_before_the_planes_if_those_are_programmed_one_by_one()
    {
        (int Channel, int Die, int Plane, int Row)[] places = Places(multiPlane: false);
        Assert.Equal([(0, 0, 0, 0), (0, 0, 0, 0), (1, 1, 0, 0), (1, 1, 0, 0)], places[..4]);
        Assert.Equal([(0, 2, 0, 0), (0, 2, 0, 0), (1, 3, 0, 0), (1, 3, 0, 0)], places[4..8]);
        Assert.Equal([(0, 0, 1, 0), (0, 0, 1, 0), (1, 1, 1, 0), (1, 1, 1, 0)], places[8..12]);
        Assert.Equal([(0, 0, 0, 1), (0, 0, 0, 1)], places[16..]);
    }

    [Fact]
    public void A_medium_that_keeps_no_contents_reads_as_zeroes_and_still_knows_its_spare_areas()
    {
        using var medium = new MemoryMedium(Small, keepsData: false);
        var flash = new FlashArray(medium);
        flash.Program(SimTime.Zero, new PhysicalPage(0), Page(1), new SpareArea(3, 9, StoredForm.Plain));
        byte[] read = Page(2);
        flash.Read(SimTime.Zero, new PhysicalPage(0), 0, read);
        Assert.All(read, b => Assert.Equal(0, b));
        Assert.Equal(9ul, flash.ReadSpare(new PhysicalPage(0)).Sequence);
    }

    [Theory]
    [InlineData(0, 1, 1, 1, 1, "channels is 0")]
    [InlineData(1, 65, 1, 1, 1, "diesPerChannel is 65")]
    [InlineData(1, 1, 9, 1, 1, "planesPerDie is 9")]
    [InlineData(1, 1, 1, 0, 1, "pagesPerBlock is 0")]
    [InlineData(1, 1, 1, 1, 0, "blocksPerPlane is 0")]
    [InlineData(64, 64, 8, 65536, 2, "pages in a superblock are more than")]
    [InlineData(64, 64, 8, 32768, 5, "more than the 4294967294 that can be addressed")]
    public void An_impossible_geometry_is_named(int channels, int dies, int planes, int pages, int blocks, string expected)
    {
        var geometry = new FlashGeometry
        {
            Channels = channels,
            DiesPerChannel = dies,
            PlanesPerDie = planes,
            PagesPerBlock = pages,
            BlocksPerPlane = blocks,
        };
        Assert.Contains(expected, geometry.Problem(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1L << 20, 28)]
    [InlineData(16L << 20, 7)]
    [InlineData(1L << 30, 28)]
    [InlineData(64L << 30, 28)]
    public void A_derived_geometry_has_room_for_the_capacity_its_over_provisioning_and_the_spare(long bytes, int percent)
    {
        FlashGeometry geometry = FlashGeometry.ForCapacity(bytes, percent, 4);
        Assert.Null(geometry.Problem());
        long spare = 4L * geometry.PagesPerSuperblock * FlashGeometry.PageBytes;
        Assert.True(geometry.Bytes - spare >= bytes + (bytes / 100 * percent));
        Assert.True(geometry.BlocksPerPlane >= 8, "there are several superblocks to choose a victim from");
    }

    private static (int Channel, int Die, int Plane, int Row)[] Places(bool multiPlane)
    {
        FlashGeometry shape = Small with { MapPagesPerFlashPage = 2, DiesPerChannel = 2, IsMultiPlane = multiPlane };
        PhysicalPage first = shape.FirstPageOf(1);
        return
        [
            .. Enumerable.Range(0, 18).Select(i => first + (uint)i).Select(page => (
                shape.ChannelOf(shape.DieOf(page)), shape.DieOf(page), shape.PlaneOf(page), shape.RowOf(page)))
        ];
    }

    private static byte[] Page(ulong seed)
    {
        byte[] page = new byte[FlashGeometry.PageBytes];
        new SeededRandom(seed).Fill(page);
        return page;
    }
}
