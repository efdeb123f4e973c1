using Emulator.Core;
using Emulator.Device;
using Emulator.Host.Configuration;
using Emulator.Media;
using Emulator.Tcp;
using Emulator.Wire;

namespace Emulator.Host.Serving;

/// <summary>The drives of a group, its discovery service, and the target that owns them while it runs.</summary>
public sealed class ServedGroup : IDisposable
{
    private readonly List<BuiltDrive> _built = [];
    private readonly DiscoverySubsystem _discovery = new([]);
    private readonly ServeGroup _group;
    private readonly IGroupDoor _target;

    /// <summary>Builds the drives and takes the addresses; nothing is served before <see cref="Start"/>.</summary>
    /// <param name="media">Media by serial numbers; a drive without is in memory.</param>
    /// <param name="spdk">Null if SPDK cannot be used: then the managed door serves in its place.</param>
    /// <exception cref="UserErrorException">An address cannot be listened on, a medium not used, or memory is short.</exception>
    public ServedGroup(
        ServeGroup group, IReadOnlyDictionary<string, MediumSettings> media, ITargetObserver observer, SpdkRuntime? spdk = null)
    {
        _group = group;
        try
        {
            foreach (DriveOptions options in group.Drives)
                _built.Add(BuiltDrive.Build(options, media.GetValueOrDefault(options.SerialNumber)));
            _target = spdk != null && group.IsSpdks
                ? new SpdkDoor($"emulator{group.Drives[0].SerialNumber}", [.. _built.Select(built => built.Powered)], group.Listeners, observer)
                : new TcpDoor(Listen(observer));
        }
        catch
        {
            DisposeDrives();
            throw;
        }
    }

    public IReadOnlyList<Drive> Drives => [.. _built.Select(built => built.Drive)];

    /// <summary>The drives with their media.</summary>
    public IReadOnlyList<BuiltDrive> Built => _built;

    /// <summary>The time of the drives when they stopped.</summary>
    public SimTime StoppedAt => _target.StoppedAt;

    public IEnumerable<ServedListener> Listeners => _target.Addresses.Zip(
        _group.Listeners.Where(listener => listener.Directory == null),
        (address, planned) => new ServedListener(
            address, planned.Advertised, [.. _built.Select(built => built.Powered.Nqn), _discovery.Nqn])
        {
            Transport = planned.Transport == ListenerTransport.SpdkRdma ? TransportType.Rdma : TransportType.Tcp,
        });

    /// <summary>Directories of the sockets of vfio-user devices.</summary>
    public IEnumerable<string> Directories => _group.Listeners.Select(listener => listener.Directory).OfType<string>();

    /// <summary>Managed memory that the reactor allocated, in bytes.</summary>
    public long AllocatedBytes => _target.AllocatedBytes;

    /// <param name="directory">What hosts that ask are told, here and in every other group.</param>
    public void Start(IReadOnlyList<DiscoveryEntry> directory)
    {
        _discovery.Publish(directory);
        WhenSynchronised(_target.Wake);
        _target.Start();
    }

    /// <summary>Closes every connection; afterwards the drives may be looked at from any thread.</summary>
    public void Stop()
    {
        WhenSynchronised(null);
        _target.Dispose();
    }

    public void Dispose()
    {
        Stop();
        DisposeDrives();
    }

    private void WhenSynchronised(Action? called)
    {
        foreach (BuiltDrive built in _built)
            built.Medium?.SyncEnded = called;
        foreach (FileUpdateLogs logs in _group.Drives.Select(options => options.UpdateLogs).OfType<FileUpdateLogs>())
            logs.SyncEnded = called;
    }

    private NvmeTcpTarget Listen(ITargetObserver observer)
    {
        var options = new TargetOptions
        {
            Listeners = [.. _group.Listeners.Select(listener => listener.EndPoint)],
            Subsystems = [.. _built.Select(built => built.Powered), _discovery],
        };
        try
        {
            return new NvmeTcpTarget(options, observer);
        }
        catch (ListenException e)
        {
            throw new UserErrorException(e.Message);
        }
    }

    private void DisposeDrives()
    {
        _built.ForEach(built => built.Dispose());
        foreach (DriveOptions options in _group.Drives)
            options.Codecs?.Dispose();
    }
}
