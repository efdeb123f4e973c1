using Emulator.Core;
using Emulator.Ftl.Superblocks;

namespace Emulator.UnitTests.Ftl;

/// <summary>Which superblock is collected.</summary>
public class VictimPolicyTests
{
    private const int PagesPerSuperblock = 100;
    private const ulong Now = 10_000;

    // Three superblocks, each with its valid pages of 100 and the pages that were written since it lost the last one.
    [Theory]
    [InlineData(50, 10, 10, 20, 30, 30, 1)]
    [InlineData(50, 9000, 10, 20, 30, 30, 1)]
    [InlineData(40, 20, 40, 30, 41, 9000, 1)]
    [InlineData(0, 1, 5, 9000, 5, 9000, 0)]
    public void Greedy_takes_the_fewest_valid_pages_and_of_equals_the_eldest(
        int valid0, int age0, int valid1, int age1, int valid2, int age2, int expected) =>
        Assert.Equal(expected, VictimPolicy.Greedy.Choose(Closed((valid0, age0), (valid1, age1), (valid2, age2)), Now));

    [Theory]
    [InlineData(50, 10, 10, 20, 30, 30, 1)]
    [InlineData(50, 9000, 10, 20, 30, 30, 0)]
    [InlineData(90, 9000, 10, 110, 30, 420, 0)]
    [InlineData(90, 8900, 10, 112, 30, 420, 1)]
    [InlineData(0, 1, 5, 9000, 5, 9000, 0)]
    [InlineData(100, 9000, 99, 1, 100, 9000, 1)]
    public void Cost_benefit_weighs_what_is_gained_for_a_move_with_the_age(
        int valid0, int age0, int valid1, int age1, int valid2, int age2, int expected) =>
        Assert.Equal(
            expected, VictimPolicy.CostBenefit.Choose(Closed((valid0, age0), (valid1, age1), (valid2, age2)), Now));

    [Fact]
    public void Of_no_superblock_none_is_chosen()
    {
        Assert.Equal(-1, VictimPolicy.Greedy.Choose(Closed(), Now));
        Assert.Equal(-1, VictimPolicy.CostBenefit.Choose(Closed(), Now));
    }

    [Theory]
    [InlineData(1, 64)]
    [InlineData(2, 100)]
    [InlineData(3, 5000)]
    public void The_index_finds_what_looking_at_every_superblock_finds(ulong seed, int pagesPerSuperblock)
    {
        const int superblocks = 200;
        var random = new SeededRandom(seed);
        var table = new SuperblockTable(superblocks, pagesPerSuperblock);
        var valid = new int[superblocks];
        for (int i = 0; i < superblocks; i++)
            table.Release(i, eraseCount: 0);
        for (int i = 0; i < superblocks; i++)
        {
            int opened = table.OpenLeastWorn(stream: 0);
            for (valid[opened] = 0; valid[opened] < pagesPerSuperblock; valid[opened]++)
                table.AddValidPage(opened);
            table.Close(opened, sequence: 0);
        }

        int bucketWidth = Math.Max(1, table.Closed.ValidPagesOf(1));
        for (ulong step = 1; step < 20_000; step++)
        {
            int superblock = random.Below(superblocks);
            if (valid[superblock] == 0)
                continue;
            table.RemoveValidPage(superblock, step);
            valid[superblock]--;
            int chosen = VictimPolicy.Greedy.Choose(table.Closed, step);
            Assert.InRange(valid[chosen], valid.Min(), valid.Min() + bucketWidth - 1);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Free_superblocks_come_out_by_erase_count_or_the_other_way_round(ulong seed)
    {
        var random = new SeededRandom(seed);
        var free = new FreeSuperblocks(1000);
        var expected = new SortedSet<(int Erases, int Superblock)>();
        for (int next = 0; next < 1000 || expected.Count > 0;)
        {
            if (next < 1000 && (expected.Count == 0 || random.Chance(60)))
            {
                int erases = random.Below(50);
                expected.Add((erases, next));
                free.Add(next++, erases);
                continue;
            }

            (int Erases, int Superblock) wanted = random.Chance(20) ? expected.Max : expected.Min;
            Assert.Equal(wanted.Superblock, wanted == expected.Max ? free.TakeMostWorn() : free.TakeLeastWorn());
            expected.Remove(wanted);
            Assert.Equal(expected.Count, free.Count);
        }
    }

    private static VictimIndex Closed(params (int Valid, int Age)[] superblocks)
    {
        var index = new VictimIndex(Math.Max(1, superblocks.Length), PagesPerSuperblock);
        foreach ((int number, (int Valid, int Age) superblock) in superblocks.Index().OrderByDescending(s => s.Item.Age))
            index.Add(number, superblock.Valid, Now - (ulong)superblock.Age);
        return index;
    }
}
