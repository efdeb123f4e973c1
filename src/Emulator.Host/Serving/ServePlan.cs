using System.Net;
using Emulator.Device;
using Emulator.Host.Configuration;
using Emulator.Media;
using Emulator.Spdk;
using Emulator.Tcp;
using Emulator.Transforms;

namespace Emulator.Host.Serving;

/// <summary>What the process will serve: settings that have been checked, cut into groups.</summary>
/// <param name="Groups">Each is served by one thread.</param>
/// <param name="Log">What is logged, and where to.</param>
/// <param name="Summary">The file that gets the counters at the end; null for none.</param>
public sealed record ServePlan(IReadOnlyList<ServeGroup> Groups, LogSettings Log, string? Summary)
{
    /// <summary>For listeners by SPDK.</summary>
    public SpdkSettings Spdk { get; init; } = new();

    /// <summary>Media of the drives that are not in memory, by the drives' serial numbers.</summary>
    public IReadOnlyDictionary<string, MediumSettings> Media { get; init; } = new Dictionary<string, MediumSettings>();

    public IEnumerable<PlannedListener> Listeners => Groups.SelectMany(group => group.Listeners);

    /// <param name="settings">As they were read, with the options of the command line.</param>
    /// <param name="source">The name of the configuration file for messages; null when there is none.</param>
    /// <exception cref="UserErrorException">The settings cannot be served; the message says why.</exception>
    public static ServePlan From(EmulatorSettings settings, string? source)
    {
        if (PlanValidation.Problem(settings) is { } problem)
            throw new UserErrorException(source == null ? problem.What : $"{source}: {problem.Where}: {problem.What}");

        DriveOptions[] drives = [.. settings.Drives.Select((drive, i) => Complete(drive, source, $"drives[{i}].secret"))];
        PlannedListener[] listeners = [.. settings.Listeners.Select(listener => Planned(listener, drives))];
        return new ServePlan([.. ServeGroup.Partition(listeners), .. DiscoveryGroup(settings.Discovery)], settings.Log, settings.Summary)
        {
            Spdk = settings.Spdk,
            Media = settings.Drives.Where(drive => drive.Medium != null).ToDictionary(drive => drive.Serial, drive => drive.Medium!),
        };
    }

    /// <summary>
    /// Gives a drive a way to others, and the secret that it is configured with, if there is one. On a medium there may be pages that were transformed under other settings,
    /// and namespaces that hosts created.
    /// </summary>
    private static DriveOptions Complete(DriveSettings drive, string? source, string where)
    {
        DriveOptions options = drive.ToOptions() with { Peers = new TcpPeerConnector(), UpdateLogs = LogsOf(drive) };
        if (!drive.HasTransforms && drive.Medium == null)
            return options;
        try
        {
            return options with { Codecs = new PageCodecFactory(drive.Secret?.Read()) };
        }
        catch (UserErrorException e) when (source != null)
        {
            throw new UserErrorException($"{source}: {where}: {e.Message}");
        }
    }

    private static FileUpdateLogs? LogsOf(DriveSettings drive) => drive.Migration.DirectoryOf(drive.Medium) is { } directory
        ? new FileUpdateLogs(directory, drive.Medium?.Access ?? MediumAccess.Unsynchronised, outlivesProcess: drive.Medium != null)
        : null;

    private static PlannedListener Planned(ListenerSettings listener, DriveOptions[] drives) => new(
        new IPEndPoint(listener.Address, listener.Port),
        listener.Advertise,
        [.. drives.Where(drive => listener.Drives?.Contains(drive.SerialNumber) ?? true)])
    {
        Transport = listener.Transport,
        Directory = listener.Directory,
        Host = listener.Host,
    };

    private static IEnumerable<ServeGroup> DiscoveryGroup(DiscoverySettings? service) => service == null
        ? []
        : [new ServeGroup([], [new PlannedListener(new IPEndPoint(service.Address, service.Port), service.Advertise, [])])];
}

/// <summary>An address and the drives behind it.</summary>
/// <param name="EndPoint">Where to listen.</param>
/// <param name="Advertised">What hosts are told instead of that address; null for the address itself.</param>
/// <param name="Drives">None where the discovery subsystem alone is served.</param>
public sealed record PlannedListener(IPEndPoint EndPoint, IPAddress? Advertised, IReadOnlyList<DriveOptions> Drives)
{
    public ListenerTransport Transport { get; init; }

    /// <summary>Of the socket of a vfio-user device, which has no address; null for others.</summary>
    public string? Directory { get; init; }

    /// <summary>The host NQN of the VM of a vfio-user device.</summary>
    public string? Host { get; init; }

    public bool IsSpdks => Transport != ListenerTransport.Tcp;

    internal SpdkListener ToSpdk() => Transport switch
    {
        ListenerTransport.SpdkVfioUser => new SpdkListener(SpdkTransport.VfioUser, Directory!, 0) { HostNqn = Host },
        ListenerTransport.SpdkRdma => new SpdkListener(SpdkTransport.Rdma, EndPoint),
        _ => new SpdkListener(SpdkTransport.Tcp, EndPoint),
    };
}
