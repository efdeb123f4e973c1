using Emulator.Core;
using Emulator.Ftl;
using Emulator.Ftl.Superblocks;

namespace Emulator.UnitTests.Ftl;

/// <summary>How the work of the collector is spread over the writes of hosts.</summary>
public class RoomTests
{
    // The bound is what the middle between the marks asks for, twice, for the fullest victim that a steady state of
    // uniform writes shows: a share of valid pages of 0.8 for 28 percent of spare capacity, of 0.93 for 7 percent.
    [Theory]
    [InlineData(28, 12)]
    [InlineData(50, 8)]
    [InlineData(7, 40)]
    public void No_write_carries_more_than_its_share_of_the_moves(int overProvisioningPercent, int most)
    {
        const int pages = 16 * 1024;
        using var rig = new FtlRig(pages, overProvisioningPercent);
        var random = new SeededRandom(5);
        rig.Fill();
        for (int i = 0; i < 4 * pages; i++)
            rig.Write(random.Below(pages));
        Assert.True(rig.Ftl.Counters.PagesMoved > pages, "the collector worked");
        Assert.Equal(0, rig.Ftl.Counters.Stalls);
        Assert.InRange(rig.Ftl.Counters.MostMovesInWrite, 1, most);
    }

    [Fact]
    public void Moves_come_on_little_by_little_when_the_drive_gets_full()
    {
        const int pages = 16 * 1024;
        using var rig = new FtlRig(pages, 28);
        rig.Fill();
        var random = new SeededRandom(3);
        long previous = 0;
        long largestStep = 0;
        const int window = 256;
        for (int i = 0; i < 4 * pages / window; i++)
        {
            long before = rig.Ftl.Counters.PagesMoved;
            for (int j = 0; j < window; j++)
                rig.Write(random.Below(pages));
            long moved = rig.Ftl.Counters.PagesMoved - before;
            largestStep = Math.Max(largestStep, moved - previous);
            previous = moved;
        }

        Assert.InRange(largestStep, 1, 3 * window);
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(0, 8)]
    [InlineData(7, 8)]
    [InlineData(28, 3)]
    public void However_little_is_spare_and_however_many_streams_there_are_every_write_finds_room(int percent, int streams)
    {
        const int pages = 2048;
        using var rig = new FtlRig(pages, percent);
        var random = new SeededRandom((ulong)(percent + streams));
        rig.Fill();
        for (int i = 0; i < 20 * pages; i++)
            Assert.True(rig.Write(random.Below(pages), StreamAt(random.Below(streams))).IsSuccess);
        rig.Verify();
        Assert.False(rig.Ftl.IsReadOnly);
    }

    [Theory]
    [InlineData("greedy")]
    [InlineData("cost-benefit")]
    public void Skewed_writes_survive_either_policy(string policy)
    {
        const int pages = 4096;
        VictimPolicy victims = policy == "greedy" ? VictimPolicy.Greedy : VictimPolicy.CostBenefit;
        using var rig = new FtlRig(pages, 15, new FtlOptions { Victims = victims, SeparatesHotAndCold = true });
        var random = new SeededRandom(11);
        rig.Fill();
        for (int i = 0; i < 12 * pages; i++)
            rig.Write(random.Chance(80) ? random.Below(pages / 5) : random.Below(pages));
        rig.Verify();
        Assert.InRange(rig.Ftl.Counters.WriteAmplification, 1.0, 5.0);
    }

    private static WriteStream StreamAt(int number) => number == 0 ? WriteStream.Host : WriteStream.Directive(number);
}
