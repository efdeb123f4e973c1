using Emulator.Wire;

namespace Emulator.Device;

/// <summary>
/// The transport's end of a queue pair, through which the drive speaks without being asked. The drive calls it from
/// within a call made to the drive, on the thread that owns both.
/// </summary>
public interface IQueueEndpoint
{
    /// <summary>Posts the completion of a command that was <see cref="OutcomeKind.Pending"/>.</summary>
    void Complete(ushort commandId, in CommandOutcome outcome);

    /// <summary>
    /// The buffer of a command that was <see cref="OutcomeKind.Pending"/>, as it was submitted with it; empty if it has none,
    /// or its data is not at hand any more.
    /// </summary>
    Span<byte> DataOf(ushort commandId) => default;

    /// <summary>
    /// The queue is gone: the transport closes the connection when the completions handed to it so far are sent. The
    /// drive has already forgotten the queue and expects no <see cref="FabricsController.Disconnect"/> for it.
    /// </summary>
    void Close(CloseReason reason);

    /// <summary>
    /// How the transport is connected: type, digests, alignments and the longest PDU with data; what the drive knows itself is 0.
    /// </summary>
    TransportQueueState Connection => default;

    /// <summary>
    /// What the front door keeps of the controller in place of the drive, as it is now; null where it keeps nothing.
    /// </summary>
    DoorSettings? Settings => null;
}

/// <summary>Settings of a controller that the front door keeps itself, because it answers the commands that set them.</summary>
/// <param name="Registers">CAP, VS, CC and CSTS as the host reads them.</param>
/// <param name="KeepAliveMilliseconds">KATO, 0 for no timer.</param>
/// <param name="IoQueues">Queues that the host was granted, 0 if it did not ask.</param>
/// <param name="MaxTransferBytes">The longest transfer of a command.</param>
public readonly record struct DoorSettings(
    ControllerRegisters Registers, uint KeepAliveMilliseconds, ushort IoQueues, int MaxTransferBytes);

/// <summary>Why the drive gave up a queue; for the log.</summary>
public enum CloseReason
{
    /// <summary>The host asked for it with a Disconnect command.</summary>
    Disconnected,

    /// <summary>The keep-alive timer ran out.</summary>
    KeepAliveExpired,

    /// <summary>The admin queue of the association is gone.</summary>
    AssociationLost,

    /// <summary>The controller was reset, or shut down and its host left.</summary>
    ControllerReset,

    /// <summary>The firmware found an invariant broken; the whole drive stands still.</summary>
    FirmwareFault,

    /// <summary>The drive lost its power.</summary>
    PowerLost,
}
