using System.Net;
using Emulator.Device;
using Emulator.Flash.Profiles;
using Emulator.Host.Configuration;
using Serilog.Events;

namespace Emulator.Host.Commands;

/// <summary>What the command line of serve says; null or empty where it says nothing.</summary>
public sealed record ServeOptions
{
    public string? ConfigFile { get; init; }

    public IReadOnlyList<IPEndPoint> Listen { get; init; } = [];

    public string? Subsystem { get; init; }

    public string? Serial { get; init; }

    public ByteSize? Size { get; init; }

    public int? BlockSize { get; init; }

    public DeviceProfile? Profile { get; init; }

    public DriveTiming? Timing { get; init; }

    public ControllerIdRange? ControllerIds { get; init; }

    /// <summary>Host NQNs that may steer migrations; empty for as the file says.</summary>
    public IReadOnlyList<string> Managers { get; init; } = [];

    public bool Standby { get; init; }

    public bool Preallocate { get; init; }

    /// <summary>The door of every listener; null for as the file says.</summary>
    public ListenerTransport? Transport { get; init; }

    /// <summary>Directories of the sockets of vfio-user devices.</summary>
    public IReadOnlyList<string> VfioUser { get; init; } = [];

    public string? SpdkCores { get; init; }

    public ByteSize? SpdkMemory { get; init; }

    public bool SpdkHugePages { get; init; }

    public IPEndPoint? Discovery { get; init; }

    public LogEventLevel? LogLevel { get; init; }

    /// <summary>The file of the drive's medium.</summary>
    public string? Medium { get; init; }

    /// <summary>Make the medium anew, whatever is in its file.</summary>
    public bool FormatMedium { get; init; }

    public string? LogFile { get; init; }

    public string? Summary { get; init; }

    private bool DescribesDrive =>
        Subsystem != null || Serial != null || Size != null || BlockSize != null || ControllerIds != null
        || Managers.Count > 0 || Standby || Preallocate || Profile != null || Timing != null || Medium != null || FormatMedium;

    /// <summary>The settings with everything replaced that the command line says otherwise.</summary>
    /// <exception cref="UserErrorException">The command line describes one drive and there are several.</exception>
    public EmulatorSettings Over(EmulatorSettings settings) => settings with
    {
        Drives = DescribesDrive ? [OverDrive(settings.Drives)] : settings.Drives,
        Listeners = OverListeners(settings.Listeners),
        Spdk = settings.Spdk with
        {
            Cores = SpdkCores ?? settings.Spdk.Cores,
            Memory = SpdkMemory ?? settings.Spdk.Memory,
            HugePages = SpdkHugePages || settings.Spdk.HugePages,
        },
        Discovery = Discovery is { } discovery
            ? new DiscoverySettings { Address = discovery.Address, Port = discovery.Port }
            : settings.Discovery,
        Log = settings.Log with
        {
            Level = LogLevel ?? settings.Log.Level,
            File = LogFile ?? settings.Log.File,
        },
        Summary = Summary ?? settings.Summary,
    };

    private IReadOnlyList<ListenerSettings> OverListeners(IReadOnlyList<ListenerSettings> listeners)
    {
        if (VfioUser.Count > 0)
        {
            IEnumerable<ListenerSettings> devices = VfioUser.Select(directory => new ListenerSettings
            {
                Transport = ListenerTransport.SpdkVfioUser,
                Directory = directory,
            });
            return [.. Addresses(), .. devices];
        }

        IReadOnlyList<ListenerSettings> over = Listen.Count == 0 ? listeners : [.. Addresses()];
        return Transport is { } transport ? [.. over.Select(listener => listener with { Transport = transport })] : over;
    }

    private IEnumerable<ListenerSettings> Addresses() => Listen.Select(end => new ListenerSettings
    {
        Address = end.Address,
        Port = end.Port,
        Transport = Transport ?? (VfioUser.Count > 0 ? ListenerTransport.Spdk : ListenerTransport.Tcp),
    });

    private DriveSettings OverDrive(IReadOnlyList<DriveSettings> drives)
    {
        if (drives.Count != 1)
        {
            throw new UserErrorException(
                "--subsystem, --serial, --size, --block-size, --controller-ids, --manager, --standby, --preallocate, --profile, --timing and --medium are about one drive, "
                + $"but {ConfigFile} has {drives.Count}");
        }

        DriveSettings drive = drives[0];
        return drive with
        {
            Subsystem = Subsystem ?? drive.Subsystem,
            Serial = Serial ?? drive.Serial,
            Size = Size ?? drive.Size,
            ControllerIds = ControllerIds ?? drive.ControllerIds,
            Managers = Managers.Count > 0 ? Managers : drive.Managers,
            Standby = Standby || drive.Standby,
            Preallocate = Preallocate || drive.Preallocate,
            Profile = Profile ?? drive.Profile,
            Timing = Timing ?? drive.Timing,
            Medium = OverMedium(drive.Medium),
            Namespaces = BlockSize is { } bytes
                ? [.. drive.Namespaces.Select(ns => ns with { BlockSize = bytes })]
                : drive.Namespaces,
        };
    }

    private MediumSettings? OverMedium(MediumSettings? medium)
    {
        if (Medium != null)
            medium = medium == null ? new MediumSettings { Path = Medium } : medium with { Path = Medium };
        if (!FormatMedium)
            return medium;
        return medium == null
            ? throw new UserErrorException("--format-medium: the drive has no medium; name one with --medium")
            : medium with { Format = true };
    }
}
