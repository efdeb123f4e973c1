using System.Text.Json.Nodes;
using Emulator.GuestTests.Harness;
using Xunit.Abstractions;

namespace Emulator.GuestTests;

/// <summary>
/// What the tests with a guest have in common: the guest, drives that end with the test, and a look at the guest's
/// kernel log, which has to be free of complaints at the end.
/// </summary>
[Collection(GuestTestGroup.Name)]
public abstract class GuestTest : IDisposable
{
    private protected const string Controller = "/dev/nvme0";
    private protected const string Disk = "/dev/nvme0n1";

    private readonly List<DriveProcess> _drives = [];
    private readonly ITestOutputHelper _output;

    private protected GuestTest(GuestFixture fixture, ITestOutputHelper output)
    {
        _output = output;
        Guest = fixture.Guest;
        Guest.Check("dmesg --clear");
    }

    private protected Guest Guest { get; }

    public void Dispose()
    {
        try
        {
            TidyUp();
        }
        finally
        {
            foreach (DriveProcess drive in _drives) drive.Dispose();
        }

        GC.SuppressFinalize(this);
    }

    private protected DriveProcess StartDrive(params string[] options)
    {
        var drive = new DriveProcess(options);
        _drives.Add(drive);
        return drive;
    }

    /// <summary>Connects the guest and waits for namespace 1, whose node the kernel makes a little later.</summary>
    private protected void Connect(DriveProcess drive, string options = "")
    {
        Guest.Check($"nvme connect {AddressOf(drive)} -n {DriveProcess.Nqn} {options}");
        Guest.WaitFor($"test -b {Disk} -a -c {Controller}", TimeSpan.FromSeconds(10));
    }

    private protected JsonNode CheckJson(string command) => JsonNode.Parse(Guest.Check($"{command} -o json"))!;

    private protected static string AddressOf(DriveProcess drive) => $"-t tcp -a 10.0.2.2 -s {drive.Port}";

    private void TidyUp()
    {
        GuestResult cleanup = Guest.Run("umount -A --recursive /mnt 2>/dev/null; nvme disconnect-all");
        string kernelLog = Guest.Check("dmesg");
        _output.WriteLine($"The guest's kernel:\n{kernelLog}");
        foreach (DriveProcess drive in _drives)
        {
            _output.WriteLine($"The drive:\n{drive.Log}");
            drive.Stop();
        }

        cleanup.Succeeded();
        Assert.DoesNotMatch("BUG:|WARNING:|Oops:|Call Trace:|blocked for more than", kernelLog);
    }
}
