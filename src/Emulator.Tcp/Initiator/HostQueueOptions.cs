using System.Net;
using Emulator.Wire;

namespace Emulator.Tcp;

/// <summary>Who the host is and whom it connects to; shared by all queues of an association.</summary>
public sealed record HostOptions
{
    public required IPEndPoint EndPoint { get; init; }

    public required string SubsystemNqn { get; init; }

    public string HostNqn { get; init; } = "nqn.2026-11.io.emulator:initiator";

    /// <summary>HOSTID; the same one makes the associations of one host.</summary>
    public UInt128 HostId { get; init; } = 1;

    /// <summary>Digests to ask for.</summary>
    public PduDigests Digests { get; init; }

    /// <summary>CATTR bit 2: no submission queue head is reported, and reads may end without a response capsule.</summary>
    public bool DisableFlowControl { get; init; }

    /// <summary>KATO; zero is no keep-alive timer.</summary>
    public TimeSpan KeepAliveTimeout { get; init; }

    /// <summary>Commands that can be outstanding on the admin queue; one more is the size of the queue.</summary>
    public int AdminDepth { get; init; } = 31;

    /// <summary>Bytes of the buffer of each command of the admin queue: its longest transfer.</summary>
    public int AdminBufferBytes { get; init; } = 64 * 1024;

    /// <summary>Commands that can be outstanding on an I/O queue; one more is the size of the queue.</summary>
    public int IoDepth { get; init; } = 127;

    /// <summary>Bytes of the buffer of each command of an I/O queue: its longest transfer.</summary>
    public int IoBufferBytes { get; init; } = 128 * 1024;

    /// <summary>
    /// Closing a connection discards what the other side has not received, so that nothing of it is done later.
    /// </summary>
    public bool ResetsOnClose { get; init; }

    /// <summary>Longest wait of the synchronous calls.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(10);
}

/// <summary>What one queue is made with.</summary>
public sealed record HostQueueOptions
{
    /// <summary>0 for the admin queue.</summary>
    public required ushort QueueId { get; init; }

    /// <summary>CNTLID to ask for: that of the association for an I/O queue.</summary>
    public ushort ControllerId { get; init; } = ConnectData.AnyDynamicController;

    /// <summary>Commands that can be outstanding, 1 to <see cref="HostQueue.MaximumDepth"/>.</summary>
    public required int Depth { get; init; }

    /// <summary>Bytes of the buffer of each command: the longest transfer.</summary>
    public required int BufferBytes { get; init; }

    /// <summary>Data up to this length goes in the capsule: 8192 on the admin queue, IOCCSZ decides for the others.</summary>
    public required int InCapsuleDataBytes { get; init; }
}
