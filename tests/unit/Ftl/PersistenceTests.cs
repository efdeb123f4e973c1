using Emulator.Core;
using Emulator.Flash;
using Emulator.Ftl;
using Emulator.Ftl.Persistence;

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
        for (int life = 0; life < 12; life++)
        {
            using FlashTranslationLayer ftl = Mount();
            for (int page = 0; page < Pages; page++)
            {
                int found = ReadVersion(ftl, (uint)page);
                Assert.True(
                    allowed[page].Contains(found), $"life {life}: page {page} is {found}, may be {string.Join(", ", allowed[page])}");
                allowed[page] = [found];
                Assert.Equal(found != 0, ftl.FirstPage(new LogicalPage((uint)page), 1, mapped: true) == 0);
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

    [Fact]
    public void A_flushed_page_that_is_damaged_is_lost_and_not_what_it_was_before()
    {
        using (FlashTranslationLayer ftl = Mount())
        {
            Write(ftl, 5, 1);
            Assert.True(ftl.Flush(SimTime.Zero).IsSuccess);
            Write(ftl, 5, 2);
            Assert.True(ftl.Flush(SimTime.Zero).IsSuccess);
            Write(ftl, 6, 3);
            Assert.True(ftl.Flush(SimTime.Zero).IsSuccess);
        }

        DamageNewest(5);
        using FlashTranslationLayer again = Mount();

        Assert.Equal(1, again.RecoveryReport!.PagesLost);
        byte[] data = new byte[PageBytes];
        Assert.Equal(MediumStatus.Uncorrectable, again.Read(SimTime.Zero, new LogicalPage(5), 0, data).Status);
        Write(again, 5, 4);
        Assert.Equal(4, ReadVersion(again, 5));
        Assert.Equal(3, ReadVersion(again, 6));
    }

    [Fact]
    public void A_page_that_is_damaged_while_the_drive_is_off_reads_with_an_error()
    {
        using (FlashTranslationLayer ftl = Mount())
        {
            Write(ftl, 5, 1);
            Assert.True(ftl.Shutdown(SimTime.Zero).IsSuccess);
        }

        DamageNewest(5);
        using FlashTranslationLayer again = Mount();
        Assert.Equal(MediumStatus.Uncorrectable, again.Read(SimTime.Zero, new LogicalPage(5), 0, new byte[8]).Status);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_superblock_that_could_not_be_erased_is_never_used_again(bool clean)
    {
        int usable;
        using (FlashTranslationLayer ftl = Mount(out FlashArray flash))
        {
            int all = ftl.UsableSuperblocks;
            flash.Faults.FailErases(Emulator.Flash.Faults.InjectedFaults.AnyDie, 1);
            for (int i = 1; ftl.UsableSuperblocks == all; i++)
                Write(ftl, (uint)i % 64, i);
            usable = ftl.UsableSuperblocks;
            Assert.Equal(all - 1, usable);
            Assert.True((clean ? ftl.Shutdown(SimTime.Zero) : ftl.Flush(SimTime.Zero)).IsSuccess);
        }

        using FlashTranslationLayer again = Mount();
        Assert.Equal(usable, again.UsableSuperblocks);
    }

    [Theory]
    [InlineData(SystemAreaFault.Lost)]
    [InlineData(SystemAreaFault.Torn)]
    public void Without_the_header_of_the_newest_checkpoint_the_one_before_and_a_longer_journal_do(SystemAreaFault fault)
    {
        ulong newest;
        int version = 0;
        using (FlashTranslationLayer ftl = Mount())
        {
            for (int i = 1; i < 3000; i++)
            {
                Write(ftl, (uint)i % 500, i);
                if (i % 10 == 0)
                    Assert.True(ftl.Flush(SimTime.Zero).IsSuccess);
            }
        }

        using (FlashTranslationLayer ftl = Mount())
            newest = ftl.RecoveryReport!.Generation;
        using (FlashTranslationLayer ftl = Mount())
        {
            ftl.Inject(fault, SystemWrite.CheckpointHeader);
            Assert.True(ftl.RecoveryReport!.Generation > newest);
            newest = ftl.RecoveryReport.Generation + 3;
            for (version = 3000; ftl.FailedSystemWrites == 0; version++)
            {
                Write(ftl, (uint)version % 500, version);
                Assert.True(ftl.Flush(SimTime.Zero).IsSuccess);
            }
        }

        using FlashTranslationLayer again = Mount();
        Assert.Equal(newest, again.RecoveryReport!.Generation);
        for (int i = version - 500; i < version; i++)
            Assert.Equal(i, ReadVersion(again, (uint)i % 500));
    }

    /// <summary>Changes a byte of the page with the highest sequence of a logical page.</summary>
    private unsafe void DamageNewest(uint logicalPage)
    {
        long newest = -1;
        for (long i = 0; i < _medium.Geometry.PageCount; i++)
        {
            if (_medium.Spare[i].IsProgrammed && _medium.Spare[i].LogicalPage == logicalPage
                && (newest < 0 || _medium.Spare[i].Sequence > _medium.Spare[newest].Sequence))
                newest = i;
        }

        _medium.Data[(newest * PageBytes) + 100] ^= 1;
    }

    private FlashTranslationLayer Mount(out FlashArray flash) => new(flash = new FlashArray(_medium), Pages);

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
