using Emulator.Core;
using Emulator.Flash.Profiles;

namespace Emulator.Device;

/// <summary>
/// The link between the drive and its host, and the handling of commands, in the time of the model. Transports are real
/// and add what they take.
/// </summary>
internal sealed class HostLink(ControllerProfile controller)
{
    private BusSchedule _fromHost = new();
    private BusSchedule _toHost = new();

    /// <summary>When a command and its data are here.</summary>
    /// <param name="bytes">Data that comes with it.</param>
    public SimTime FromHost(SimTime now, int bytes) => Carry(ref _fromHost, now + controller.Command, bytes);

    /// <summary>When the host has the data of a read.</summary>
    public SimTime ToHost(SimTime ready, int bytes) => Carry(ref _toHost, ready, bytes);

    private SimTime Carry(ref BusSchedule link, SimTime ready, int bytes) => bytes == 0
        ? ready
        : new SimTime(link.Reserve(ready.Nanoseconds, bytes * 1_000_000_000L / controller.LinkBytesPerSecond));
}
