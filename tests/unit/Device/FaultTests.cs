using Emulator.Core;
using Emulator.Device;
using Emulator.Flash;
using Emulator.Flash.Profiles;
using Emulator.Wire;

namespace Emulator.UnitTests.Device;

/// <summary>What goes wrong because somebody asks for it.</summary>
public sealed class FaultTests : IDisposable
{
    private const uint Any = FaultCommand.AnyDie;

    private readonly MemoryMedium _medium = DrivePersistenceTests.MediumFor(TestHost.SmallDrive);
    private readonly TestClock _clock = new();
    private readonly List<IDisposable> _owned = [];

    public void Dispose()
    {
        _owned.ForEach(owned => owned.Dispose());
        _medium.Dispose();
    }

    [Fact]
    public void A_media_error_fails_reads_until_the_block_is_written_again()
    {
        TestHost host = Connect(TestHost.SmallDrive);
        byte[] data = Contents(1);
        TestHost.AssertStatus(Status.Success, host.Transfer(IoOpcode.Write, 5, 1, data));
        CommandOutcome damaged = Fault(host, FaultKind.MediaError, place: 4, value: 3, nsid: 1);
        TestHost.AssertStatus(Status.Success, damaged);
        Assert.Equal(1u, damaged.Dw0);

        TestHost.AssertStatus(Status.UnrecoveredReadError, host.Transfer(IoOpcode.Read, 5, 1, data));
        TestHost.AssertStatus(Status.Success, host.Transfer(IoOpcode.Read, 4, 1, data));
        TestHost.AssertStatus(Status.Success, host.Transfer(IoOpcode.Write, 5, 1, Contents(2)));
        TestHost.AssertStatus(Status.Success, host.Transfer(IoOpcode.Read, 5, 1, data));
        Assert.Equal(Contents(2), data);
    }

    [Fact]
    public void A_program_that_fails_costs_the_host_nothing_but_time()
    {
        TestHost host = Connect(TestHost.SmallDrive);
        TestHost.AssertStatus(Status.Success, Fault(host, FaultKind.ProgramFailure, place: Any, count: 1));
        byte[] data = Contents(3);
        TestHost.AssertStatus(Status.Success, host.Transfer(IoOpcode.Write, 9, 1, Contents(3)));
        TestHost.AssertStatus(Status.Success, host.Io(IoOpcode.Flush));
        data.AsSpan().Clear();
        TestHost.AssertStatus(Status.Success, host.Transfer(IoOpcode.Read, 9, 1, data));
        Assert.Equal(Contents(3), data);
    }

    [Fact]
    public void Power_that_is_cut_ends_every_connection_and_what_was_flushed_is_there_afterwards()
    {
        var powered = new PoweredDrive(TestHost.SmallDrive, _medium);
        _owned.Add(powered);
        TestHost host = TestHost.Connect(powered, _clock);
        TestHost.AssertStatus(Status.Success, host.Transfer(IoOpcode.Write, 7, 1, Contents(4)));
        TestHost.AssertStatus(Status.Success, host.Io(IoOpcode.Flush));
        TestHost.AssertStatus(Status.Success, Fault(host, FaultKind.PowerCut, value: 250));
        Drive before = powered.Drive;

        host.Wait(SimDuration.FromMicroseconds(249));
        Assert.Null(host.Endpoint.Closed);
        host.Wait(SimDuration.FromMicroseconds(1));
        Assert.Equal(CloseReason.PowerLost, host.Endpoint.Closed);
        Assert.NotSame(before, powered.Drive);
        Assert.Equal(1, powered.PowerCuts);
        Assert.False(powered.Drive.Recovery!.WasClean);

        host.Reconnect();
        byte[] read = new byte[4096];
        TestHost.AssertStatus(Status.Success, host.Transfer(IoOpcode.Read, 7, 1, read));
        Assert.Equal(Contents(4), read);
    }

