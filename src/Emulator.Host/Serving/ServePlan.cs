using System.Net;
using Emulator.Device;
using Emulator.Host.Configuration;

namespace Emulator.Host.Serving;

/// <summary>What the process will serve: settings that have been checked, cut into groups.</summary>
/// <param name="Groups">Each is served by one thread.</param>
/// <param name="Discovery">Where the discovery subsystem is served by itself; null for nowhere.</param>
/// <param name="Log">What is logged, and where to.</param>
public sealed record ServePlan(IReadOnlyList<ServeGroup> Groups, IPEndPoint? Discovery, LogSettings Log)
{
    public IEnumerable<PlannedListener> Listeners => Groups.SelectMany(group => group.Listeners);

    /// <param name="settings">As they were read, with the options of the command line.</param>
    /// <param name="source">The name of the configuration file for messages; null when there is none.</param>
    /// <exception cref="UserErrorException">The settings cannot be served; the message says why.</exception>
    public static ServePlan From(EmulatorSettings settings, string? source)
    {
        if (PlanValidation.Problem(settings) is { } problem)
            throw new UserErrorException(source == null ? problem.What : $"{source}: {problem.Where}: {problem.What}");

        DriveOptions[] drives = [.. settings.Drives.Select(drive => drive.ToOptions())];
        IEnumerable<PlannedListener> listeners = settings.Listeners.Select(listener => Planned(listener, drives));
        IPEndPoint? discovery = settings.Discovery is { } service ? new IPEndPoint(service.Address, service.Port) : null;
        return new ServePlan(ServeGroup.Partition(listeners), discovery, settings.Log);
    }

    private static PlannedListener Planned(ListenerSettings listener, DriveOptions[] drives) => new(
        new IPEndPoint(listener.Address, listener.Port),
        [.. drives.Where(drive => listener.Drives?.Contains(drive.SerialNumber) ?? true)]);
}

/// <summary>An address and the drives behind it.</summary>
public sealed record PlannedListener(IPEndPoint EndPoint, IReadOnlyList<DriveOptions> Drives);
