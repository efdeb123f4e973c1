using Emulator.Device;
using Emulator.Wire;
using Microsoft.Extensions.Logging;

namespace Emulator.Host.Serving;

/// <summary>Writes what a target reports into the log.</summary>
public sealed class TargetLog(ILogger<TargetLog> log) : ITargetObserver
{
    public void QueueConnected(string peer, QueuePair queue, string subsystem)
    {
        if (queue.IsAdmin)
        {
            log.LogInformation(
                "{Host} at {Peer} connected to {Subsystem} as controller {Controller}",
                queue.Controller.Host.Nqn, peer, subsystem, queue.Controller.Id);
        }
        else
        {
            log.LogDebug(
                "{Peer} connected queue {Queue} of controller {Controller}, {Entries} entries",
                peer, queue.Id, queue.Controller.Id, queue.Entries);
        }
    }

    public void ConnectRefused(string peer, string subsystem, string host, Status status) =>
        log.LogWarning("{Host} at {Peer} may not connect to {Subsystem}: {Status}", host, peer, subsystem, status);

    public void ConnectionClosed(string peer, QueuePair? queue, string reason)
    {
        if (queue is { IsAdmin: true })
        {
            log.LogInformation(
                "{Host} at {Peer} left controller {Controller}: {Reason}",
                queue.Controller.Host.Nqn, peer, queue.Controller.Id, reason);
        }
        else
        {
            log.LogDebug("connection of {Peer} is over: {Reason}", peer, reason);
        }
    }

    public void ProtocolViolated(string peer, FatalErrorStatus status, string what) =>
        log.LogWarning("{Peer} broke the protocol, {Status}: {What}", peer, status, what);

    public void FirmwareFault(string subsystem, Exception fault) =>
        log.LogCritical(fault, "{Subsystem} stands still after a fault in its firmware", subsystem);
}
