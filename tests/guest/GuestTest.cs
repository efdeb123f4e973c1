using Emulator.GuestTests.Harness;

namespace Emulator.GuestTests;

/// <summary>
/// What the tests with a guest have in common: the guest, drives that end with the test, and a look at the guest's
/// kernel log, which has to be free of complaints at the end.
/// </summary>
[Collection(GuestTestGroup.Name)]
public abstract class GuestTest : IDisposable
{
    private readonly List<DriveProcess> _drives = [];

    private protected GuestTest(GuestFixture fixture)
    {
        Guest = fixture.Guest;
        Guest.Check("dmesg --clear");
    }

    private protected Guest Guest { get; }

    public void Dispose()
    {
        GuestResult cleanup = Guest.Run("umount -A --recursive /mnt 2>/dev/null; nvme disconnect-all");
        string complaints = Guest.Run("dmesg | grep -E 'BUG|WARNING|Oops|hung task|Call Trace'").Output;
        foreach (DriveProcess drive in _drives) drive.Stop();
        foreach (DriveProcess drive in _drives) drive.Dispose();
        cleanup.Succeeded();
        Assert.Equal("", complaints);
        GC.SuppressFinalize(this);
    }

    private protected DriveProcess StartDrive(params string[] options)
    {
        var drive = new DriveProcess(options);
        _drives.Add(drive);
        return drive;
    }

    /// <summary>Connects the guest to the drive as /dev/nvme0 and waits for its namespace 1, /dev/nvme0n1.</summary>
    private protected void Connect(DriveProcess drive, string options = "")
    {
        Guest.Check($"nvme connect {AddressOf(drive)} -n {DriveProcess.Nqn} {options}");
        Guest.WaitFor("test -b /dev/nvme0n1", TimeSpan.FromSeconds(10));
    }

    private protected static string AddressOf(DriveProcess drive) => $"-t tcp -a 10.0.2.2 -s {drive.Port}";
}
