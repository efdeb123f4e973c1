using Emulator.Host.Migrate;

namespace Emulator.UnitTests.Host.Migrate;

public class BlackoutPredictionTests
{
    private static readonly TimeSpan Quick = TimeSpan.FromMilliseconds(0.1);

    private static MoverProgress Left(ulong toDo, ulong dirty, double rate) =>
        new(MoverPhase.CatchingUp) { BytesToDo = toDo, BytesDirty = dirty, BytesPerSecond = rate };

    [Fact]
    public void What_is_left_takes_its_time_at_the_present_rate()
    {
        var prediction = new BlackoutPrediction();

        double little = prediction.Predict(Left(0, 0, 100e6), Quick, null);
        double more = prediction.Predict(Left(6_000_000, 4_000_000, 100e6), Quick, null);

        Assert.InRange(little, 0, 5);
        Assert.Equal(100, more - little, 3);
    }

    [Fact]
    public void Nothing_that_moves_never_ends()
    {
        var prediction = new BlackoutPrediction();
        Assert.Equal(double.PositiveInfinity, prediction.Predict(Left(1, 0, 0), Quick, null));
        Assert.True(double.IsFinite(prediction.Predict(Left(0, 0, 0), Quick, null)));
    }

    [Fact]
    public void The_longer_of_data_and_memory_counts()
    {
        var prediction = new BlackoutPrediction();
        var ram = new RamProgress("active", null) { Remaining = 50_000_000, BytesPerSecond = 1e9 };

        double both = prediction.Predict(Left(10_000_000, 0, 100e6), Quick, ram);
        double memory = prediction.Predict(Left(0, 0, 100e6), Quick, ram);

        Assert.InRange(both, 100, 105);
        Assert.InRange(memory, 80, 85);
    }

    [Fact]
    public void The_dirty_rate_is_learnt_within_rounds_and_not_across_them()
    {
        var prediction = new BlackoutPrediction();
        for (int i = 0; i <= 20; i++)
            prediction.Observe(i * 0.1, 1, (ulong)i * 1_000_000);
        Assert.Equal(10e6, prediction.DirtyBytesPerSecond, 10e6 * 0.01);

        prediction.Observe(2.1, 2, 0);
        prediction.Observe(2.2, 2, 1_000_000);
        Assert.Equal(10e6, prediction.DirtyBytesPerSecond, 10e6 * 0.01);
    }

    [Fact]
    public void A_slow_way_to_the_drives_counts()
    {
        var prediction = new BlackoutPrediction();
        double near = prediction.Predict(Left(0, 0, 100e6), Quick, null);
        double far = prediction.Predict(Left(0, 0, 100e6), TimeSpan.FromMilliseconds(10), null);
        Assert.True(far - near > 50, $"{far} and {near}");
    }
}