    [Fact]
    public void A_fault_of_the_configuration_happens_at_its_time_and_once()
    {
        DriveOptions options = TestHost.SmallDrive with
        {
            Faults =
            [
                new ScheduledFault(SimTime.Zero + SimDuration.FromMilliseconds(2), new(FaultAction.Inject, FaultKind.PowerCut, 0, 0, 0)),
            ],
        };
        var powered = new PoweredDrive(options, _medium);
        _owned.Add(powered);
        TestHost host = TestHost.Connect(powered, _clock);
        host.Wait(SimDuration.FromMicroseconds(1_999));
        Assert.Equal(0, powered.PowerCuts);
        host.Wait(SimDuration.FromSeconds(10));
        Assert.Equal(1, powered.PowerCuts);
    }

    [Fact]
    public void A_slow_die_is_slow()
    {
        DriveOptions options = TestHost.SmallDrive with
        {
            Profile = DeviceProfile.Find("tlc-datacentre"),
            Timing = DriveTiming.Model,
        };
        TestHost host = Connect(options);
        for (uint die = 0; die < 4; die++)
            TestHost.AssertStatus(Status.Success, Fault(host, FaultKind.SlowDie, place: die, value: 500));
        TestHost.AssertStatus(Status.InvalidField, Fault(host, FaultKind.SlowDie, place: 10_000, value: 500));
        TestHost.AssertStatus(Status.InvalidField, Fault(host, FaultKind.SlowDie, place: 0, value: 99));
        TestHost.AssertStatus(
            Status.Success, host.Admin(AdminOpcode.Fault, cdw10: (uint)FaultAction.Clear | ((uint)FaultKind.SlowDie << 8)));
    }

    [Theory]
    [InlineData(0u, 0u, 0u)]
    [InlineData((uint)FaultKind.PowerCut << 8, 0u, 0u)]
    [InlineData((uint)FaultKind.SlowDie << 8, 0u, 500u)]
    [InlineData(((uint)FaultKind.ProgramFailure << 8) | (1u << 16), 4096u, 0u)]
    [InlineData(((uint)FaultKind.LostCheckpoint << 8) | (1u << 16), 0u, 0u)]
    [InlineData((uint)FaultKind.MediaError << 8, 0u, 0u)]
    [InlineData(2u | ((uint)FaultKind.ProgramFailure << 8), 0u, 0u)]
    [InlineData(0xFFu << 8, 0u, 0u)]
    public void What_this_drive_cannot_suffer_is_an_invalid_field(uint cdw10, uint cdw11, uint cdw13)
    {
        TestHost host = Connect(TestHost.SmallDrive);
        TestHost.AssertStatus(
            Status.InvalidField, host.Admin(AdminOpcode.Fault, nsid: 1, cdw10: cdw10, cdw11: cdw11, cdw13: cdw13));
    }

    [Fact]
    public void Only_who_may_administer_the_drive_may_harm_it()
    {
        TestHost host = Connect(TestHost.SmallDrive with { Managers = ["nqn.2026-11.io.emulator:manager"] });
        TestHost.AssertStatus(Status.InvalidOpcode, Fault(host, FaultKind.ProgramFailure, place: Any, count: 1));
    }

    private TestHost Connect(DriveOptions options)
    {
        TestHost host = TestHost.ConnectToNewDrive(out Drive drive, options);
        _owned.Add(drive);
        return host;
    }

    private static CommandOutcome Fault(
        TestHost host, FaultKind kind, uint place = 0, uint value = 0, ushort count = 0, uint nsid = 0) =>
        host.Admin(
            AdminOpcode.Fault, nsid: nsid, cdw10: ((uint)kind << 8) | ((uint)count << 16), cdw11: place, cdw13: value);

    private static byte[] Contents(ulong seed)
    {
        byte[] contents = new byte[4096];
        new SeededRandom(seed).Fill(contents);
        return contents;
    }
}
