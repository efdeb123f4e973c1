using Emulator.Core;
using Emulator.Host.Migrate;
using Emulator.Migration;
using Emulator.Wire;

namespace Emulator.UnitTests.Host.Migrate;

public class MigrateOptionsTests
{
    private static readonly MigrateOptions Options = new()
    {
        From = "127.0.0.1:4420",
        To = "127.0.0.1:4421",
        Subsystem = "nqn.2026-11.io.emulator:drive0",
        Manager = "nqn.2026-11.io.emulator:hypervisor",
        Vm = "1",
        VmThere = "257",
    };

    [Fact]
    public void A_lost_connection_is_tried_anew_for_as_long_with_a_scheme_as_without_and_half_of_what_Linux_waits()
    {
        foreach (DirectTransferScheme scheme in Enum.GetValues<DirectTransferScheme>())
        {
            DirectTransferRequest request = DriveClient.RequestFor(Options with { Scheme = scheme }, DirectTransferMode.WholeCapacity, 257, 0);
            Assert.Equal(15u, request.ReconnectSeconds.Value);
        }

        Assert.Equal(SimDuration.FromSeconds(MigrateOptions.DefaultReconnectSeconds), TransferPlan.ReconnectTimeUnderScheme);
    }

    [Fact]
    public void Bytes_of_a_command_are_the_drives_unless_they_are_said()
    {
        Assert.Equal(0u, DriveClient.RequestFor(Options, DirectTransferMode.WholeCapacity, 257, 0).CommandBytes.Value);
        Assert.Equal(65536u, DriveClient.RequestFor(Options with { CommandBytes = 65536 }, DirectTransferMode.WholeCapacity, 257, 0).CommandBytes.Value);
    }
}
