using Emulator.Core;
using Emulator.Migration;

namespace Emulator.UnitTests.Migration.Planning;

/// <summary>What must hold whatever the figures are; how near predictions are is in specs/planning.md.</summary>
public class MigrationEstimatorTests
{
    private const long Image = 1L << 30;

    public static TheoryData<bool, bool> Directions => new() { { true, true }, { true, false }, { false, true }, { false, false } };

    [Theory]
    [MemberData(nameof(Directions))]
    public void An_idle_VM_makes_every_scheme_a_plain_copy(bool source, bool destination)
    {
        MigrationOutlook outlook = Predict(source, destination, new WorkloadTraits { ThinkSeconds = 1e6, Outstanding = 1 });
        Assert.All(outlook.Forecasts, forecast =>
        {
            Assert.InRange(forecast.Cost.MigrationTime, 0.99, 1.01);
            Assert.InRange(forecast.Cost.IoPenalty, 0, 0.01);
            Assert.True(forecast.Converges);
        });
    }

    [Theory]
    [InlineData(true, true, 30)]
    [InlineData(true, false, 40)]
    [InlineData(false, true, 40)]
    [InlineData(false, false, 40)]
    public void Copying_5_GB_between_the_media_of_table_4_takes_what_its_slower_side_takes(bool source, bool destination, int seconds)
    {
        MigrationOutlook outlook = Predict(source, destination, new WorkloadTraits(), image: 5_000_000_000);
        Assert.InRange(outlook.CopySeconds, seconds * 0.95, seconds * 1.05);
    }

    /// <summary>Table 6 for reads that do not matter and writes all over the image.</summary>
    [Theory]
    [InlineData(SchemeKind.Mirroring, 1.5, 1, 0.5)]
    [InlineData(SchemeKind.AsynchronousMirroring, 1.5, 1, 0.5)]
    [InlineData(SchemeKind.SourceLowRedundancy, 1, 0.5, 0.5)]
    [InlineData(SchemeKind.LowRedundancy, 0.5, 0, 0.5)]
    public void Writes_to_SSDs_are_those_of_table_6_when_few_requests_disturb_nothing(
        SchemeKind kind, double ssdToSsd, double ssdToHdd, double hddToSsd)
    {
        var few = new WorkloadTraits { ReadShare = 0, RequestBytes = 4096, Outstanding = 1, ThinkSeconds = 1 };
        Assert.Equal(ssdToSsd, Predict(true, true, few).Of(kind).Cost.WearOut, 0.03);
        Assert.Equal(ssdToHdd, Predict(true, false, few).Of(kind).Cost.WearOut, 0.03);
        Assert.Equal(hddToSsd, Predict(false, true, few).Of(kind).Cost.WearOut, 0.03);
        Assert.Equal(0, Predict(false, false, few).Of(kind).Cost.WearOut);
    }

    [Fact]
    public void The_writes_of_dirty_block_tracking_come_again_in_its_rounds()
    {
        var few = new WorkloadTraits { ReadShare = 0, RequestBytes = 4096, Outstanding = 1, ThinkSeconds = 1e-3 };
        MigrationCost cost = Predict(true, true, few).Of(SchemeKind.DirtyBlockTracking).Cost;
        Assert.InRange(cost.WearOut, 1.8, 2);
    }

    [Fact]
    public void Assist_copies_what_was_written_alone()
    {
        MigrationOutlook outlook = Predict(true, true, new WorkloadTraits { ThinkSeconds = 10, WrittenShare = 0.3 });
        Assert.Equal(0.3, outlook.Of(SchemeKind.Assist).Cost.MigrationTime, 0.02);
        Assert.Equal(1, outlook.Of(SchemeKind.DirtyBlockTracking).Cost.MigrationTime, 0.02);
    }

    [Fact]
    public void A_pause_lasts_as_long_as_copying_what_is_dirty_without_the_VM()
    {
        var task = new MigrationTask
        {
            Source = MediumTraits.Ssd,
            Destination = MediumTraits.Ssd,
            ImageBytes = Image,
            Workload = new WorkloadTraits { ReadShare = 0, RequestBytes = 65536, Outstanding = 8, SequentialShare = 1 },
            Scheme = new SchemeOptions { Kind = SchemeKind.DirtyBlockTracking, MostRounds = 0 },
        };
        MigrationOutlook outlook = MigrationEstimator.Predict(task);
        MigrationForecast forecast = outlook.Of(SchemeKind.DirtyBlockTracking);
        double copies = (forecast.BytesCopied - Image) / Image;
        Assert.InRange(forecast.DowntimeSeconds, 0.98 * copies * outlook.CopySeconds, 1.02 * copies * outlook.CopySeconds);
    }

