using Emulator.Core;
using Emulator.Flash;
using Emulator.Flash.Errors;
using Emulator.Flash.Physics;
using Emulator.Flash.Timing;

namespace Emulator.UnitTests.Flash;

/// <summary>A flash array that takes time: a page of the map crosses a channel in 4.096 us.</summary>
public sealed class FlashPhysicsTests : IDisposable
{
    private const double Transfer = 4.096;

    private static readonly FlashTimingOptions Times = new()
    {
        Read = PageTimes.Same(SimDuration.FromMicroseconds(50)),
        Program = new PageTimes(Us(100), Us(0), Us(300), Us(0)),
        Erase = SimDuration.FromMicroseconds(3000),
        ChannelBytesPerSecond = 1_000_000_000,
    };

    private static readonly ErrorOptions NoErrors = new()
    {
        FreshBitErrorRate = 0,
        RatedCycles = 1000,
        CorrectableBits = 40,
    };

    private static readonly FlashGeometry Small = new()
    {
        Channels = 2,
        DiesPerChannel = 1,
        PlanesPerDie = 2,
        PagesPerBlock = 4,
        BlocksPerPlane = 3,
    };

    private static readonly FlashGeometry Grouped = Small with { MapPagesPerFlashPage = 2, IsMultiPlane = true };

    private readonly List<MemoryMedium> _media = [];

    public void Dispose() => _media.ForEach(medium => medium.Dispose());

    [Fact]
    public void A_page_is_programmed_and_read_in_the_time_of_its_type()
    {
        FlashArray flash = Timed(Small);
        Assert.Equal(At(Transfer + 100), Program(flash, At(0), 0).Done);
        Assert.Equal(At(200 + 50 + (Transfer / 4)), flash.Read(At(200), new PhysicalPage(0), 0, new byte[1024]).Done);
        FillUpTo(flash, 4);
        Assert.Equal(At(20_000 + Transfer + 300), Program(flash, At(20_000), 4).Done);
    }

    [Fact]
    public void Only_what_is_stored_of_a_page_crosses_the_channel()
    {
        FlashArray flash = Timed(Small);
        Assert.Equal(At((Transfer / 4) + 100), Program(flash, At(0), 0, stored: 1024).Done);

        FlashArray grouped = Timed(Grouped);
        for (uint page = 0; page < 3; page++)
            Program(grouped, At(0), page, stored: 1024);
        Assert.Equal(At((Transfer * 1.75) + 100), Program(grouped, At(0), 3).Done);
        grouped.Erase(At(0), 0);
        FillUpTo(grouped, 3);
        Assert.Equal(At(20_000 + (4 * Transfer) + 100), Program(grouped, At(20_000), 3).Done);
    }

    [Fact]
    public void Pages_on_planes_of_one_die_queue_and_those_on_other_dies_do_not()
    {
        FlashArray flash = Timed(Small);
        Assert.Equal(At(Transfer + 100), Program(flash, At(0), 0).Done);
        Assert.Equal(At(Transfer + 100), Program(flash, At(0), 1).Done);
        Assert.Equal(At(2 * (Transfer + 100)), Program(flash, At(0), 2).Done);
    }

    [Fact]
    public void A_program_operation_runs_when_its_last_page_is_there()
    {
        FlashArray flash = Timed(Grouped);
        for (uint page = 0; page < 3; page++)
            Assert.Equal(At(10 * page), Program(flash, At(10 * page), page).Done);
        Assert.Equal(At(30 + (4 * Transfer) + 100), Program(flash, At(30), 3).Done);
        Assert.Equal(1, flash.Physics!.Counters.Programs);
    }

    [Fact]
    public void A_program_operation_waits_for_the_page_that_comes_last_whichever_it_is()
    {
        FlashArray flash = Timed(Grouped);
        Program(flash, At(500), 0);
        for (uint page = 1; page < 3; page++)
            Program(flash, At(0), page);
        Assert.Equal(At(500 + (4 * Transfer) + 100), Program(flash, At(0), 3).Done);
    }

    [Fact]
    public void A_page_in_the_register_is_read_without_delay()
    {
        FlashArray flash = Timed(Grouped);
        Program(flash, At(0), 0);
        Assert.Equal(At(5), flash.Read(At(5), new PhysicalPage(0), 0, new byte[8]).Done);
    }

    [Fact]
    public void A_move_reads_behind_what_is_queued_and_then_programs()
    {
        FlashArray flash = Timed(Small);
        FillUpTo(flash, 2);
        Program(flash, At(1000), 2);
        MediumResult moved = flash.CopyBack(
            At(1000), new PhysicalPage(0), Small.FirstPageOf(1), new SpareArea(1, 9, StoredForm.Plain));
        Assert.Equal(At(1000 + Transfer + 100 + 50 + Transfer + Transfer + 100), moved.Done);
    }

    [Theory]
    [InlineData(false, 6000)]
    [InlineData(true, 3000)]
    public void All_dies_erase_a_superblock_side_by_side(bool multiPlane, double microseconds)
    {
        FlashArray flash = Timed(Small with { IsMultiPlane = multiPlane });
        Assert.Equal(At(microseconds), flash.Erase(At(0), 0).Done);
    }

