using Emulator.Cache;
using Emulator.Core;
using Emulator.Flash;
using Emulator.Ftl;

namespace Emulator.UnitTests.Cache;

/// <summary>A cache of 256 lines over a store of 2048 pages that takes its time.</summary>
public sealed class PageCacheTests : IDisposable
{
    private const int PageBytes = FlashGeometry.PageBytes;
    private const int Lines = 256;
    private const int HighWater = 128;

    private static readonly SimDuration ReadTime = SimDuration.FromMicroseconds(60);
    private static readonly SimDuration ProgramTime = SimDuration.FromMicroseconds(500);
    private static readonly SimDuration AccessTime = SimDuration.FromMicroseconds(2);

    private readonly List<PageCache> _caches = [];

    public void Dispose() => _caches.ForEach(cache => cache.Dispose());

    [Fact]
    public void A_write_is_acknowledged_when_it_is_in_DRAM_and_read_from_there()
    {
        FakeStore store = SlowStore();
        PageCache cache = Create(store, new CacheOptions { AccessTime = AccessTime });

        Assert.Equal(MediumResult.Success(At(5) + AccessTime), Write(cache, At(5), 7, 1));

        Assert.Equal((1, At(6) + AccessTime), Read(cache, At(6), 7));
        Assert.Empty(store.Writes);
        Assert.Equal(1, cache.DirtyLines);
        Assert.Equal(1, cache.Counters.ReadHits);
    }

    [Fact]
    public void Dram_moves_one_page_after_the_other()
    {
        FakeStore store = SlowStore();
        PageCache cache = Create(store, new CacheOptions { AccessTime = AccessTime, DramBytesPerSecond = 1_000_000_000 });

        var transfer = new SimDuration(4096);
        Assert.Equal(At(5) + AccessTime + transfer, Write(cache, At(5), 7, 1).Done);
        Assert.Equal(At(5) + AccessTime + transfer + transfer, Write(cache, At(5), 8, 1).Done);
    }

    [Fact]
    public void What_was_not_written_since_longest_is_programmed_first_when_the_mark_is_passed()
    {
        FakeStore store = SlowStore();
        PageCache cache = Create(store);
        for (uint page = 0; page < HighWater; page++)
            Write(cache, SimTime.Zero, page, 1);
        Write(cache, SimTime.Zero, 0, 2);
        Assert.Empty(store.Writes);

        Write(cache, SimTime.Zero, 1000, 1);

        Assert.Equal([new LogicalPage(1)], store.Writes.Select(write => write.Page));
        Assert.Equal((HighWater, 1), (cache.DirtyLines, cache.ProgrammingLines));
    }

    [Fact]
    public void Lines_are_programmed_in_groups_of_one_stream()
    {
        FakeStore store = SlowStore(programPages: 4);
        PageCache cache = Create(store);
        for (uint page = 0; page < HighWater; page++)
            Write(cache, SimTime.Zero, page, 1, stream: WriteStream.Directive((int)(page % 2) + 1));

        Write(cache, SimTime.Zero, 1000, 1);

        WriteStream first = WriteStream.Directive(1);
        Assert.Equal([0u, 2u, 4u, 6u], store.Writes.Select(write => write.Page.Value));
        Assert.All(store.Writes, write => Assert.Equal(first, write.Stream));
    }

    [Fact]
    public void A_write_that_finds_every_line_dirty_or_being_programmed_waits_for_the_first_to_be_programmed()
    {
        FakeStore store = SlowStore();
        PageCache cache = Create(store);
        for (uint page = 0; page < Lines; page++)
            Assert.Equal(At(page), Write(cache, At(page), page, 1).Done);

        // The line that was programmed first is that of page 0, whose program began when page 128 was written.
        Assert.Equal(At(HighWater) + ProgramTime, Write(cache, At(Lines), 1000, 1).Done);
        Assert.Equal(At(HighWater + 1) + ProgramTime, Write(cache, At(Lines), 1001, 1).Done);
        Assert.Equal(2, cache.Counters.WritesDelayed);
        Assert.Equal(At(5000), Write(cache, At(5000), 1002, 1).Done);
    }

