using Emulator.Core;
using Emulator.Flash;
using Emulator.Flash.Rotating;
using Emulator.Ftl;
using Emulator.Ftl.Rotating;

namespace Emulator.UnitTests.Ftl.Rotating;

public sealed class RotatingDiskTests : IDisposable
{
    private const int Pages = 4096;
    private static readonly FlashGeometry Shape = FlashGeometry.ForCapacity((long)Pages * FlashGeometry.PageBytes, 0, 1);

    private static readonly RotatingDiskOptions Desktop = new()
    {
        RevolutionsPerMinute = 7200,
        Surfaces = 2,
        OuterTrackBytes = 128 * 1024,
        InnerTrackBytes = 64 * 1024,
        TrackToTrackSeek = SimDuration.FromMilliseconds(1),
        AverageSeek = SimDuration.FromMilliseconds(8),
        FullStrokeSeek = SimDuration.FromMilliseconds(17),
        WriteSettle = SimDuration.FromMilliseconds(1),
    };

    private readonly List<IDisposable> _owned = [];

    public void Dispose() => _owned.ForEach(owned => owned.Dispose());

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Random_writes_and_trims_read_back_and_show_in_the_map(ulong seed)
    {
        var random = new SeededRandom(seed);
        RotatingDisk disk = Create(NewMedium(), mechanics: false);
        byte[]?[] reference = new byte[Pages][];
        for (int step = 0; step < 5000; step++)
        {
            int page = random.Below(Pages);
            if (random.Chance(20))
            {
                disk.Trim(SimTime.Zero, Page(page));
                reference[page] = null;
                continue;
            }

            random.Fill(reference[page] = new byte[FlashGeometry.PageBytes]);
            disk.Write(SimTime.Zero, Page(page), WriteStream.Host, reference[page]);
        }

        CheckContents(disk, reference);
    }

    [Fact]
    public void A_disk_that_is_built_on_what_another_left_has_its_pages()
    {
        Medium medium = NewMedium();
        byte[] data = Contents(5);
        RotatingDisk first = Create(medium, mechanics: false);
        first.Write(SimTime.Zero, Page(7), WriteStream.Host, data);
        first.Write(SimTime.Zero, Page(8), WriteStream.Host, data);
        first.Trim(SimTime.Zero, Page(8));

        byte[]?[] expected = new byte[Pages][];
        expected[7] = data;
        CheckContents(Create(medium, mechanics: false), expected);
    }

    [Fact]
    public void A_write_that_is_not_done_when_power_is_lost_is_not_there()
    {
        Medium medium = NewMedium();
        byte[] old = Contents(1), newer = Contents(2), newest = Contents(3);
        RotatingDisk disk = Create(medium, mechanics: true);
        SimTime first = disk.Write(SimTime.Zero, Page(100), WriteStream.Host, old).Done;
        SimTime second = disk.Write(first, Page(100), WriteStream.Host, newer).Done;
        disk.Write(second, Page(100), WriteStream.Host, newest);
        disk.Write(second, Page(3000), WriteStream.Host, newest);
        disk.PowerCut(second);

        byte[]?[] expected = new byte[Pages][];
        expected[100] = newer;
        CheckContents(Create(medium, mechanics: true), expected);
    }

    [Fact]
    public void A_page_that_the_medium_holds_otherwise_than_its_checksum_says_cannot_be_read()
    {
        Medium medium = NewMedium();
        RotatingDisk disk = Create(medium, mechanics: false);
        disk.Write(SimTime.Zero, Page(2), WriteStream.Host, Contents(1));
        Flip(medium, 2 * FlashGeometry.PageBytes);
        MediumResult result = disk.Read(SimTime.Zero, Page(2), 0, new byte[512]);
        Assert.Equal(MediumStatus.Uncorrectable, result.Status);
    }

    [Fact]
    public void A_damaged_page_cannot_be_read_until_it_is_written_again()
    {
        RotatingDisk disk = Create(NewMedium(), mechanics: false);
        disk.Write(SimTime.Zero, Page(2), WriteStream.Host, Contents(1));
        Assert.False(disk.Damage(Page(3)));
        Assert.True(disk.Damage(Page(2)));
        Assert.Equal(MediumStatus.Uncorrectable, disk.Read(SimTime.Zero, Page(2), 0, new byte[512]).Status);
        disk.Write(SimTime.Zero, Page(2), WriteStream.Host, Contents(1));
        Assert.True(disk.Read(SimTime.Zero, Page(2), 0, new byte[512]).IsSuccess);
    }

    [Fact]
    public void Pages_in_a_row_are_written_without_waiting_for_the_platter_each_time()
    {
        RotatingDisk disk = Create(NewMedium(), mechanics: true);
        byte[] data = Contents(1);
        SimTime done = SimTime.Zero;
        for (int page = 0; page < 32; page++)
            done = disk.Write(SimTime.Zero, Page(page), WriteStream.Host, data).Done;
        Assert.InRange((done - SimTime.Zero).Milliseconds, 1, 20);
    }

    private RotatingDisk Create(Medium medium, bool mechanics)
    {
        var disk = new RotatingDisk(
            medium, Pages, mechanics ? new DiskMechanics(Desktop, (long)Pages * FlashGeometry.PageBytes) : null);
        _owned.Add(disk);
        return disk;
    }

    private MemoryMedium NewMedium()
    {
        var medium = new MemoryMedium(Shape, persists: true);
        _owned.Add(medium);
        return medium;
    }

    private static unsafe void Flip(Medium medium, long offset) => medium.Data[offset] ^= 1;

    private static void CheckContents(RotatingDisk disk, byte[]?[] expected)
    {
        byte[] read = new byte[FlashGeometry.PageBytes];
        for (int page = 0; page < Pages; page++)
        {
            Assert.True(disk.Read(SimTime.Zero, Page(page), 0, read).IsSuccess);
            Assert.Equal(expected[page] ?? new byte[FlashGeometry.PageBytes], read);
            Assert.Equal(expected[page] != null, disk.IsMapped(Page(page)));
        }

        int mapped = Array.FindIndex(expected, contents => contents != null);
        Assert.Equal(mapped < 0 ? Pages : mapped, disk.FirstPage(Page(0), Pages, mapped: true));
        int unmapped = Array.FindIndex(expected, contents => contents == null);
        Assert.Equal(unmapped < 0 ? Pages : unmapped, disk.FirstPage(Page(0), Pages, mapped: false));
    }

    private static LogicalPage Page(int page) => new((uint)page);

    private static byte[] Contents(ulong seed)
    {
        byte[] contents = new byte[FlashGeometry.PageBytes];
        new SeededRandom(seed).Fill(contents);
        return contents;
    }
}
