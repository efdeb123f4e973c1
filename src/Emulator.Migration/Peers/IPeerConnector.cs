using Emulator.Core;

namespace Emulator.Migration;

/// <summary>Makes connections to other drives. Drives are given one; whoever owns them knows how.</summary>
public interface IPeerConnector
{
    /// <summary>Whether an address is one that this connector could connect to; nothing is sent.</summary>
    bool IsAddress(PeerRequest request);

    /// <summary>Begins to connect, and returns at once.</summary>
    IPeer Connect(SimTime now, PeerRequest request, IPeerSink sink);
}

/// <summary>Whom to connect to, as whom, and with what.</summary>
public sealed record PeerRequest
{
    /// <summary>Address in the form of the transport; an IP address for TCP.</summary>
    public required string Address { get; init; }

    /// <summary>Service in the form of the transport; a port number for TCP.</summary>
    public required string Service { get; init; }

    public required string SubsystemNqn { get; init; }

    public required string HostNqn { get; init; }

    public required UInt128 HostId { get; init; }

    public int IoQueues { get; init; } = 2;

    /// <summary>Commands that can be outstanding on an I/O queue.</summary>
    public int Depth { get; init; } = 16;

    /// <summary>Bytes of the buffer of each command of an I/O queue.</summary>
    public int CommandBytes { get; init; } = 128 * 1024;

    /// <summary>KATO: the controller there gives the association up when it hears nothing for so long.</summary>
    public SimDuration KeepAlive { get; init; } = SimDuration.FromSeconds(10);
}