    [Fact]
    public void A_part_of_a_page_is_merged_with_the_rest_which_reads_wait_for()
    {
        FakeStore store = SlowStore();
        store.Write(SimTime.Zero, new LogicalPage(3), WriteStream.Host, Page(1));
        PageCache cache = Create(store);

        Assert.Equal(At(1000), cache.Write(At(1000), new LogicalPage(3), WriteStream.Host, 512, new byte[512]).Done);

        byte[] read = new byte[PageBytes];
        Assert.Equal(At(1000) + ReadTime, cache.Read(At(1001), new LogicalPage(3), 0, read).Done);
        Assert.Equal([.. Page(1)[..512], .. new byte[512], .. Page(1)[1024..]], read);
    }

    [Fact]
    public void A_part_of_a_page_whose_rest_cannot_be_read_is_not_written()
    {
        FakeStore store = SlowStore();
        store.Write(SimTime.Zero, new LogicalPage(3), WriteStream.Host, Page(1));
        store.Unreadable.Add(new LogicalPage(3));
        PageCache cache = Create(store);

        MediumResult result = cache.Write(SimTime.Zero, new LogicalPage(3), WriteStream.Host, 512, new byte[512]);

        Assert.Equal(MediumStatus.Uncorrectable, result.Status);
        Assert.Equal((0, 0), (cache.DirtyLines, cache.UsedLines));
        Assert.True(Write(cache, SimTime.Zero, 3, 2).IsSuccess);
    }

    [Fact]
    public void A_page_that_took_time_to_read_is_kept()
    {
        FakeStore store = SlowStore();
        PageCache cache = Create(store, new CacheOptions { AccessTime = AccessTime });
        store.Write(SimTime.Zero, new LogicalPage(3), WriteStream.Host, Page(9));

        Assert.Equal((9, At(1000) + ReadTime), Read(cache, At(1000), 3));
        Assert.Equal((9, At(1000) + ReadTime + AccessTime), Read(cache, At(1010), 3));
        Assert.Equal((9, At(2000) + AccessTime), Read(cache, At(2000), 3));
        Assert.Equal(1, store.Reads);
    }

    [Fact]
    public void Little_is_kept_that_the_store_has_at_hand()
    {
        const int shortQueue = 64;
        var store = new FakeStore(2048);
        PageCache cache = Create(store);
        for (uint page = 0; page < 1000; page++)
            Write(cache, SimTime.Zero, page, 1);
        Read(cache, SimTime.Zero, 3);
        Assert.Equal((shortQueue, shortQueue), (cache.DirtyLines, cache.UsedLines));
    }

    [Fact]
    public void A_page_that_cannot_be_read_is_an_error_each_time()
    {
        FakeStore store = SlowStore();
        store.Write(SimTime.Zero, new LogicalPage(3), WriteStream.Host, Page(9));
        store.Unreadable.Add(new LogicalPage(3));
        PageCache cache = Create(store);
        for (int i = 0; i < 3; i++)
        {
            byte[] read = new byte[PageBytes];
            Assert.Equal(MediumStatus.Uncorrectable, cache.Read(SimTime.Zero, new LogicalPage(3), 0, read).Status);
        }
    }

    [Fact]
    public void Flush_programs_everything_and_then_flushes_the_store()
    {
        FakeStore store = SlowStore();
        PageCache cache = Create(store);
        for (uint page = 0; page < 10; page++)
            Write(cache, SimTime.Zero, page, 1);

        MediumResult result = cache.Flush(At(100));

        Assert.Equal(MediumResult.Success(At(100) + ProgramTime), result);
        Assert.Equal((10, 1, 0), (store.Writes.Count, store.Flushes, cache.DirtyLines));
        cache.Flush(At(5000));
        Assert.Equal(10, store.Writes.Count);
    }