    /// <summary>
    /// Every write of the VM goes to both of two media that are alike, and the copy reads at one and writes at the other. Where
    /// writing takes longer the destination has more to do than the source at whose pace the VM goes on.
    /// </summary>
    [Theory]
    [InlineData(1.2, true)]
    [InlineData(1, false)]
    public void Between_alike_media_asynchronous_mirroring_falls_behind_where_writing_takes_longer(double slower, bool fallsBehind)
    {
        var medium = new MediumTraits
        {
            IsSsd = false,
            HasArm = false,
            ReadBytesPerSecond = 130e6,
            WriteBytesPerSecond = 130e6 / slower,
            ReadIops = 2000,
            WriteIops = 2000 / slower,
            ReadSeconds = 1.0 / 2000,
            WriteSeconds = slower / 2000,
        };
        MigrationOutlook outlook = MigrationEstimator.Predict(new MigrationTask
        {
            Source = medium,
            Destination = medium,
            ImageBytes = 8 * Image,
            Workload = new WorkloadTraits { ReadShare = 0, RequestBytes = 65536, Outstanding = 1, SequentialShare = 1, WorkingSetShare = 0.2, WorkingSetStart = 0 },
        });
        Assert.Equal(fallsBehind, !outlook.Of(SchemeKind.AsynchronousMirroring).IsSound);
        Assert.InRange(outlook.Of(SchemeKind.Mirroring).Cost.MigrationTime, 1, 2);
    }

    [Theory]
    [MemberData(nameof(Directions))]
    public void The_rate_that_was_measured_is_the_rate_that_is_predicted(bool source, bool destination)
    {
        double atSource = source ? 5000 : 90;
        double atDestination = destination ? 3000 : 70;
        MigrationOutlook outlook = Predict(source, destination, new WorkloadTraits { IopsAtSource = atSource, IopsAtDestination = atDestination });
        Assert.Equal(atSource, outlook.IopsAtSource, atSource * 0.02);
        Assert.Equal(atDestination, outlook.IopsAtDestination, atDestination * 0.02);
    }

    /// <summary>Nonsense in no place, from any figures that are allowed: seeds are in the message.</summary>
    [Fact]
    public void Any_figures_give_costs_that_are_finite_and_within_their_ranges()
    {
        for (ulong seed = 1; seed <= 300; seed++)
        {
            MigrationTask task = PlanningSamples.Task(new SeededRandom(seed));
            Assert.Null(task.Problem());
            MigrationOutlook outlook = MigrationEstimator.Predict(task);
            Assert.Equal(MigrationEstimator.Schemes, outlook.Forecasts.Select(forecast => forecast.Kind));
            foreach (MigrationForecast forecast in outlook.Forecasts)
            {
                string where = $"seed {seed}, {forecast}";
                Assert.True(forecast.Cost.IoPenalty is >= 0 and <= 1, where);
                Assert.True(double.IsFinite(forecast.Seconds) && forecast.Seconds > 0, where);
                Assert.True(double.IsFinite(forecast.Cost.MigrationTime) && forecast.Cost.MigrationTime > 0, where);
                Assert.True(forecast.Cost.WearOut is >= 0 and <= 4, where);
                Assert.True(forecast.DowntimeSeconds >= 0 && forecast.DowntimeSeconds <= forecast.Seconds, where);
                Assert.True(forecast.Iops > 0 && double.IsFinite(forecast.Iops), where);
            }
        }
    }

    [Theory]
    [InlineData(0, 0, "an image must have at least 4096 bytes")]
    [InlineData(8192, 2, "workload: shares of reads")]
    public void A_task_says_what_is_wrong_with_it(long image, double reads, string message) => Assert.StartsWith(
        message,
        new MigrationTask
        {
            Source = MediumTraits.Ssd,
            Destination = MediumTraits.Hdd,
            ImageBytes = image,
            Workload = new WorkloadTraits { ReadShare = reads },
        }.Problem(),
        StringComparison.Ordinal);

    private static MigrationOutlook Predict(bool source, bool destination, WorkloadTraits workload, long image = Image) =>
        MigrationEstimator.Predict(new MigrationTask
        {
            Source = source ? MediumTraits.Ssd : MediumTraits.Hdd,
            Destination = destination ? MediumTraits.Ssd : MediumTraits.Hdd,
            ImageBytes = image,
            Workload = workload,
        });
}
