using Emulator.Core;
using Emulator.Flash;
using Emulator.Flash.Errors;

namespace Emulator.UnitTests.Flash;

public class ErrorModelTests
{
    private const ulong Seed = 11;
    private const int CodewordBits = FlashGeometry.PageBytes * 8;

    private static readonly ErrorOptions Options = new()
    {
        FreshBitErrorRate = 1e-4,
        RatedCycles = 1000,
        WornFactor = 21,
        WearExponent = 2,
        RetentionPerMonth = 0.5,
        DisturbPerRead = 1e-8,
        CorrectableBits = 40,
        RetryLimit = 4,
        RetryGain = 0.5,
    };

    [Fact]
    public void A_fresh_block_has_the_fresh_rate() =>
        Assert.Equal(1e-4 * CodewordBits, Model().ExpectedErrors(0, SimDuration.Zero, 0), 3);

    [Theory]
    [InlineData(500, 1 + (20 * 0.25))]
    [InlineData(1000, 21)]
    [InlineData(2000, 1 + (20 * 4))]
    [InlineData(1_000_000, 1 + (20 * 4))]
    public void The_rate_grows_with_wear_up_to_twice_the_rated_cycles(int cycles, double factor) =>
        Assert.Equal(factor * 1e-4 * CodewordBits, Model().ExpectedErrors(cycles, SimDuration.Zero, 0), 3);

    [Theory]
    [InlineData(1, 1.5)]
    [InlineData(4, 2.0)]
    [InlineData(16, 3.0)]
    public void The_rate_grows_with_the_root_of_the_storage_time(int months, double factor)
    {
        double expected = Model().ExpectedErrors(0, ErrorModel.Month * months, 0);
        Assert.InRange(expected / (1e-4 * CodewordBits), factor * 0.95, factor * 1.05);
    }

    [Fact]
    public void Every_read_of_the_block_disturbs() =>
        Assert.Equal(
            (1e-4 + (1e-8 * 100_000)) * CodewordBits, Model().ExpectedErrors(0, SimDuration.Zero, 100_000), 3);

    [Fact]
    public void Far_below_the_limit_a_read_is_corrected_at_once() =>
        Assert.Equal(new ReadOutcome(3, 0, true), Model().Read(0, SimDuration.Zero, 0));

    [Theory]
    [InlineData(8)]
    [InlineData(36)]
    [InlineData(66)]
    public void Drawn_errors_have_the_expected_mean_and_spread(double mean)
    {
        var model = new ErrorModel(
            new ErrorOptions { FreshBitErrorRate = mean / CodewordBits, RatedCycles = 1, CorrectableBits = 1 }, Seed);
        const int draws = 20_000;
        double sum = 0, squares = 0;
        for (int i = 0; i < draws; i++)
        {
            int errors = model.Read(0, SimDuration.Zero, 0).BitErrors;
            sum += errors;
            squares += (double)errors * errors;
        }

        double variance = (squares / draws) - (sum / draws * (sum / draws));
        Assert.InRange(sum / draws, mean * 0.98, mean * 1.02);
        Assert.InRange(variance, mean * 0.93, mean * 1.07);
    }

    [Fact]
    public void A_worn_block_needs_retries_and_a_dead_one_is_uncorrectable()
    {
        ErrorModel model = Model();
        ReadOutcome worn = model.Read(1000, SimDuration.Zero, 0);
        ReadOutcome dead = model.Read(2000, ErrorModel.Month * 64, 10_000_000);
        Assert.True(worn is { Correctable: true, Retries: > 0, BitErrors: <= 40 }, worn.ToString());
        Assert.True(dead is { Correctable: false, Retries: 4, BitErrors: > 40 }, dead.ToString());
    }

    [Fact]
    public void Programs_and_erases_fail_more_often_with_wear()
    {
        var model = new ErrorModel(Options with { ProgramFailure = 0.001, EraseFailure = 0.002 }, Seed);
        Assert.InRange(Count(() => model.ProgramFails(0)), 50, 150);
        Assert.InRange(Count(() => model.ProgramFails(1000)), 1_900, 2_300);
        Assert.InRange(Count(() => model.EraseFails(0)), 130, 280);
    }

    [Fact]
    public void Without_a_rate_nothing_fails()
    {
        ErrorModel model = Model();
        Assert.Equal(0, Count(() => model.ProgramFails(2000) || model.EraseFails(2000)));
        Assert.Empty(BadBlocks(model));
    }

    [Fact]
    public void Bad_blocks_from_the_factory_depend_on_the_seed_alone()
    {
        ErrorOptions options = Options with { FactoryBadBlocks = 0.01, ProgramFailure = 0.5 };
        ErrorModel first = new(options, Seed), second = new(options, Seed), other = new(options, Seed + 1);
        second.ProgramFails(0);
        int[] bad = BadBlocks(first);
        Assert.Equal(bad, BadBlocks(second));
        Assert.NotEqual(bad, BadBlocks(other));
        Assert.InRange(bad.Length, 120, 280);
    }

    private static int[] BadBlocks(ErrorModel model) =>
        [.. Enumerable.Range(0, 20_000).Where(i => model.IsBadFromFactory(i % 16, i / 16))];

    private static int Count(Func<bool> happens) => Enumerable.Range(0, 100_000).Count(_ => happens());

    private static ErrorModel Model() => new(Options, Seed);
}
