using System.Net;
using Emulator.Core;
using Emulator.Device;
using Emulator.Spdk;
using Emulator.Tcp;

namespace Emulator.Host.Serving;

/// <summary>The door by which a group is served: it owns the drives from <see cref="Start"/> to <see cref="IDisposable.Dispose"/>.</summary>
internal interface IGroupDoor : IDisposable
{
    /// <summary>Where hosts connect over a network, in the order of the group's listeners.</summary>
    IReadOnlyList<IPEndPoint> Addresses { get; }

    /// <summary>Managed memory that serving allocated, in bytes, as far as it is counted.</summary>
    long AllocatedBytes { get; }

    /// <summary>The time of the drives when they stopped.</summary>
    SimTime StoppedAt { get; }

    /// <exception cref="UserErrorException">The drives cannot be served there.</exception>
    void Start();

    /// <summary>A synchronisation of a medium is over; from any thread.</summary>
    void Wake();
}

/// <summary>NVMe/TCP by the drive itself.</summary>
internal sealed class TcpDoor(NvmeTcpTarget target) : IGroupDoor
{
    public IReadOnlyList<IPEndPoint> Addresses => target.Addresses;

    public long AllocatedBytes => target.AllocatedBytes;

    public SimTime StoppedAt => target.StoppedAt;

    public void Start() => target.Start();

    public void Wake() => target.Wake();

    public void Dispose() => target.Dispose();
}

/// <summary>SPDK's target, whose reactor is never asleep.</summary>
internal sealed class SpdkDoor(
    string name, IReadOnlyList<PoweredDrive> drives, IReadOnlyList<PlannedListener> listeners, ITargetObserver observer) : IGroupDoor
{
    private DriveDoor? _door;

    public IReadOnlyList<IPEndPoint> Addresses =>
        [.. listeners.Where(listener => listener.Directory == null).Select(listener => listener.EndPoint)];

    public long AllocatedBytes => 0;

    public SimTime StoppedAt => _door?.StoppedAt ?? SimTime.Zero;

    public void Start()
    {
        foreach (string directory in listeners.Select(listener => listener.Directory).OfType<string>())
            DeviceDirectory.Prepare(directory);
        try
        {
            _door = DriveDoor.Open(name, drives, [.. listeners.Select(listener => listener.ToSpdk())], observer);
        }
        catch (SpdkException e)
        {
            throw new UserErrorException(e.Message);
        }
    }

    public void Wake()
    {
    }

    public void Dispose() => _door?.Dispose();
}
