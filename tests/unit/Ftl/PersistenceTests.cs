using Emulator.Core;
using Emulator.Flash;
using Emulator.Ftl;

namespace Emulator.UnitTests.Ftl;

public sealed class PersistenceTests : IDisposable
{
    private const int PageBytes = FlashGeometry.PageBytes;
    private const int Pages = 2048;

    private readonly MemoryMedium _medium = PersistentMedium.Create(Pages);

    public void Dispose() => _medium.Dispose();

    [Fact]
    public void A_new_medium_mounts_cleanly_and_empty()
    {
        using FlashTranslationLayer ftl = Mount();
        Assert.True(ftl.RecoveryReport!.WasClean);
        Assert.Equal(0, ftl.RecoveryReport.PagesMapped);
        Assert.False(ftl.IsMapped(new LogicalPage(0)));
    }

    [Fact]
    public void After_a_shutdown_everything_is_there_and_nothing_was_scanned()
    {
        using (FlashTranslationLayer ftl = Mount())
        {
            Write(ftl, 5, 1);
            Write(ftl, 6, 2);
            ftl.Trim(SimTime.Zero, new LogicalPage(6));
            Assert.True(ftl.Shutdown(SimTime.Zero).IsSuccess);
        }

        using FlashTranslationLayer again = Mount();
        Assert.True(again.RecoveryReport!.WasClean);
        Assert.Equal(0, again.RecoveryReport.PagesScanned);
        Assert.Equal(1, ReadVersion(again, 5));
        Assert.Equal(0, ReadVersion(again, 6));
        Assert.Equal(2, again.Counters.HostPagesWritten);
        Assert.Equal(1, again.Counters.PagesTrimmed);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void What_was_written_before_a_kill_is_found_again_many_times_over(ulong seed)
    {
        var random = new SeededRandom(seed);
        List<int>[] allowed = [.. Enumerable.Range(0, Pages).Select(_ => new List<int> { 0 })];
        int version = 0;
        for (int life = 0; life < 30; life++)
        {
            using FlashTranslationLayer ftl = Mount();
            for (int page = 0; page < Pages; page++)
            {
                int found = ReadVersion(ftl, (uint)page);
                Assert.True(
                    allowed[page].Contains(found), $"life {life}: page {page} is {found}, may be {string.Join(", ", allowed[page])}");
                allowed[page] = [found];
            }

            int steps = random.Below(3000);
            for (int i = 0; i < steps; i++)
            {
                uint page = (uint)random.Below(Pages);
                bool trims = random.Chance(10);
                allowed[page].Add(trims ? 0 : ++version);
                if (trims)
                    ftl.Trim(SimTime.Zero, new LogicalPage(page));
                else
                    Write(ftl, page, version);
                if (!random.Chance(1))
                    continue;
                Assert.True(ftl.Flush(SimTime.Zero).IsSuccess);
                Settle(allowed);
            }

            if (life % 5 != 4)
                continue;
            Assert.True(ftl.Shutdown(SimTime.Zero).IsSuccess);
            Settle(allowed);
        }
    }

    private static void Settle(List<int>[] allowed)
    {
        foreach (List<int> versions in allowed)
            versions.RemoveRange(0, versions.Count - 1);
    }

    private FlashTranslationLayer Mount() => new(new FlashArray(_medium), Pages);

    private static void Write(FlashTranslationLayer ftl, uint page, int version)
    {
        byte[] data = new byte[PageBytes];
        BitConverter.TryWriteBytes(data, version);
        BitConverter.TryWriteBytes(data.AsSpan(PageBytes - 4), version);
        Assert.True(ftl.Write(SimTime.Zero, new LogicalPage(page), WriteStream.Host, data).IsSuccess);
    }

    private static int ReadVersion(FlashTranslationLayer ftl, uint page)
    {
        byte[] data = new byte[PageBytes];
        Assert.True(ftl.Read(SimTime.Zero, new LogicalPage(page), 0, data).IsSuccess);
        Assert.Equal(BitConverter.ToInt32(data), BitConverter.ToInt32(data, PageBytes - 4));
        return BitConverter.ToInt32(data);
    }
}