    [Fact]
    public void A_page_with_too_many_errors_is_lost_and_stays_so_when_it_is_moved()
    {
        FlashArray flash = Failing(NoErrors with { DisturbPerRead = 1e-6, RetryLimit = 1 });
        FillUpTo(flash, 1);
        int reads = 0;
        while (flash.Read(At(0), new PhysicalPage(0), 0, new byte[8]).IsSuccess)
            reads++;
        Assert.InRange(reads, 500, 1220);
        Assert.Equal(reads + 1, flash.Physics!.MostBlockReads(0));
        for (; reads < 5_000; reads++)
            flash.Read(At(0), new PhysicalPage(0), 0, new byte[8]);

        PhysicalPage target = Small.FirstPageOf(1);
        var spare = new SpareArea(1, 9, StoredForm.Plain);
        Assert.Equal(MediumStatus.Uncorrectable, flash.CopyBack(At(0), new PhysicalPage(0), target, spare).Status);
        Assert.Equal(MediumStatus.Uncorrectable, flash.Read(At(0), target, 0, new byte[8]).Status);
        flash.Erase(At(0), 1);
        Program(flash, At(0), target.Value);
        Assert.True(flash.Read(At(0), target, 0, new byte[8]).IsSuccess);
    }

    [Fact]
    public void Pages_age_from_when_their_superblock_was_begun()
    {
        FlashArray flash = Failing(
            NoErrors with { FreshBitErrorRate = 20.0 / 32768, RetentionPerMonth = 4, CorrectableBits = 60 });
        FillUpTo(flash, 1);
        SimTime month = At(0) + ErrorModel.Month;
        Assert.True(flash.Read(At(1), new PhysicalPage(0), 0, new byte[8]).IsSuccess);
        Assert.False(flash.Read(month, new PhysicalPage(0), 0, new byte[8]).IsSuccess);
        PhysicalPage fresh = Small.FirstPageOf(1);
        Program(flash, month, fresh.Value);
        Assert.True(flash.Read(month, fresh, 0, new byte[8]).IsSuccess);
    }

    [Fact]
    public void A_block_whose_program_failed_is_replaced_when_its_superblock_is_erased_until_no_spare_is_left()
    {
        FlashArray flash = Failing(NoErrors with { ProgramFailure = 1 });
        for (int spare = 0; spare < 2; spare++)
        {
            Assert.Equal(MediumStatus.WriteFault, Program(flash, At(0), 0).Status);
            Assert.True(flash.Erase(At(0), 0).IsSuccess);
            Assert.Equal(0, flash.Physics!.BlockCycles(0, 0));
        }

        Assert.Equal(MediumStatus.WriteFault, Program(flash, At(0), 0).Status);
        Assert.Equal(MediumStatus.WriteFault, flash.Erase(At(0), 0).Status);
        Assert.Equal(3, flash.Physics!.Counters.GrownBadBlocks);
    }

    [Fact]
    public void A_bad_block_fails_every_program_until_it_is_replaced()
    {
        FlashArray flash = Failing(NoErrors with { EraseFailure = 1 });
        for (int i = 0; i < 2; i++)
            Assert.True(flash.Erase(At(0), 0).IsSuccess);
        Assert.Equal(MediumStatus.WriteFault, flash.Erase(At(0), 0).Status);
        for (uint page = 0; page < 8; page++)
            Assert.Equal(MediumStatus.WriteFault, Program(flash, At(0), page).Status);
    }

    [Fact]
    public void Blocks_that_are_bad_from_the_factory_are_replaced_as_far_as_there_are_spare_ones()
    {
        FlashGeometry wide = Small with { BlocksPerPlane = 200 };
        int BadSuperblocks(double spares)
        {
            FlashArray flash = Failing(NoErrors with { FactoryBadBlocks = 0.05, SpareBlocks = spares }, wide);
            return Enumerable.Range(0, 200).Count(superblock =>
                Enumerable.Range(0, 4).Any(i =>
                    !Program(flash, At(0), wide.FirstPageOf(superblock).Value + (uint)i).IsSuccess));
        }

        Assert.Equal(0, BadSuperblocks(spares: 0.2));
        Assert.InRange(BadSuperblocks(spares: 0), 10, 60);
    }

    [Fact]
    public void Without_timing_errors_are_drawn_and_nothing_takes_time()
    {
        FlashArray flash = Failing(NoErrors);
        Assert.Equal(MediumResult.Success(At(7)), Program(flash, At(7), 0));
        Assert.Equal(MediumResult.Success(At(7)), flash.Erase(At(7), 0));
    }

    private static MediumResult Program(
        FlashArray flash, SimTime now, uint page, int stored = FlashGeometry.PageBytes)
    {
        var form = new StoredForm(stored, isCompressed: stored < FlashGeometry.PageBytes, isEncrypted: false, hasEcc: false);
        var spare = new SpareArea(page, page + 1, form);
        return flash.Program(now, new PhysicalPage(page), new byte[FlashGeometry.PageBytes], spare);
    }

    private static void FillUpTo(FlashArray flash, uint end)
    {
        for (uint page = (uint)flash.ProgrammedPages(0); page < end; page++)
            Program(flash, At(0), page);
    }

    private FlashArray Timed(FlashGeometry geometry) => new(
        New(geometry),
        new FlashPhysics(
            geometry, CellType.Mlc, new FlashTiming(geometry.Channels, geometry.DiesPerChannel, Times), errors: null));

    private FlashArray Failing(ErrorOptions errors, FlashGeometry? geometry = null) => new(
        New(geometry ?? Small),
        new FlashPhysics(geometry ?? Small, CellType.Mlc, timing: null, new ErrorModel(errors, seed: 3)));

    private MemoryMedium New(FlashGeometry geometry)
    {
        var medium = new MemoryMedium(geometry);
        _media.Add(medium);
        return medium;
    }

    private static SimDuration Us(double microseconds) => new((long)(microseconds * 1000));

    private static SimTime At(double microseconds) => new((long)Math.Round(microseconds * 1000));
}
