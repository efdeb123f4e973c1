using Emulator.Core;
using Emulator.Flash;
using Emulator.Flash.Errors;
using Emulator.Flash.Faults;
using Emulator.Flash.Physics;

namespace Emulator.UnitTests.Ftl;

/// <summary>Programs and erases that fail.</summary>
public class FailureTests
{
    private const int Pages = 4096;

    private static readonly FlashGeometry[] Shapes =
    [
        new(),
        new() { MapPagesPerFlashPage = 4 },
        new() { MapPagesPerFlashPage = 2, IsMultiPlane = true },
    ];

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 2)]
    [InlineData(2, 3)]
    public void Whatever_programs_fail_no_page_is_lost(int shape, ulong seed)
    {
        FlashGeometry geometry = FtlRig.FineGeometryFor(Pages, 40, Shapes[shape]);
        FlashPhysics physics = Physics(geometry);
        using var rig = new FtlRig(Pages, geometry, physics: physics);
        var random = new SeededRandom(seed);
        rig.Fill();
        for (int i = 0; i < 8 * Pages; i++)
        {
            if (random.Below(1000) == 0)
                physics.Faults.FailPrograms(InjectedFaults.AnyDie, 1 + random.Below(3));
            Assert.True(rig.Write(random.Below(Pages)).IsSuccess);
        }

        rig.Verify();
        Assert.True(rig.Ftl.Counters.ProgramFailures > 20, $"only {rig.Ftl.Counters.ProgramFailures} failures, seed {seed}");
        Assert.True(rig.Ftl.Counters.PagesRescued > 0);
        Assert.Equal(0, rig.Ftl.Counters.SuperblocksRetired);
    }

    [Fact]
    public void A_superblock_in_which_a_program_failed_is_emptied_and_used_again()
    {
        FlashGeometry geometry = FtlRig.FineGeometryFor(Pages, 40);
        FlashPhysics physics = Physics(geometry);
        using var rig = new FtlRig(Pages, geometry, physics: physics);
        rig.Fill();
        physics.Faults.FailPrograms(InjectedFaults.AnyDie, 1);
        rig.Write(0);
        for (int i = 0; i < geometry.PagesPerSuperblock; i++)
            rig.Write(0);
        Assert.Equal(1, rig.Ftl.Counters.ProgramFailures);
        Assert.Equal(1, rig.Ftl.Counters.SuperblocksErased);
        rig.Verify();
    }

    [Fact]
    public void Erases_that_fail_shrink_the_spare_capacity_until_the_drive_can_only_be_read()
    {
        FlashGeometry geometry = FtlRig.FineGeometryFor(Pages, 28);
        FlashPhysics physics = Physics(geometry);
        using var rig = new FtlRig(Pages, geometry, physics: physics);
        var random = new SeededRandom(5);
        rig.Fill();
        physics.Faults.FailErases(InjectedFaults.AnyDie, InjectedFaults.UntilCleared);
        int written = 0;
        while (rig.Write(random.Below(Pages)).IsSuccess)
            Assert.True(++written < 100 * Pages, "nothing stops the writes");

        Assert.True(rig.Ftl.IsReadOnly);
        Assert.Equal(MediumStatus.WriteFault, rig.Write(0).Status);
        Assert.Equal(geometry.BlocksPerPlane - rig.Ftl.UsableSuperblocks, rig.Ftl.Counters.SuperblocksRetired);
        rig.Verify();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void A_drive_whose_blocks_wear_out_reads_everything_back_to_its_end(ulong seed)
    {
        FlashGeometry geometry = FtlRig.FineGeometryFor(Pages, 28, Shapes[1]);
        var errors = new ErrorModel(
            new ErrorOptions
            {
                FreshBitErrorRate = 0,
                RatedCycles = 50,
                WornFactor = 30,
                CorrectableBits = 100,
                ProgramFailure = 1e-4,
                EraseFailure = 1e-4,
                FactoryBadBlocks = 0.01,
                SpareBlocks = 0.05,
            },
            seed);
        using var rig = new FtlRig(Pages, geometry, physics: new FlashPhysics(geometry, CellType.Slc, null, errors));
        var random = new SeededRandom(seed);
        int written = 0;
        while (rig.Write(random.Below(Pages)).IsSuccess)
            Assert.True(++written < 1000 * Pages, "the drive never wears out");
        Assert.True(rig.Ftl.IsReadOnly);
        Assert.True(rig.Ftl.Counters.EraseFailures > 0 && rig.Ftl.Counters.ProgramFailures > 0);
        rig.Verify();
    }

    [Fact]
    public void Data_that_is_read_with_difficulty_is_written_anew_when_nobody_asks_for_anything()
    {
        FlashGeometry geometry = FtlRig.FineGeometryFor(Pages, 40);
        var errors = new ErrorModel(
            new ErrorOptions
            {
                FreshBitErrorRate = 1e-4,
                RatedCycles = 1000,
                RetentionPerMonth = 2,
                CorrectableBits = 20,
                RetryLimit = 8,
                RetryGain = 0.5,
            },
            seed: 3);
        using var rig = new FtlRig(Pages, geometry, physics: new FlashPhysics(geometry, CellType.Slc, null, errors));
        rig.Fill();
        Assert.Equal(SimTime.Never, rig.Ftl.NextEvent);

        rig.Now += ErrorModel.Month * 12;
        rig.Verify();
        Assert.NotEqual(SimTime.Never, rig.Ftl.NextEvent);
        for (int i = 0; i < 10_000 && rig.Ftl.NextEvent != SimTime.Never; i++)
        {
            rig.Now = SimTime.Max(rig.Now, rig.Ftl.NextEvent);
            rig.Ftl.Advance(rig.Now);
        }

        Assert.Equal(SimTime.Never, rig.Ftl.NextEvent);
        Assert.True(rig.Ftl.Counters.PagesRefreshed > Pages / 2, $"{rig.Ftl.Counters.PagesRefreshed} pages");
        Assert.Equal(rig.Ftl.Counters.PagesRefreshed, rig.Ftl.Counters.PagesMovedIdle);
        rig.Verify();
    }

    private static FlashPhysics Physics(FlashGeometry geometry) => new(geometry, CellType.Slc, timing: null, errors: null);
}
