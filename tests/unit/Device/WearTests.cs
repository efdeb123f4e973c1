using Emulator.Cache;
using Emulator.Core;
using Emulator.Device;
using Emulator.Flash.Profiles;
using Emulator.Wire;

namespace Emulator.UnitTests.Device;

/// <summary>What SMART tells of the flash (Base 2.1, 5.1.12.1.3).</summary>
public sealed class WearTests
{
    private const int BlockBytes = 4096;
    private const int Blocks = 4096;

    [Fact]
    public void A_new_drive_has_all_its_spare_and_nothing_used()
    {
        using var drive = new Drive(Options(eraseFailure: 0, ratedCycles: 1000));
        SmartHealth health = Health(TestHost.Connect(drive, new TestClock()));
        Assert.Equal((100, 10, 0), (health.Avsp, health.Avspt, health.Pused));
        Assert.Equal(CriticalWarnings.None, health.Cw);
    }

    [Fact]
    public void Erases_use_up_the_cycles_that_the_flash_is_rated_for()
    {
        using var drive = new Drive(Options(eraseFailure: 0, ratedCycles: 10));
        TestHost host = TestHost.Connect(drive, new TestClock());
        var random = new SeededRandom(1);
        while (Health(host).Pused < 50)
            Overwrite(host, random, Blocks);
        Assert.InRange(drive.Wear()!.Mean, 5, 10);
        Assert.Equal(CriticalWarnings.None, Health(host).Cw);
    }

    [Fact]
    public void A_drive_whose_flash_is_gone_says_so_and_can_still_be_read()
    {
        using var drive = new Drive(Options(eraseFailure: 1, ratedCycles: 1000));
        TestHost host = TestHost.Connect(drive, new TestClock());
        host.EnableEvents((AsyncEventNotices)(uint)CriticalWarnings.ReadOnly);
        host.RequestEvent();
        byte[] data = new byte[BlockBytes];
        data[0] = 0x5A;
        TestHost.AssertStatus(Status.Success, host.Transfer(IoOpcode.Write, 0, 1, data));
        var random = new SeededRandom(2);
        CommandOutcome outcome;
        int writes = 0;
        do
        {
            Assert.True(++writes < 100 * Blocks, "the flash never fails");
            outcome = host.Transfer(IoOpcode.Write, 1 + (ulong)random.Below(Blocks - 1), 1, new byte[BlockBytes]);
        }
        while (outcome.IsSuccess);

        TestHost.AssertStatus(Status.WriteFault, outcome);
        uint reported = Assert.Single(host.TakeEvents());
        Assert.Equal((uint)AsyncEventType.SmartHealth, reported & 7);
        SmartHealth health = Health(host);
        Assert.NotEqual(CriticalWarnings.None, health.Cw & CriticalWarnings.ReadOnly);
        Assert.True(health.Avsp < 100);
        TestHost.AssertStatus(Status.Success, host.Transfer(IoOpcode.Read, 0, 1, data));
        Assert.Equal(0x5A, data[0]);
    }

    private static void Overwrite(TestHost host, SeededRandom random, int writes)
    {
        byte[] data = new byte[BlockBytes];
        for (int i = 0; i < writes; i++)
            TestHost.AssertStatus(Status.Success, host.Transfer(IoOpcode.Write, (ulong)random.Below(Blocks), 1, data));
    }

    private static SmartHealth Health(TestHost host) =>
        WireStruct.Read<SmartHealth>(host.GetLog(LogPageId.SmartHealth, SmartHealth.Size));

    private static DriveOptions Options(double eraseFailure, int ratedCycles)
    {
        DeviceProfile profile = DeviceProfile.Find("mlc-sata")!;
        return new DriveOptions
        {
            CapacityBytes = (long)Blocks * BlockBytes,
            Profile = profile with
            {
                Flash = profile.Flash! with
                {
                    Errors = profile.Flash.Errors with
                    {
                        EraseFailure = eraseFailure,
                        ProgramFailure = 0,
                        FactoryBadBlocks = 0,
                        FreshBitErrorRate = 0,
                        WornFactor = 1,
                        RatedCycles = ratedCycles,
                        SpareBlocks = 0,
                    },
                },
            },
            Timing = DriveTiming.None,
            Cache = new CacheOptions { Mode = CacheMode.Off },
            HasMediaErrors = true,
        };
    }
}
