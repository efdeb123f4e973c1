using Emulator.Core;
using Emulator.Wire;

namespace Emulator.Device;

/// <summary>Controller properties and the life of a controller: enable, reset, shut down (Base 2.1, 3.1.4 and 3.6).</summary>
public partial class FabricsController
{
    /// <summary>CAP.TO: a controller is ready at once, and says 15 s so that no host is hasty with a loaded machine.</summary>
    protected const byte ReadyTimeoutHalfSeconds = 30;

    /// <summary>SGLS: byte aligned, longer than the transfer (bit 18), offsets into the capsule (bit 20).</summary>
    protected const uint SglSupport = 0x0014_0001;

    private ControllerConfiguration _configuration;
    private ControllerStatus _status;

    /// <summary>
    /// The host disabled it or shut it down and did not enable it again. One that was never enabled is not left: its host
    /// is still on the way.
    /// </summary>
    private bool _wasLeft;

    /// <summary>When a shutdown that is under way is complete.</summary>
    private SimTime _shutdownDone;

    /// <summary>CSTS.RDY: commands other than Fabrics commands are accepted.</summary>
    protected bool IsReady => _status.Rdy;

    /// <summary>CAP, the capabilities of the controller.</summary>
    protected abstract ControllerCapabilities Capabilities { get; }

    /// <summary>CAP, VS, CC and CSTS.</summary>
    internal ControllerRegisters RegistersAt(SimTime now) => new()
    {
        Cap = Capabilities.Value,
        Vs = ControllerProperty.Version210,
        Cc = _configuration.Value,
        Csts = StatusAt(now).Value,
        Cntlid = Id,
    };

    private CommandOutcome GetProperty(SimTime now, in PropertyGetCommand command)
    {
        bool wide = (command.Attrib & 7) == 1;
        if ((command.Attrib & ~7) != 0 || (command.Attrib & 7) > 1)
            return CommandOutcome.Completed(now, Status.InvalidField.WithDoNotRetry());

        ulong? value = ((uint)command.Ofst, wide) switch
        {
            (ControllerProperty.Cap, true) => Capabilities.Value,
            (ControllerProperty.Vs, false) => ControllerProperty.Version210,
            (ControllerProperty.Cc, false) => _configuration.Value,
            (ControllerProperty.Csts, false) => StatusAt(now).Value,
            _ => null,
        };
        return value is { } found
            ? CommandOutcome.Success(now, (uint)found, (uint)(found >> 32))
            : CommandOutcome.Completed(now, Status.InvalidField.WithDoNotRetry());
    }

    /// <summary>Only CC can be set: there is no subsystem reset, and CSTS.NSSRO is never 1 that it could be cleared.</summary>
    private CommandOutcome SetProperty(SimTime now, in PropertySetCommand command)
    {
        if (command.Attrib != 0 || command.Ofst != ControllerProperty.Cc)
            return CommandOutcome.Completed(now, Status.InvalidField.WithDoNotRetry());

        ControllerConfiguration wanted = new((uint)(ulong)command.Value);
        if (!_configuration.En && wanted.En)
            Enable(wanted);
        else if (_configuration.En && !wanted.En)
            Reset(now);

        if (wanted.Shn != ShutdownNotification.None && _configuration.Shn == ShutdownNotification.None)
            ShutDown(now);
        _configuration = wanted;
        return CommandOutcome.Success(now);
    }

    /// <summary>
    /// Becomes ready at once. A configuration that cannot be served is a fatal status rather than a status of
    /// Property Set, since CC may be written in steps while EN is 0.
    /// </summary>
    private void Enable(ControllerConfiguration wanted)
    {
        bool served = wanted.Css == 0
            && wanted.Mps == 0
            && (wanted.Iosqes, wanted.Iocqes) is (6, 4) or (0, 0);
        _status = new ControllerStatus { Rdy = served, Cfs = !served };
        _wasLeft = false;
    }

    /// <summary>CC.SHN: what is volatile is made durable before the host is told that it may go (Base 2.1, 3.6.3).</summary>
    private void ShutDown(SimTime now)
    {
        _shutdownDone = OnShutdown(now);
        _wasLeft = true;
        _status = _status with { Shst = ShutdownStatus.Occurring };
    }

    private ControllerStatus StatusAt(SimTime now)
    {
        if (_status.Shst == ShutdownStatus.Occurring && now >= _shutdownDone)
            _status = _status with { Shst = ShutdownStatus.Complete };
        return _status;
    }

    /// <summary>CC.EN from 1 to 0: outstanding requests for events are aborted, I/O queues deleted (Base 2.1, 3.7.2).</summary>
    private void Reset(SimTime now)
    {
        _status = new ControllerStatus();
        _wasLeft = true;
        ForgetAsyncEvents(now);
        foreach (ref QueuePair? queue in _queues.AsSpan(1))
        {
            QueuePair? closing = queue;
            queue = null;
            closing?.Endpoint.Close(CloseReason.ControllerReset);
        }

        OnReset(now);
    }
}