    [Theory]
    [InlineData(1, "1 5 9", 7)]
    [InlineData(2, "1 5 9 0", 6)]
    [InlineData(4, "1 5 9 0", 6)]
    public void A_flush_of_some_pages_programs_them_in_order_and_others_only_to_fill_an_operation(
        int programPages, string programmed, int dirty)
    {
        var store = new FakeStore(2048, programPages) { ProgramTime = ProgramTime };
        PageCache cache = Create(store);
        for (uint page = 0; page < 10; page++)
            Write(cache, SimTime.Zero, page, 1);

        MediumResult result = cache.BeginFlush(At(100), new EveryFourthPage());

        Assert.True(result.IsSuccess);
        Assert.Equal(programmed, string.Join(' ', store.Writes.Select(write => write.Page.Value)));
        Assert.Equal((1, dirty), (store.Flushes, cache.DirtyLines));
        cache.BeginFlush(At(5000), new EveryFourthPage());
        Assert.Equal(dirty, cache.DirtyLines);
        cache.Flush(At(5000));
        Assert.Equal((10, 0), (store.Writes.Count, cache.DirtyLines));
    }

    private sealed class EveryFourthPage : IPageSet
    {
        public bool Contains(LogicalPage page) => page.Value % 4 == 1;
    }

    [Fact]
    public void A_write_that_goes_through_is_in_the_store_and_replaces_what_was_dirty()
    {
        FakeStore store = SlowStore();
        PageCache cache = Create(store);
        Write(cache, SimTime.Zero, 7, 1);
        MediumResult result = Write(cache, At(10), 7, 2, hints: Through);
        Assert.Equal(MediumResult.Success(At(10) + ProgramTime), result);
        Assert.Equal((1, 0), (store.Writes.Count, cache.DirtyLines));
        Assert.Equal(2, Read(cache, At(10), 7).Value);

        cache.Write(At(20), new LogicalPage(7), WriteStream.Host, 0, new byte[] { 5 }, Through);
        byte[] stored = new byte[PageBytes];
        store.Read(At(20), new LogicalPage(7), 0, stored);
        Assert.Equal([5, .. Page(2)[1..]], stored);
    }

    [Theory]
    [InlineData(CacheMode.WriteThrough)]
    [InlineData(CacheMode.Off)]
    public void Without_a_write_buffer_every_write_is_programmed_when_it_is_acknowledged(CacheMode mode)
    {
        FakeStore store = SlowStore();
        PageCache cache = Create(store, new CacheOptions { Mode = mode });
        Assert.Equal(At(1) + ProgramTime, Write(cache, At(1), 7, 1).Done);
        Assert.Equal(1, Read(cache, At(9000), 7).Value);
        Assert.Equal(mode == CacheMode.Off ? 0 : 1, cache.UsedLines);
        Assert.Equal(0, cache.DirtyLines);
    }

    [Fact]
    public void Data_that_the_store_refuses_stays_readable_and_every_flush_says_so()
    {
        FakeStore store = SlowStore();
        PageCache cache = Create(store);
        for (uint page = 0; page < HighWater; page++)
            Write(cache, SimTime.Zero, page, 1);
        store.IsWornOut = true;
        Assert.True(Write(cache, SimTime.Zero, HighWater, 1).IsSuccess);
        Assert.Equal(1, cache.Counters.DestagesFailed);
        Assert.Equal(MediumStatus.WriteFault, cache.Flush(SimTime.Zero).Status);
        Assert.Equal(MediumStatus.WriteFault, cache.Flush(SimTime.Zero).Status);

        for (uint page = HighWater + 1; page < Lines; page++)
            Assert.True(Write(cache, SimTime.Zero, page, 1).IsSuccess);
        Assert.Equal(MediumStatus.WriteFault, Write(cache, SimTime.Zero, 1000, 1).Status);
        for (uint page = 0; page < Lines; page++)
            Assert.Equal(1, Read(cache, SimTime.Zero, page).Value);

        store.IsWornOut = false;
        Assert.True(cache.Flush(SimTime.Zero).IsSuccess);
        Assert.Equal((Lines, 0), (store.Writes.Count, cache.DirtyLines));
    }

