using System.Collections.Concurrent;
using Emulator.Device;
using Emulator.Wire;

namespace Emulator.ConformanceTests;

/// <summary>Remembers what a target would log.</summary>
public sealed class RecordingObserver : ITargetObserver
{
    /// <summary>One line for each thing that happened.</summary>
    public ConcurrentQueue<string> Events { get; } = new();

    public ConcurrentQueue<Exception> Faults { get; } = new();

    public void QueueConnected(string peer, QueuePair queue, string subsystem) =>
        Events.Enqueue($"{peer} queue {queue.Id} of controller {queue.Controller.Id} connected");

    public void ConnectRefused(string peer, string subsystem, string host, Status status) =>
        Events.Enqueue($"{peer} refused: {status}");

    public void ConnectionClosed(string peer, QueuePair? queue, string reason) =>
        Events.Enqueue($"{peer} closed: {reason}");

    public void ProtocolViolated(string peer, FatalErrorStatus status, string what) =>
        Events.Enqueue($"{peer} violated: {status}, {what}");

    public void FirmwareFault(string subsystem, Exception fault) => Faults.Enqueue(fault);
}
