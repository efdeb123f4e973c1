using Emulator.Core;
using Emulator.Flash;
using Emulator.Flash.Faults;

namespace Emulator.UnitTests.Flash;

public sealed class InjectedFaultsTests
{
    private readonly InjectedFaults _faults = new(dies: 2);

    [Fact]
    public void Nothing_fails_that_nobody_asked_for()
    {
        Assert.False(_faults.FailsProgram(0));
        Assert.False(_faults.FailsErase(0));
        Assert.Equal(0, _faults.Hits);
    }

    [Fact]
    public void As_many_programs_fail_as_were_asked_for_and_only_on_their_die()
    {
        _faults.FailPrograms(die: 1, count: 2);
        Assert.Equal(
            [false, true, true, false],
            new[] { 0, 1, 1, 1 }.Select(_faults.FailsProgram));
        Assert.Equal(2, _faults.Hits);
    }

    [Fact]
    public void Erases_fail_on_any_die_until_it_is_taken_back()
    {
        _faults.FailErases(InjectedFaults.AnyDie, InjectedFaults.UntilCleared);
        Assert.All(Enumerable.Range(0, 10), i => Assert.True(_faults.FailsErase(i % 2)));
        _faults.ClearErases();
        Assert.False(_faults.FailsErase(0));
    }

    [Fact]
    public void A_damaged_page_cannot_be_read_or_moved_until_its_superblock_is_erased()
    {
        var shape = new FlashGeometry { Channels = 1, DiesPerChannel = 1, PlanesPerDie = 1, PagesPerBlock = 4, BlocksPerPlane = 3 };
        using var medium = new MemoryMedium(shape);
        var flash = new FlashArray(medium);
        byte[] data = new byte[FlashGeometry.PageBytes];
        PhysicalPage page = shape.FirstPageOf(1), copy = shape.FirstPageOf(2);
        flash.Program(SimTime.Zero, page, data, new SpareArea(1, 1, StoredForm.Plain));
        flash.Program(SimTime.Zero, page + 1, data, new SpareArea(2, 2, StoredForm.Plain));
        flash.Damage(page);

        Assert.Equal(MediumStatus.Uncorrectable, flash.Read(SimTime.Zero, page, 0, data).Status);
        Assert.True(flash.Read(SimTime.Zero, page + 1, 0, data).IsSuccess);
        flash.CopyBack(SimTime.Zero, page, copy, new SpareArea(1, 3, StoredForm.Plain));
        Assert.Equal(MediumStatus.Uncorrectable, flash.Read(SimTime.Zero, copy, 0, data).Status);
        flash.Erase(SimTime.Zero, 1);
        flash.Program(SimTime.Zero, page, data, new SpareArea(1, 4, StoredForm.Plain));
        Assert.True(flash.Read(SimTime.Zero, page, 0, data).IsSuccess);
    }

    [Fact]
    public void A_program_and_an_erase_that_are_to_fail_do_so_on_flash_without_a_model_too()
    {
        var shape = new FlashGeometry { Channels = 1, DiesPerChannel = 1, PlanesPerDie = 1, PagesPerBlock = 4, BlocksPerPlane = 3 };
        using var medium = new MemoryMedium(shape);
        var flash = new FlashArray(medium);
        byte[] data = new byte[FlashGeometry.PageBytes];
        flash.Faults.FailPrograms(InjectedFaults.AnyDie, 1);
        flash.Faults.FailErases(0, 1);

        Assert.Equal(
            MediumStatus.WriteFault,
            flash.Program(SimTime.Zero, new PhysicalPage(0), data, new SpareArea(1, 1, StoredForm.Plain)).Status);
        Assert.True(flash.Program(SimTime.Zero, new PhysicalPage(1), data, new SpareArea(1, 2, StoredForm.Plain)).IsSuccess);
        Assert.Equal(MediumStatus.WriteFault, flash.Erase(SimTime.Zero, 0).Status);
        Assert.True(flash.Erase(SimTime.Zero, 0).IsSuccess);
        Assert.Equal(2, flash.Faults.Hits);
    }
}
