using Emulator.Wire;

namespace Emulator.Device;

/// <summary>
/// Hears of what is worth a line in a log. Called on the reactor's thread, never on the path of a command: an
/// implementation must not block.
/// </summary>
public interface ITargetObserver
{
    /// <summary>A queue was connected.</summary>
    void QueueConnected(string peer, QueuePair queue, string subsystem);

    /// <summary>A Connect command was refused.</summary>
    void ConnectRefused(string peer, string subsystem, string host, Status status);

    /// <summary>A connection is over; <paramref name="queue"/> is null if none was ever connected on it.</summary>
    void ConnectionClosed(string peer, QueuePair? queue, string reason);

    /// <summary>The peer broke a rule of the transport: the connection ends with a terminate request.</summary>
    void ProtocolViolated(string peer, FatalErrorStatus status, string what);

    /// <summary>An invariant of the firmware is broken; <paramref name="subsystem"/> stands still.</summary>
    void FirmwareFault(string subsystem, Exception fault);
}