    [Theory]
    [InlineData(true, 1)]
    [InlineData(false, 2)]
    public void A_power_cut_loses_what_is_volatile_and_not_what_capacitors_stand_behind(bool isVolatile, byte left)
    {
        FakeStore store = SlowStore();
        PageCache cache = Create(store, new CacheOptions { IsVolatile = isVolatile });
        Write(cache, SimTime.Zero, 7, 1);
        cache.Flush(SimTime.Zero);
        Write(cache, At(10_000), 7, 2);

        SimTime gone = cache.PowerCut(At(20_000));
        store.PowerCut(gone);

        Assert.Equal(isVolatile ? At(20_000) : At(20_000) + ProgramTime, gone);
        Assert.Equal(0, cache.UsedLines);
        Assert.Equal(left, Read(cache, gone, 7).Value);
    }

    [Fact]
    public void Capacitors_let_a_flush_be_acknowledged_at_once()
    {
        FakeStore store = SlowStore();
        PageCache cache = Create(store, new CacheOptions { IsVolatile = false, AccessTime = AccessTime });
        Write(cache, SimTime.Zero, 7, 1);
        Assert.Equal(At(1) + AccessTime, cache.Flush(At(1)).Done);
        Assert.Single(store.Writes);
    }

    [Fact]
    public void Dirty_pages_count_as_mapped_and_trimmed_ones_do_not()
    {
        FakeStore store = SlowStore();
        store.Write(SimTime.Zero, new LogicalPage(20), WriteStream.Host, Page(1));
        PageCache cache = Create(store);
        Write(cache, SimTime.Zero, 10, 1);
        Write(cache, SimTime.Zero, 11, 1);
        Write(cache, SimTime.Zero, 21, 1);

        Assert.True(cache.IsMapped(new LogicalPage(10)));
        Assert.Equal(10, cache.FirstPage(new LogicalPage(0), 100, mapped: true));
        Assert.Equal(2, cache.FirstPage(new LogicalPage(10), 90, mapped: false));
        Assert.Equal(8, cache.FirstPage(new LogicalPage(12), 88, mapped: true));
        Assert.Equal(2, cache.FirstPage(new LogicalPage(20), 80, mapped: false));
        Assert.Equal(2, cache.FirstPage(new LogicalPage(20), 2, mapped: false));
        cache.Trim(SimTime.Zero, new LogicalPage(10));
        Assert.False(cache.IsMapped(new LogicalPage(10)));
        Assert.Equal(0, Read(cache, SimTime.Zero, 10).Value);
        Assert.Equal(11, cache.FirstPage(new LogicalPage(0), 100, mapped: true));
    }

    [Fact]
    public void What_a_host_left_in_DRAM_is_programmed_within_two_seconds()
    {
        FakeStore store = SlowStore();
        PageCache cache = Create(store);
        for (uint page = 0; page < 100; page++)
            Write(cache, SimTime.Zero, page, 1);

        int calls = 0;
        SimTime now = SimTime.Zero;
        for (; cache.NextEvent != SimTime.Never; calls++)
        {
            now = cache.NextEvent;
            cache.Advance(now);
        }

        Assert.Equal((100, 0), (store.Writes.Count, cache.DirtyLines));
        Assert.InRange(now.Nanoseconds, SimDuration.FromSeconds(1).Nanoseconds, SimDuration.FromSeconds(3).Nanoseconds);
        Assert.InRange(calls, 3, 12);
    }

    [Fact]
    public void What_the_store_refuses_is_not_tried_again_for_ever()
    {
        FakeStore store = SlowStore();
        PageCache cache = Create(store);
        Write(cache, SimTime.Zero, 7, 1);
        store.IsWornOut = true;
        for (int i = 0; i < 3 && cache.NextEvent != SimTime.Never; i++)
            cache.Advance(cache.NextEvent);
        Assert.Equal(SimTime.Never, cache.NextEvent);
        Assert.Equal((1, 1), (cache.DirtyLines, cache.Counters.DestagesFailed));
    }

