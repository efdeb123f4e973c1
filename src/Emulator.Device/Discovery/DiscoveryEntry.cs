using System.Globalization;
using Emulator.Wire;

namespace Emulator.Device;

/// <summary>One subsystem at one address, as the Discovery log page tells of it (Base 2.1, 5.1.12.3.1).</summary>
/// <param name="SubsystemNqn">Its NQN; that of the discovery service for an address of the service itself.</param>
/// <param name="Family">IPv4 or IPv6.</param>
/// <param name="Address">The address as text.</param>
/// <param name="Port">TCP port, or that of RDMA.</param>
/// <param name="PortId">Identifies the address among those of a subsystem; equal for subsystems behind one address.</param>
public sealed record DiscoveryEntry(string SubsystemNqn, AddressFamily Family, string Address, int Port, ushort PortId)
{
    /// <summary>By which transport the address is reached.</summary>
    public TransportType Transport { get; init; } = TransportType.Tcp;

    /// <summary>TREQ: no secure channel is required, and SQ flow control can be disabled.</summary>
    private const byte NoSecureChannelAndNoFlowControl = 0b110;

    /// <summary>EFLAGS: the service tells the same at each of its addresses, and keeps connections that ask for it.</summary>
    private const ushort SameEverywhereAndPersistent = 0b11;

    internal DiscoveryLogEntry ToWire()
    {
        bool isDiscovery = SubsystemNqn == DiscoverySubsystem.WellKnownNqn;
        var entry = new DiscoveryLogEntry
        {
            Trtype = Transport,
            Adrfam = Family,
            Subtype = isDiscovery ? SubsystemType.CurrentDiscovery : SubsystemType.Nvm,
            Treq = NoSecureChannelAndNoFlowControl,
            Portid = PortId,
            Cntlid = ConnectData.AnyDynamicController,
            Asqsz = ConnectRules.AdminQueueEntries,
            Eflags = isDiscovery ? SameEverywhereAndPersistent : (ushort)0,
        };
        TextField.WritePadded(entry.Trsvcid, Port.ToString(CultureInfo.InvariantCulture));
        TextField.WritePadded(entry.Traddr, Address);
        TextField.TryWriteTerminated(entry.Subnqn, SubsystemNqn);
        return entry;
    }
}
