using Emulator.Core;
using Emulator.Flash;
using Emulator.Ftl;

namespace Emulator.UnitTests.Ftl;

public sealed class FlashTranslationLayerTests : IDisposable
{
    private const int PageBytes = FlashGeometry.PageBytes;

    private readonly List<Medium> _media = [];

    public void Dispose() => _media.ForEach(medium => medium.Dispose());

    [Theory]
    [InlineData(1, 0)]
    [InlineData(2, 7)]
    [InlineData(3, 28)]
    [InlineData(4, 100)]
    public void Random_writes_and_trims_read_back_through_many_collections(ulong seed, int overProvisioningPercent)
    {
        const int pages = 1024;
        var random = new SeededRandom(seed);
        using FlashTranslationLayer ftl = Create(pages, overProvisioningPercent);
        byte[][] reference = [.. Enumerable.Range(0, pages).Select(_ => new byte[PageBytes])];
        for (int step = 0; step < 30_000; step++)
        {
            var page = new LogicalPage((uint)random.Below(pages));
            if (random.Chance(5))
            {
                ftl.Trim(SimTime.Zero, page);
                reference[page.Value].AsSpan().Clear();
                continue;
            }

            random.Fill(reference[page.Value]);
            ftl.Write(SimTime.Zero, page, WriteStream.Host, reference[page.Value]);
        }

        Assert.True(ftl.Counters.SuperblocksErased > 20, $"only {ftl.Counters.SuperblocksErased} superblocks were collected");
        Assert.True(ftl.Counters.PagesMoved > 0, "no page was moved");
        byte[] read = new byte[PageBytes];
        for (uint i = 0; i < pages; i++)
        {
            ftl.Read(SimTime.Zero, new LogicalPage(i), 0, read);
            Assert.Equal(reference[i], read);
        }
    }

    [Theory]
    [InlineData(28, 1.2, 2.6)]
    [InlineData(100, 1.0, 1.5)]
    public void Uniform_random_writes_cost_what_greedy_collection_is_known_to_cost(int percent, double least, double most)
    {
        const int pages = 8192;
        var random = new SeededRandom(7);
        using FlashTranslationLayer ftl = Create(pages, percent);
        byte[] data = new byte[PageBytes];
        for (uint i = 0; i < pages; i++)
            ftl.Write(SimTime.Zero, new LogicalPage(i), WriteStream.Host, data);
        for (int i = 0; i < pages * 6; i++)
            ftl.Write(SimTime.Zero, new LogicalPage((uint)random.Below(pages)), WriteStream.Host, data);
        Assert.InRange(ftl.Counters.WriteAmplification, least, most);
    }

    [Fact]
    public void Sequential_overwrites_move_nothing()
    {
        const int pages = 4096;
        using FlashTranslationLayer ftl = Create(pages, 28);
        byte[] data = new byte[PageBytes];
        for (uint i = 0; i < pages * 5; i++)
            ftl.Write(SimTime.Zero, new LogicalPage(i % pages), WriteStream.Host, data);
        Assert.Equal(0, ftl.Counters.PagesMoved);
        Assert.True(ftl.Counters.SuperblocksErased > 0);
    }

    [Fact]
    public void A_page_that_was_never_written_or_was_trimmed_reads_as_zeroes()
    {
        using FlashTranslationLayer ftl = Create(64, 28);
        byte[] read = Enumerable.Repeat((byte)0xAA, 512).ToArray();
        ftl.Read(SimTime.Zero, new LogicalPage(3), 512, read);
        Assert.All(read, b => Assert.Equal(0, b));

        byte[] data = Enumerable.Repeat((byte)0x55, PageBytes).ToArray();
        ftl.Write(SimTime.Zero, new LogicalPage(3), WriteStream.Host, data);
        Assert.True(ftl.IsMapped(new LogicalPage(3)));
        ftl.Trim(SimTime.Zero, new LogicalPage(3));
        Assert.False(ftl.IsMapped(new LogicalPage(3)));
        ftl.Read(SimTime.Zero, new LogicalPage(3), 0, read);
        Assert.All(read, b => Assert.Equal(0, b));
    }

    [Fact]
    public void A_page_beyond_the_end_is_a_firmware_fault()
    {
        using FlashTranslationLayer ftl = Create(64, 28);
        Assert.Throws<FirmwareFaultException>(() => ftl.Read(SimTime.Zero, new LogicalPage(64), 0, new byte[1]));
    }

    [Fact]
    public void Writing_through_collections_allocates_nothing()
    {
        const int pages = 1024;
        using FlashTranslationLayer ftl = Create(pages, 28);
        var random = new SeededRandom(1);
        byte[] data = new byte[PageBytes];
        Exercise(4 * pages);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Exercise(4 * pages);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());

        void Exercise(int writes)
        {
            for (int i = 0; i < writes; i++)
                ftl.Write(SimTime.Zero, new LogicalPage((uint)random.Below(pages)), WriteStream.Host, data);
        }
    }

    [Fact]
    public void A_program_operation_that_takes_several_pages_is_padded_when_it_is_committed()
    {
        const int pages = 256;
        using FlashTranslationLayer ftl = Create(pages, 28, shape => shape with { MapPagesPerFlashPage = 4, IsMultiPlane = true });
        byte[] data = new byte[PageBytes];
        Assert.Equal(8, ftl.ProgramPages);
        for (uint i = 0; i < 3; i++)
            ftl.Write(SimTime.Zero, new LogicalPage(i), WriteStream.Host, data);
        ftl.Commit(SimTime.Zero);
        Assert.Equal(5, ftl.Counters.PagesPadded);
        ftl.Commit(SimTime.Zero);
        Assert.Equal(5, ftl.Counters.PagesPadded);
    }

    private FlashTranslationLayer Create(
        int pages, int overProvisioningPercent, Func<FlashGeometry, FlashGeometry>? reshape = null)
    {
        FlashGeometry geometry = FlashGeometry.ForCapacity(
            (long)pages * PageBytes, overProvisioningPercent, FlashTranslationLayer.LeastSpareSuperblocks);
        var medium = new MemoryMedium(reshape == null ? geometry : reshape(geometry));
        _media.Add(medium);
        return new FlashTranslationLayer(new FlashArray(medium), pages);
    }
}
