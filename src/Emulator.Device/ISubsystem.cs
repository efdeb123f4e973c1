using Emulator.Core;
using Emulator.Wire;

namespace Emulator.Device;

/// <summary>What a host can connect to by name: an NVM subsystem or the discovery service.</summary>
public interface ISubsystem
{
    /// <summary>The NVMe Qualified Name that a Connect command names.</summary>
    string Nqn { get; }

    /// <summary>Longest transfer of one command in bytes, a power of two from 4096 (MDTS).</summary>
    int MaxTransferBytes { get; }

    /// <summary>Data that a capsule of an I/O queue may carry, in bytes (IOCCSZ).</summary>
    int InCapsuleDataBytes { get; }

    /// <summary>When <see cref="Advance"/> wants to be called next; <see cref="SimTime.Never"/> when nothing is due.</summary>
    SimTime NextEvent { get; }

    /// <summary>
    /// Carries out a Connect command (Base 2.1, 6.3): a new controller for the admin queue, a further queue of an
    /// existing controller otherwise.
    /// </summary>
    ConnectOutcome Connect(SimTime now, in ConnectCommand command, in ConnectData data, IQueueEndpoint endpoint);

    /// <summary>Does what is due at <paramref name="now"/>: keep-alive timers and work in the background.</summary>
    void Advance(SimTime now);

    /// <summary>
    /// An invariant of the firmware is broken: every controller reports CSTS.CFS, loses its connections, and no new one
    /// is made.
    /// </summary>
    void Fault(SimTime now);
}

/// <summary>The answer to a Connect command. <see cref="Queue"/> is null unless it succeeded.</summary>
/// <param name="Status">The status of the completion.</param>
/// <param name="Dw0">The controller identifier, or where the invalid parameter is.</param>
/// <param name="Queue">The queue that was made.</param>
public readonly record struct ConnectOutcome(Status Status, uint Dw0, QueuePair? Queue)
{
    /// <summary>Connect Invalid Parameters, naming the field (Base 2.1, 6.3, figure of the response).</summary>
    /// <param name="offset">Byte offset of the field.</param>
    /// <param name="inData">Whether the offset is in the data rather than in the command.</param>
    public static ConnectOutcome InvalidParameter(int offset, bool inData) =>
        new(Status.ConnectInvalidParameters.WithDoNotRetry(), (uint)offset | (inData ? 1u << 16 : 0), null);

    public static ConnectOutcome Refused(Status status) => new(status, 0, null);
}
