using Emulator.Core;
using Emulator.Ftl;

namespace Emulator.UnitTests.Ftl;

public class WearLevellingTests
{
    private const int Pages = 2048;

    /// <summary>A superblock of cold data falls behind by this before the look that finds it, and before it is moved.</summary>
    private const int Slack = 12;

    [Theory]
    [InlineData(8)]
    [InlineData(32)]
    public void Erase_counts_stay_within_the_spread_though_most_data_is_never_overwritten(int spread)
    {
        using FtlRig rig = AfterHotWrites(spread);
        (int least, int most) = EraseCounts(rig);
        Assert.InRange(most - least, 1, spread + Slack);
        Assert.True(rig.Ftl.Counters.PagesLevelled > 0);
        rig.Verify();
    }

    [Fact]
    public void Without_static_wear_levelling_superblocks_of_cold_data_are_never_erased()
    {
        using FtlRig rig = AfterHotWrites(spread: 0);
        (int least, int most) = EraseCounts(rig);
        Assert.Equal(0, least);
        Assert.True(most > 100, $"only {most} erases");
        Assert.Equal(0, rig.Ftl.Counters.PagesLevelled);
    }

    private static FtlRig AfterHotWrites(int spread)
    {
        var rig = new FtlRig(Pages, 28, new FtlOptions { WearSpread = spread });
        var random = new SeededRandom(9);
        rig.Fill();
        for (int i = 0; i < 100 * Pages; i++)
            rig.Write(random.Below(Pages / 20));
        return rig;
    }

    private static (int Least, int Most) EraseCounts(FtlRig rig)
    {
        int[] counts = [.. Enumerable.Range(0, rig.Flash.Geometry.BlocksPerPlane).Select(rig.Flash.EraseCount)];
        return (counts.Min(), counts.Max());
    }
}
