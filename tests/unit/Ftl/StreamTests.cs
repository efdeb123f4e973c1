using Emulator.Core;
using Emulator.Flash;
using Emulator.Ftl;
using Emulator.Ftl.Superblocks;

namespace Emulator.UnitTests.Ftl;

public class StreamTests
{
    private const int Pages = 8192;
    private const int Streams = 3;

    [Fact]
    public void Streams_are_kept_apart_and_so_is_what_is_moved_of_them()
    {
        using var rig = new FtlRig(Pages, 40);
        var random = new SeededRandom(2);
        for (int i = 0; i < 12 * Pages; i++)
        {
            int page = i < Pages ? i : random.Below(Pages);
            rig.Write(page, WriteStream.Directive(1 + (page % Streams)));
        }

        Assert.True(rig.Ftl.Counters.PagesMoved > Pages, "the collector worked");
        Assert.InRange(rig.Ftl.Counters.FrontiersShared, 0, 2 * Streams);
        int mixed = Enumerable.Range(0, rig.Flash.Geometry.BlocksPerPlane)
            .Count(i => rig.PagesOf(i).Select(page => page % Streams).Distinct().Count() > 1);
        Assert.InRange(mixed, 0, 2 * Streams);
    }

    [Fact]
    public void More_streams_than_superblocks_may_be_open_share_and_lose_no_space()
    {
        using var rig = new FtlRig(Pages, 28, new FtlOptions { HostFrontiers = 2 });
        var random = new SeededRandom(4);
        for (int i = 0; i < 4 * Pages; i++)
            rig.Write(random.Below(Pages), WriteStream.Directive(1 + random.Below(WriteStream.LargestDirective)));
        rig.Verify();
        Assert.True(rig.Ftl.Counters.FrontiersShared > 0);
        Assert.InRange(rig.Ftl.Counters.WriteAmplification, 1.0, 3.0);
    }

    [Fact]
    public void Streams_that_die_together_are_collected_without_a_move()
    {
        // Two files side by side, each overwritten from its beginning at its own pace.
        using var rig = new FtlRig(Pages, 28);
        int[] next = [0, 0];
        var random = new SeededRandom(8);
        for (int i = 0; i < 8 * Pages; i++)
        {
            int file = random.Chance(90) ? 0 : 1;
            rig.Write((file * (Pages / 2)) + (next[file]++ % (Pages / 2)), WriteStream.Directive(1 + file));
        }

        Assert.True(rig.Ftl.Counters.SuperblocksErased > 0);
        Assert.InRange(rig.Ftl.Counters.WriteAmplification, 1.0, 1.02);
    }

    [Fact]
    public void Hot_and_cold_writes_apart_move_less_than_together()
    {
        double together = Amplification(separates: false);
        double apart = Amplification(separates: true);
        Assert.True(apart < together * 0.95, $"{apart:F2} apart, {together:F2} together");

        static double Amplification(bool separates)
        {
            FlashGeometry geometry = (FtlRig.GeometryFor(Pages, 28) with { PagesPerBlock = 2 })
                .WithBlocksFor((long)Pages * FlashGeometry.PageBytes, 28, FlashTranslationLayer.LeastSpareSuperblocks);
            using var rig = new FtlRig(
                Pages, geometry, new FtlOptions { SeparatesHotAndCold = separates, Victims = VictimPolicy.CostBenefit });
            var random = new SeededRandom(6);
            rig.Fill();
            for (int i = 0; i < 16 * Pages; i++)
                rig.Write(random.Chance(90) ? random.Below(Pages / 10) : random.Below(Pages));
            rig.Verify();
            return rig.Ftl.Counters.WriteAmplification;
        }
    }

    [Fact]
    public void A_stream_number_that_the_map_of_streams_has_no_place_for_is_a_firmware_fault() =>
        Assert.Throws<FirmwareFaultException>(() => WriteStream.Directive(WriteStream.LargestDirective + 1));

    [Fact]
    public void Program_operations_of_several_pages_are_padded_only_where_they_are_committed()
    {
        FlashGeometry geometry = FtlRig.GeometryFor(Pages, 28) with { MapPagesPerFlashPage = 4, PagesPerBlock = 4 };
        using var rig = new FtlRig(Pages, geometry.WithBlocksFor((long)Pages * FlashGeometry.PageBytes, 28, 4));
        rig.Fill();
        Assert.Equal(0, rig.Ftl.Counters.PagesPadded);
        rig.Write(0, WriteStream.Directive(1));
        rig.Write(1, WriteStream.Directive(2));
        rig.Ftl.Commit(SimTime.Zero);
        Assert.Equal(6, rig.Ftl.Counters.PagesPadded);
        rig.Verify();
    }
}
