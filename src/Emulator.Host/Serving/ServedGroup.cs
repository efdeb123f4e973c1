using Emulator.Device;
using Emulator.Host.Configuration;
using Emulator.Tcp;
using Emulator.Transforms;

namespace Emulator.Host.Serving;

/// <summary>The drives of a group, its discovery service, and the target that owns them while it runs.</summary>
public sealed class ServedGroup : IDisposable
{
    private readonly List<Drive> _drives = [];
    private readonly DiscoverySubsystem _discovery = new([]);
    private readonly ServeGroup _group;
    private readonly NvmeTcpTarget _target;

    /// <summary>Builds the drives and takes the addresses; nothing is served before <see cref="Start"/>.</summary>
    /// <exception cref="UserErrorException">An address cannot be listened on, or memory is short.</exception>
    public ServedGroup(ServeGroup group, ITargetObserver observer)
    {
        _group = group;
        try
        {
            foreach (DriveOptions options in group.Drives)
                _drives.Add(Build(options));
            _target = Listen(observer);
        }
        catch
        {
            DisposeDrives();
            throw;
        }
    }

    public IReadOnlyList<Drive> Drives => _drives;

    public IEnumerable<ServedListener> Listeners => _target.Addresses.Zip(
        _group.Listeners,
        (address, planned) => new ServedListener(
            address, planned.Advertised, [.. _drives.Select(drive => drive.Nqn), _discovery.Nqn]));

    /// <summary>Managed memory that the reactor allocated, in bytes.</summary>
    public long AllocatedBytes => _target.AllocatedBytes;

    /// <param name="directory">What hosts that ask are told, here and in every other group.</param>
    public void Start(IReadOnlyList<DiscoveryEntry> directory)
    {
        _discovery.Publish(directory);
        _target.Start();
    }

    /// <summary>Closes every connection; afterwards the drives may be looked at from any thread.</summary>
    public void Stop() => _target.Dispose();

    public void Dispose()
    {
        _target.Dispose();
        DisposeDrives();
    }

    private static Drive Build(DriveOptions options)
    {
        try
        {
            return new Drive(options);
        }
        catch (LibraryMissingException e)
        {
            throw new UserErrorException($"drive {options.SerialNumber}: {e.Message}");
        }
        catch (OutOfMemoryException)
        {
            throw new UserErrorException(
                $"not enough memory for drive {options.SerialNumber} of {new ByteSize(options.CapacityBytes)}");
        }
    }

    private NvmeTcpTarget Listen(ITargetObserver observer)
    {
        var options = new TargetOptions
        {
            Listeners = [.. _group.Listeners.Select(listener => listener.EndPoint)],
            Subsystems = [.. _drives, _discovery],
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
        _drives.ForEach(drive => drive.Dispose());
        foreach (DriveOptions options in _group.Drives)
            options.Codecs?.Dispose();
    }
}
