using Emulator.Migration;

namespace Emulator.UnitTests.Migration.Planning;

/// <summary>US 9,195,401, embodiments 12 and 17 by cost, 37 to 44 by cut-offs.</summary>
public class SchemeChoiceTests
{
    private const SchemeKind LR = SchemeKind.LowRedundancy;
    private const SchemeKind SLR = SchemeKind.SourceLowRedundancy;
    private const SchemeKind AIO = SchemeKind.AsynchronousMirroring;

    /// <summary>Embodiments 38, 40, 42 and 44, on both sides of each cut-off, from SSD to HDD.</summary>
    [Theory]
    [InlineData(0, AIO, LR, SLR, AIO)]
    [InlineData(0.29, AIO, LR, SLR, AIO)]
    [InlineData(0.3, SLR, LR, SLR, AIO)]
    [InlineData(0.59, SLR, LR, SLR, AIO)]
    [InlineData(0.6, LR, LR, SLR, AIO)]
    [InlineData(1, LR, LR, SLR, AIO)]
    [InlineData(0, SLR, LR, SLR)]
    [InlineData(0.59, SLR, LR, SLR)]
    [InlineData(0.6, LR, LR, SLR)]
    [InlineData(0, AIO, LR, AIO)]
    [InlineData(0.49, AIO, LR, AIO)]
    [InlineData(0.5, LR, LR, AIO)]
    [InlineData(0, AIO, SLR, AIO)]
    [InlineData(0.29, AIO, SLR, AIO)]
    [InlineData(0.3, SLR, SLR, AIO)]
    [InlineData(0.9, SLR, SLR)]
    public void Cut_offs_choose_as_the_embodiments_say(double gamma, SchemeKind expected, params SchemeKind[] allowed)
    {
        SchemeChoice choice = SchemeChoice.ByCutOffs(isSourceSsd: true, isDestinationSsd: false, gamma, allowed)!;
        Assert.Equal(expected, choice.Kind);
        Assert.NotEmpty(choice.Reason);
    }

    [Theory]
    [InlineData(true, true, LR)]
    [InlineData(false, true, LR)]
    [InlineData(false, false, AIO)]
    public void In_the_other_directions_gamma_does_not_matter(bool isSourceSsd, bool isDestinationSsd, SchemeKind expected)
    {
        for (int tenth = 0; tenth <= 10; tenth++)
            Assert.Equal(expected, SchemeChoice.ByCutOffs(isSourceSsd, isDestinationSsd, tenth / 10.0, [LR, SLR, AIO])!.Kind);
    }

    [Theory]
    [InlineData(0.19, AIO)]
    [InlineData(0.2, SLR)]
    [InlineData(0.7, LR)]
    public void Cut_offs_can_be_others(double gamma, SchemeKind expected) =>
        Assert.Equal(expected, SchemeChoice.ByCutOffs(true, false, gamma, [LR, SLR, AIO], first: 0.2, second: 0.7)!.Kind);

    [Fact]
    public void Cut_offs_have_nothing_to_say_where_none_of_the_three_is_allowed() =>
        Assert.Null(SchemeChoice.ByCutOffs(true, false, 0.5, [SchemeKind.Mirroring]));

    [Theory]
    [InlineData(0, SchemeKind.DirtyBlockTracking)]
    [InlineData(1, LR)]
    public void The_lowest_cost_is_chosen_for_a_gamma(double gamma, SchemeKind expected) => Assert.Equal(
        expected, ByCost(gamma, Forecast(SchemeKind.DirtyBlockTracking, io: 0.1, wear: 2), Forecast(LR, io: 0.5, wear: 0.5)).Kind);

    [Fact]
    public void Of_equal_costs_the_shorter_migration_is_chosen() => Assert.Equal(
        SLR, ByCost(1, Forecast(LR, wear: 0, seconds: 20), Forecast(SLR, wear: 0, seconds: 10)).Kind);

    [Fact]
    public void What_does_not_converge_or_end_is_left_out_and_the_reason_says_so()
    {
        SchemeChoice choice = ByCost(
            0.5, Forecast(SchemeKind.DirtyBlockTracking, converges: false), Forecast(LR, io: 0.9, wear: 3), Forecast(AIO, time: 26));
        Assert.Equal(LR, choice.Kind);
        Assert.Contains("DirtyBlockTracking (does not converge)", choice.Reason, StringComparison.Ordinal);
        Assert.Contains("AsynchronousMirroring (takes 26 idle copies)", choice.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void The_least_bad_is_chosen_where_nothing_ends_well()
    {
        SchemeChoice choice = ByCost(0.5, Forecast(LR, time: 40), Forecast(SLR, time: 30));
        Assert.Equal(SLR, choice.Kind);
        Assert.Contains("none is expected to end well", choice.Reason, StringComparison.Ordinal);
    }

    private static SchemeChoice ByCost(double gamma, params MigrationForecast[] forecasts) => SchemeChoice.ByCost(
        new MigrationOutlook { IopsAtSource = 1, IopsAtDestination = 1, ThinkSeconds = 0, CopySeconds = 1, Forecasts = forecasts },
        gamma, [.. forecasts.Select(forecast => forecast.Kind)], kind => kind.ToString());

    private static MigrationForecast Forecast(
        SchemeKind kind, double io = 0.2, double time = 1, double wear = 1, double seconds = 1, bool converges = true) => new()
        {
            Kind = kind,
            Cost = new MigrationCost(io, time, wear),
            Seconds = seconds,
            DowntimeSeconds = 0,
            Iops = 1,
            BytesRead = 1,
            BytesCopied = 1,
            Converges = converges,
        };
}
