using Emulator.Core;
using Emulator.Flash;
using Emulator.Flash.Errors;
using Emulator.Flash.Physics;
using Emulator.Flash.Timing;

namespace Emulator.UnitTests.Flash;

/// <summary>
/// One die; a program begins when its data is across, after 4.096 us, and takes 100 us; an erase takes 3 ms.
/// </summary>
public sealed unsafe class FlashPowerCutTests : IDisposable
{
    private static readonly FlashGeometry Geometry = new()
    {
        Channels = 1,
        DiesPerChannel = 1,
        PlanesPerDie = 1,
        PagesPerBlock = 8,
        BlocksPerPlane = 3,
        MapPagesPerFlashPage = 2,
    };

    private readonly MemoryMedium _medium = new(Geometry, persists: true);

    public void Dispose() => _medium.Dispose();

    [Fact]
    public void A_program_that_is_done_stays()
    {
        FlashArray flash = Array();
        SimTime done = ProgramTwo(flash, 0, At(0));
        flash.PowerCut(done);
        Assert.True(IsWhole(0) && IsWhole(1));
    }

    [Fact]
    public void A_program_under_way_leaves_garbage()
    {
        FlashArray flash = Array();
        SimTime done = ProgramTwo(flash, 0, At(0));
        flash.PowerCut(new SimTime(done.Nanoseconds - 1));
        foreach (uint page in new uint[] { 0, 1 })
        {
            Assert.True(_medium.Spare[page].IsProgrammed);
            Assert.NotEqual(page, _medium.Spare[page].LogicalPage);
            Assert.NotEqual(Pattern(page), Data(page));
        }
    }

    [Fact]
    public void A_program_that_waits_for_its_turn_never_happens()
    {
        FlashArray flash = Array();
        SimTime first = ProgramTwo(flash, 0, At(0));
        ProgramTwo(flash, 2, At(0));
        flash.PowerCut(first);
        Assert.True(IsWhole(0) && IsWhole(1));
        Assert.False(_medium.Spare[2].IsProgrammed || _medium.Spare[3].IsProgrammed);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_page_in_the_register_is_gone_with_timing_and_without(bool timed)
    {
        FlashArray flash = timed ? Array() : new FlashArray(_medium);
        ProgramTwo(flash, 0, At(0));
        Program(flash, 2, At(10_000));
        flash.PowerCut(At(1_000_000));
        Assert.True(IsWhole(0) && IsWhole(1));
        Assert.False(_medium.Spare[2].IsProgrammed);
    }

    [Fact]
    public void An_erase_that_has_not_begun_leaves_everything_though_its_superblock_is_programmed_anew()
    {
        FlashArray flash = Array();
        SimTime done = ProgramTwo(flash, 0, At(0));
        flash.Erase(done + Us(500), 0);
        ProgramTwo(flash, 0, done, salt: 100);
        flash.PowerCut(done + Us(499));
        Assert.True(IsWhole(0) && IsWhole(1));
    }

    [Fact]
    public void An_erase_under_way_leaves_garbage()
    {
        FlashArray flash = Array();
        SimTime done = ProgramTwo(flash, 0, At(0));
        flash.Erase(done, 0);
        flash.PowerCut(done + Us(1500));
        Assert.False(IsWhole(0) || IsWhole(1));
        Assert.True(_medium.Spare[0].IsProgrammed);
    }

    [Fact]
    public void An_erase_that_is_done_leaves_nothing()
    {
        FlashArray flash = Array();
        SimTime done = ProgramTwo(flash, 0, At(0));
        flash.PowerCut(flash.Erase(done, 0).Done);
        Assert.False(_medium.Spare[0].IsProgrammed || _medium.Spare[1].IsProgrammed);
    }

    [Fact]
    public void A_program_that_failed_leaves_garbage_whenever_the_power_goes()
    {
        FlashArray flash = Array(programFailure: 1);
        SimTime done = ProgramTwo(flash, 0, At(0));
        flash.PowerCut(done + Us(5_000_000));
        Assert.False(IsWhole(0) || IsWhole(1));
    }

    [Fact]
    public void What_failed_before_an_erase_is_forgotten_with_it()
    {
        FlashArray flash = Array(programFailure: 1);
        SimTime done = ProgramTwo(flash, 0, At(0));
        done = flash.Erase(done, 0).Done;
        flash.PowerCut(done);
        Assert.False(_medium.Spare[0].IsProgrammed || _medium.Spare[1].IsProgrammed);
    }

    private FlashArray Array(double programFailure = 0)
    {
        var times = new FlashTimingOptions
        {
            Read = PageTimes.Same(Us(50)),
            Program = PageTimes.Same(Us(100)),
            Erase = Us(3000),
            ChannelBytesPerSecond = 1_000_000_000,
        };
        var errors = new ErrorOptions
        {
            FreshBitErrorRate = 0,
            RatedCycles = 1,
            CorrectableBits = 40,
            ProgramFailure = programFailure,
        };
        var timing = new FlashTiming(1, 1, times);
        return new FlashArray(
            _medium, new FlashPhysics(Geometry, CellType.Slc, timing, new ErrorModel(errors, seed: 1)));
    }

    private static SimTime ProgramTwo(FlashArray flash, uint first, SimTime now, uint salt = 0)
    {
        Program(flash, first, now, salt);
        return Program(flash, first + 1, now, salt);
    }

    private static SimTime Program(FlashArray flash, uint page, SimTime now, uint salt = 0) => flash.Program(
        now, new PhysicalPage(page), Pattern(page + salt), new SpareArea(page + salt, page + 1, StoredForm.Plain)).Done;

    private bool IsWhole(uint page) =>
        _medium.Spare[page].LogicalPage == page && Data(page).AsSpan().SequenceEqual(Pattern(page));

    private byte[] Data(uint page) =>
        new ReadOnlySpan<byte>(_medium.Data + (page * FlashGeometry.PageBytes), FlashGeometry.PageBytes).ToArray();

    private static byte[] Pattern(uint page)
    {
        byte[] bytes = new byte[FlashGeometry.PageBytes];
        new SeededRandom(page).Fill(bytes);
        return bytes;
    }

    private static SimDuration Us(long microseconds) => SimDuration.FromMicroseconds(microseconds);

    private static SimTime At(long microseconds) => SimTime.Zero + Us(microseconds);
}
