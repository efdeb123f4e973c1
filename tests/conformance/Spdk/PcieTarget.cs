using System.Net;
using Emulator.Device;
using Emulator.Spdk;
using Emulator.Tcp;

namespace Emulator.ConformanceTests;

/// <summary>A drive with two listeners of SPDK's target: a PCIe device by vfio-user for a VM, and NVMe/TCP for a manager.</summary>
internal sealed class PcieTarget : IDisposable
{
    public const string VmNqn = "nqn.2026-11.io.emulator:pcie-vm";
    public const string ManagerNqn = "nqn.2026-11.io.emulator:manager";

    private static int _count;

    private readonly string _directory = Directory.CreateTempSubdirectory("emulator-").FullName;
    private readonly IPEndPoint _endPoint = new(IPAddress.Loopback, TestDoor.FreePort());
    private readonly PoweredDrive _drive;
    private readonly DriveDoor _door;

    private PcieTarget(DriveOptions options)
    {
        _drive = new PoweredDrive(options);
        try
        {
            SpdkListener[] listeners =
            [
                new(SpdkTransport.VfioUser, _directory, 0) { HostNqn = VmNqn },
                new(SpdkTransport.Tcp, _endPoint),
            ];
            _door = DriveDoor.Open($"pcie{Interlocked.Increment(ref _count)}", [_drive], listeners, Observer);
        }
        catch
        {
            _drive.Dispose();
            Directory.Delete(_directory);
            throw;
        }
    }

    public RecordingObserver Observer { get; } = new();

    /// <summary>Skips the test where there cannot be such a device.</summary>
    public static PcieTarget Open(Func<DriveOptions, DriveOptions> change) =>
        TestDoor.NeedVfioUser(() => new PcieTarget(change(TestTarget.SmallDrive)));

    /// <param name="managed">Whether a manager steers the VM's migration, rather than the VM itself.</param>
    public static PcieTarget Open(bool managed = true) =>
        Open(options => options with { Managers = managed ? [ManagerNqn] : [] });

    /// <exception cref="SpdkException">The drive does not let the VM in.</exception>
    public SpdkController ConnectVm() => SpdkController.Connect($"trtype:VFIOUSER traddr:{_directory} subnqn:{_drive.Nqn}");

    public HostController ConnectManager()
    {
        HostController controller = HostController.Connect(new HostOptions
        {
            EndPoint = _endPoint,
            SubsystemNqn = _drive.Nqn,
            HostNqn = ManagerNqn,
            Timeout = TestTarget.Patience,
        });
        controller.Enable();
        return controller;
    }

    public void Dispose()
    {
        _door.Dispose();
        _drive.Dispose();
        Directory.Delete(_directory, recursive: true);
        Assert.Empty(Observer.Faults);
    }
}
