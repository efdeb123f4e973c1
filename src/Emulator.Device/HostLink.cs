using Emulator.Core;
using Emulator.Flash.Profiles;

namespace Emulator.Device;

/// <summary>
/// The link between the drive and its host, and the handling of reads and writes, in the time of the model. Where a real
/// transport carries them they take its time instead, and only wait here for those before them. A command passes <see cref="FromHost"/>, its data <see cref="ToHost"/> if it reads, and
/// ends with <see cref="End"/>, before the next one begins.
/// </summary>
internal sealed class HostLink
{
    private readonly ControllerProfile _controller;
    private readonly ArrayProfile? _array;
    private readonly CommandSlots? _slots;
    private readonly bool _isHalfDuplex;
    private readonly long _commandNanoseconds;
    private readonly bool _hasTransport;
    private BusSchedule _fromHost = new();
    private BusSchedule _toHost = new();
    private SimTime _ready;

    /// <summary>When an array has done with the command that came last.</summary>
    private SimTime _served;

    /// <param name="hasTransport">Whether a real transport takes commands and data to and fro.</param>
    public HostLink(DeviceProfile profile, bool hasTransport)
    {
        (_controller, _array, _hasTransport) = (profile.Controller, profile.Array, hasTransport);
        if (_controller.Link is not { } link)
            return;
        _slots = new CommandSlots(link.Commands);
        _isHalfDuplex = link.IsHalfDuplex;
        _commandNanoseconds = link.Command.Nanoseconds;
    }

    /// <summary>When a command and its data are here.</summary>
    /// <param name="bytes">Data that comes with it; 0 for a read.</param>
    public SimTime FromHost(SimTime now, int bytes)
    {
        if (_slots != null)
            now = SimTime.Max(now, _slots.NextFree);
        now = SimTime.Max(now, _ready);
        _ready = now + (bytes == 0 ? _controller.ReadPace : _controller.WritePace);
        if (_array != null)
            _served = bytes == 0 ? now : now + _array.TimeToWrite(bytes);
        return Carry(ref _fromHost, _hasTransport ? now : now + _controller.Command, bytes);
    }

    /// <summary>When the host has the data of a read.</summary>
    public SimTime ToHost(SimTime ready, int bytes)
    {
        if (_array != null)
            _served += _array.TimeToRead(bytes);
        return Carry(ref _isHalfDuplex ? ref _fromHost : ref _toHost, ready, bytes);
    }

    /// <summary>The command that came from the host last is outstanding until then.</summary>
    /// <returns>That time.</returns>
    public SimTime End(SimTime done)
    {
        if (_array != null)
            _ready = done = SimTime.Max(done, _served);
        _slots?.Take(done);
        return done;
    }

    private SimTime Carry(ref BusSchedule link, SimTime ready, int bytes)
    {
        if (bytes == 0)
            return ready;
        long length = _commandNanoseconds + (bytes * 1_000_000_000L / _controller.LinkBytesPerSecond);
        long end = link.Reserve(ready.Nanoseconds, length);
        return new SimTime(_hasTransport ? end - length : end);
    }
}
