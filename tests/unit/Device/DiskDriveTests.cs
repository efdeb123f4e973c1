using Emulator.Core;
using Emulator.Device;
using Emulator.Flash;
using Emulator.Flash.Profiles;

namespace Emulator.UnitTests.Device;

public class DiskDriveTests
{
    private static readonly DriveOptions Options = new()
    {
        CapacityBytes = 16 << 20,
        Profile = DeviceProfile.Find("hdd-7200"),
        MediumName = "disk.img",
    };

    [Fact]
    public void A_drive_of_a_disk_has_no_spare_capacity_and_is_not_persistent()
    {
        using var drive = new Drive(Options);
        Assert.Null(DriveOptionsValidation.Problem(Options));
        Assert.Equal(Options.CapacityBytes, Options.EffectiveGeometry().Bytes);
        Assert.False(drive.IsPersistent);
        Assert.True(drive.Shutdown(SimTime.Zero).IsSuccess);
    }

    [Fact]
    public void A_disk_refuses_a_medium_that_persists()
    {
        using var medium = new MemoryMedium(Options.EffectiveGeometry(), systemBytes: 1 << 20, persists: true);
        string message = Assert.Throws<MediumException>(() => new Drive(Options, medium)).Message;
        Assert.StartsWith("disk.img cannot be the medium of a disk", message, StringComparison.Ordinal);
    }
}
