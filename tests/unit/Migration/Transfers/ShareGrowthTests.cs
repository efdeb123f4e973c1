using Emulator.Migration;

namespace Emulator.UnitTests.Migration.Transfers;

public class ShareGrowthTests
{
    [Theory]
    [InlineData(1, 2)]
    [InlineData(20, 40)]
    [InlineData(40, 80)]
    [InlineData(50, 80)]
    [InlineData(80, 80)]
    [InlineData(95, 95)]
    public void A_share_doubles_and_hosts_keep_a_fifth(int percent, int next) => Assert.Equal(next, ShareGrowth.After(percent));

    [Theory]
    [InlineData(75, 100, false)]
    [InlineData(76, 100, true)]
    [InlineData(ulong.MaxValue, ulong.MaxValue, true)]
    [InlineData(0, 0, false)]
    public void A_round_that_leaves_more_than_three_quarters_is_too_slow(ulong dirty, ulong round, bool isDue) =>
        Assert.Equal(isDue, ShareGrowth.IsDue(dirty, round));
}
