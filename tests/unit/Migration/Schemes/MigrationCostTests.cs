using Emulator.Core;
using Emulator.Migration;

namespace Emulator.UnitTests.Migration.Schemes;

public class MigrationCostTests
{
    private static readonly MigrationMeasurement Measured = new()
    {
        BestPerformance = 1000,
        Performance = 600,
        MigrationTime = SimDuration.FromSeconds(15),
        ImageCopyTime = SimDuration.FromSeconds(10),
        Counters = new SchemeCounters { BytesWritten = 100, BytesToSource = 100, BytesToDestination = 60, BytesMerged = 10, BytesSkipped = 30 },
        IsSourceWorn = true,
        IsDestinationWorn = true,
    };

    [Theory]
    [InlineData(true, true, 1.4)]
    [InlineData(true, false, 1)]
    [InlineData(false, true, 0.4)]
    [InlineData(false, false, 0)]
    public void Wear_counts_writes_to_SSDs_beyond_the_image(bool source, bool destination, double wear) =>
        Assert.Equal(wear, MigrationCost.Of(Measured with { IsSourceWorn = source, IsDestinationWorn = destination }).WearOut, 9);

    [Theory]
    [InlineData(0, 1.5 * 0.4)]
    [InlineData(1, 1.5 * 1.4)]
    [InlineData(0.5, 1.5 * 0.9)]
    public void The_total_is_the_sum_of_equation_4(double gamma, double total) =>
        Assert.Equal(total, MigrationCost.Of(Measured).Total(gamma), 9);

    [Fact]
    public void A_VM_that_is_faster_than_on_either_side_alone_pays_nothing() =>
        Assert.Equal(0, MigrationCost.Of(Measured with { Performance = 1100 }).IoPenalty);
}