    [Fact]
    public void Erasing_what_is_stale_programs_what_is_dirty_and_clears_lines_that_are_free()
    {
        FakeStore store = SlowStore();
        PageCache cache = Create(store);
        Write(cache, SimTime.Zero, 7, 1);
        Assert.True(cache.EraseStale(SimTime.Zero).IsSuccess);
        Assert.Single(store.Writes);
        Assert.Equal(1, Read(cache, SimTime.Zero, 7).Value);
    }

    [Fact]
    public void Reading_and_writing_allocates_nothing()
    {
        var medium = new MemoryMedium(FlashGeometry.ForCapacity(16 << 20, 28, FlashTranslationLayer.LeastSpareSuperblocks));
        using (medium)
        {
            PageCache cache = Create(new FlashTranslationLayer(new FlashArray(medium), 4096), new CacheOptions());
            var random = new SeededRandom(3);
            byte[] data = new byte[PageBytes];
            Exercise(20_000);
            long before = GC.GetAllocatedBytesForCurrentThread();
            Exercise(20_000);
            Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());

            void Exercise(int commands)
            {
                for (int i = 0; i < commands; i++)
                {
                    cache.Write(At(i), new LogicalPage((uint)random.Below(4096)), WriteStream.Host, 0, data);
                    cache.Read(At(i), new LogicalPage((uint)random.Below(4096)), 0, data);
                }
            }
        }
    }

    [Theory]
    [InlineData(0, 1, "cache size 0 must be a multiple of 4 KiB")]
    [InlineData(1 << 19, 1, "cache size 524288 must be a multiple of 4 KiB from 1048576")]
    [InlineData((1 << 20) + 1, 1, "cache size 1048577 must be a multiple")]
    [InlineData(1 << 20, 64, "cache size 1048576 must hold 8 program operations of 64 pages")]
    [InlineData(1 << 20, 32, null)]
    public void A_cache_that_cannot_be_is_told_in_one_line(long bytes, int programPages, string? expected)
    {
        string? problem = new CacheOptions { SizeBytes = bytes }.Problem(programPages);
        if (expected == null)
            Assert.Null(problem);
        else
            Assert.StartsWith(expected, problem, StringComparison.Ordinal);
    }

    private static CacheHints Through => new(0, CacheHint.Through);

    private static SimTime At(long microseconds) => new(microseconds * 1000);

    private static FakeStore SlowStore(int programPages = 1) =>
        new(2048, programPages) { ReadTime = ReadTime, ProgramTime = ProgramTime };

    private static byte[] Page(byte value)
    {
        byte[] page = new byte[PageBytes];
        page.AsSpan().Fill(value);
        return page;
    }

    private static MediumResult Write(
        PageCache cache, SimTime now, uint page, byte value, WriteStream stream = default, CacheHints hints = default) =>
        cache.Write(now, new LogicalPage(page), stream, 0, Page(value), hints);

    /// <summary>The last byte of a page, and when it is there.</summary>
    private static (byte Value, SimTime Done) Read(PageCache cache, SimTime now, uint page)
    {
        byte[] data = new byte[PageBytes];
        MediumResult result = cache.Read(now, new LogicalPage(page), 0, data);
        Assert.True(result.IsSuccess);
        return (data[^1], result.Done);
    }

    private PageCache Create(IPageStore store, CacheOptions? options = null)
    {
        var cache = new PageCache(store, (options ?? new CacheOptions()) with { SizeBytes = (long)Lines * PageBytes });
        _caches.Add(cache);
        if (store is FakeStore fake)
            ShowTime(cache, fake);
        return cache;
    }

    /// <summary>With its first read the cache sees whether the store takes time; nothing else is left of it.</summary>
    private static void ShowTime(PageCache cache, FakeStore store)
    {
        var page = new LogicalPage(2047);
        store.Write(SimTime.Zero, page, WriteStream.Host, Page(1));
        cache.Read(SimTime.Zero, page, 0, new byte[PageBytes]);
        Assert.Equal(0, cache.UsedLines);
        store.Trim(SimTime.Zero, page);
        store.ForgetCounts();
    }
}
