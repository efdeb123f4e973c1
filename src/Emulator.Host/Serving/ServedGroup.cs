using System.Net;
using Emulator.Device;
using Emulator.Host.Configuration;
using Emulator.Tcp;

namespace Emulator.Host.Serving;

/// <summary>The drives of a group and the target that owns them while it runs.</summary>
public sealed class ServedGroup : IDisposable
{
    private readonly List<Drive> _drives = [];
    private readonly NvmeTcpTarget _target;

    /// <summary>Builds the drives and takes the addresses; nothing is served before <see cref="Start"/>.</summary>
    /// <exception cref="UserErrorException">An address cannot be listened on, or memory is short.</exception>
    public ServedGroup(ServeGroup group, ITargetObserver observer)
    {
        try
        {
            foreach (DriveOptions options in group.Drives)
                _drives.Add(Build(options));
            _target = Listen(group, observer);
        }
        catch
        {
            DisposeDrives();
            throw;
        }
    }

    public IReadOnlyList<Drive> Drives => _drives;

    /// <summary>Where it listens, with the ports that were given out.</summary>
    public IReadOnlyList<IPEndPoint> Addresses => _target.Addresses;

    public void Start() => _target.Start();

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
        catch (OutOfMemoryException)
        {
            throw new UserErrorException(
                $"not enough memory for drive {options.SerialNumber} of {new ByteSize(options.CapacityBytes)}");
        }
    }

    private NvmeTcpTarget Listen(ServeGroup group, ITargetObserver observer)
    {
        IPEndPoint[] addresses = [.. group.Listeners.Select(listener => listener.EndPoint)];
        try
        {
            return new NvmeTcpTarget(new TargetOptions { Listeners = addresses, Subsystems = _drives }, observer);
        }
        catch (ListenException e)
        {
            throw new UserErrorException(e.Message);
        }
    }

    private void DisposeDrives() => _drives.ForEach(drive => drive.Dispose());
}
