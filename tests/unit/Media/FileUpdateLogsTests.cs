using Emulator.Media;
using Emulator.Migration;

namespace Emulator.UnitTests.Media;

public sealed class FileUpdateLogsTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("emulator-test-");

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public void Whoever_waits_for_a_log_is_called_when_it_is_synchronised()
    {
        using var called = new ManualResetEventSlim();
        var logs = new FileUpdateLogs(_directory.FullName, MediumAccess.Durable) { SyncEnded = called.Set };
        using IUpdateStore store = logs.Create("a")!;
        store.Append([1, 2, 3]);

        long sync = store.BeginSync();

        Assert.True(store.WakesWhenSynced);
        Assert.True(called.Wait(Patience));
        Assert.True(store.Synced >= sync);
    }

    [Theory]
    [InlineData(MediumAccess.Durable)]
    [InlineData(MediumAccess.Unsynchronised)]
    public void A_log_that_was_made_with_nobody_to_call_says_so(MediumAccess access)
    {
        using IUpdateStore store = new FileUpdateLogs(_directory.FullName, access).Create("a")!;
        Assert.False(store.WakesWhenSynced);
    }

    [Fact]
    public void Who_is_not_to_be_called_any_more_is_not()
    {
        int calls = 0;
        var logs = new FileUpdateLogs(_directory.FullName, MediumAccess.Durable) { SyncEnded = () => Interlocked.Increment(ref calls) };
        using IUpdateStore store = logs.Create("a")!;

        logs.SyncEnded = null;
        store.BeginSync();
        store.Sync();

        Assert.Equal(0, Volatile.Read(ref calls));
    }
}
