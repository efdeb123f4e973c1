using Emulator.Core;
using Emulator.Flash;
using Emulator.Flash.Physics;
using Emulator.Flash.Timing;
using Emulator.Ftl;

namespace Emulator.UnitTests.Ftl;

/// <summary>A map of which a part is in DRAM. A page of the map is for 1024 logical pages.</summary>
public class MappingCacheTests
{
    private const int Pages = 8 * 1024;
    private const int MapPage = 1024;

    private static readonly SimDuration ReadTime = SimDuration.FromMicroseconds(50);
    private static readonly SimDuration ProgramTime = SimDuration.FromMicroseconds(500);

    [Fact]
    public void A_hit_takes_no_time_and_a_miss_that_of_a_read()
    {
        using FtlRig rig = Create(mapPages: 2);
        Assert.InRange(Latency(rig, 0).Nanoseconds, ReadTime.Nanoseconds, ReadTime.Nanoseconds + 100);
        Assert.Equal(SimDuration.Zero, Latency(rig, MapPage - 1));
        Assert.InRange(Latency(rig, MapPage).Nanoseconds, ReadTime.Nanoseconds, ReadTime.Nanoseconds + 100);
        Assert.Equal((1, 2), (rig.Ftl.Counters.MappingHits, rig.Ftl.Counters.MappingMisses));
    }

    [Fact]
    public void The_page_that_was_not_used_lately_gives_way_and_is_programmed_if_it_was_changed()
    {
        using FtlRig rig = Create(mapPages: 2);
        rig.Write(0);
        Look(rig, MapPage);
        Look(rig, 2 * MapPage);
        Assert.Equal((1, 1), (rig.Ftl.Counters.MappingEvictions, rig.Ftl.Counters.MappingPrograms));
        Look(rig, 3 * MapPage);
        Assert.Equal((2, 1), (rig.Ftl.Counters.MappingEvictions, rig.Ftl.Counters.MappingPrograms));
    }

    [Fact]
    public void A_cache_for_the_whole_map_reads_each_page_of_it_once()
    {
        using FtlRig rig = Create(mapPages: 64);
        for (int i = 0; i < Pages; i++)
            Look(rig, i);
        Assert.Equal(Pages / MapPage, rig.Ftl.Counters.MappingMisses);
        Assert.Equal(0, rig.Ftl.Counters.MappingEvictions);
    }

    [Fact]
    public void Entries_come_one_by_one()
    {
        using FtlRig rig = Create(mapPages: 1, MappingCacheUnit.Entry);
        Look(rig, 0);
        Look(rig, 1);
        Look(rig, 0);
        Assert.Equal((1, 2), (rig.Ftl.Counters.MappingHits, rig.Ftl.Counters.MappingMisses));
    }

    [Fact]
    public void An_entry_that_was_changed_takes_all_changed_ones_of_its_page_to_flash_with_it()
    {
        const int entries = 4096 / 8;
        using FtlRig rig = Create(mapPages: 1, MappingCacheUnit.Entry);
        for (int i = 0; i < entries; i++)
            rig.Write(i);
        for (int i = 0; i < entries; i++)
            Look(rig, (2 * MapPage) + i);
        Assert.Equal((entries, 1), (rig.Ftl.Counters.MappingEvictions, rig.Ftl.Counters.MappingPrograms));
    }

    [Fact]
    public void Without_a_cache_nothing_is_counted()
    {
        using var rig = new FtlRig(Pages, 28);
        rig.Fill();
        Assert.Equal(0, rig.Ftl.Counters.MappingHits + rig.Ftl.Counters.MappingMisses);
    }

    private static void Look(FtlRig rig, int page) => rig.Ftl.Read(rig.Now, new LogicalPage((uint)page), 0, new byte[1]);

    /// <summary>Of a page that holds nothing, so that it is the look-up's alone.</summary>
    private static SimDuration Latency(FtlRig rig, int page) =>
        rig.Ftl.Read(rig.Now, new LogicalPage((uint)page), 0, []).Done - rig.Now;

    private static FtlRig Create(int mapPages, MappingCacheUnit unit = MappingCacheUnit.Page)
    {
        FlashGeometry geometry = FtlRig.GeometryFor(Pages, 28);
        var timing = new FlashTiming(geometry.Channels, geometry.DiesPerChannel, new FlashTimingOptions
        {
            Read = PageTimes.Same(ReadTime),
            Program = PageTimes.Same(ProgramTime),
            Erase = SimDuration.FromMilliseconds(3),
            ChannelBytesPerSecond = 1_000_000_000_000,
        });
        var physics = new FlashPhysics(geometry, CellType.Slc, timing, errors: null);
        return new FtlRig(
            Pages,
            geometry,
            new FtlOptions { MappingCacheBytes = mapPages * FlashGeometry.PageBytes, MappingCacheUnit = unit },
            physics);
    }
}
