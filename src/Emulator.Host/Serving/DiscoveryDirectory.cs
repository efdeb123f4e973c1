using System.Net;
using System.Net.NetworkInformation;
using Emulator.Device;
using Emulator.Wire;
using NetFamily = System.Net.Sockets.AddressFamily;
using WireFamily = Emulator.Wire.AddressFamily;

namespace Emulator.Host.Serving;

/// <summary>Writes the entries of the discovery log page: which subsystem is behind which address of this process.</summary>
public static class DiscoveryDirectory
{
    /// <param name="listeners">Every listener with the address it got, and the subsystems that it serves.</param>
    public static IReadOnlyList<DiscoveryEntry> Entries(IEnumerable<ServedListener> listeners)
    {
        var entries = new List<DiscoveryEntry>();
        ushort portId = 0;
        foreach (ServedListener listener in listeners)
        {
            foreach (IPAddress address in AdvertisedAddresses(listener))
            {
                portId++;
                entries.AddRange(listener.Subsystems.Select(nqn => Entry(nqn, listener, address, portId)));
            }
        }

        return entries;
    }

    private static DiscoveryEntry Entry(string nqn, ServedListener listener, IPAddress address, ushort portId) => new(
        nqn,
        address.AddressFamily == NetFamily.InterNetworkV6 ? WireFamily.Ipv6 : WireFamily.Ipv4,
        address.ToString(),
        listener.EndPoint.Port,
        portId)
    {
        Transport = listener.Transport,
    };

    private static IEnumerable<IPAddress> AdvertisedAddresses(ServedListener listener)
    {
        if (listener.Advertised != null)
            return [listener.Advertised];
        IPAddress address = listener.EndPoint.Address;
        return address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any)
            ? MachineAddresses(address.AddressFamily)
            : [address];
    }

    // A host cannot connect to "any address": it is told those that other machines reach, or else the loopback.
    private static IPAddress[] MachineAddresses(NetFamily family)
    {
        IPAddress[] found =
        [
            .. NetworkInterface.GetAllNetworkInterfaces()
                .Where(card => card.OperationalStatus == OperationalStatus.Up)
                .SelectMany(card => card.GetIPProperties().UnicastAddresses)
                .Select(unicast => unicast.Address)
                .Where(a => a.AddressFamily == family && !IPAddress.IsLoopback(a) && !a.IsIPv6LinkLocal),
        ];
        return found.Length > 0 ? found : [family == NetFamily.InterNetworkV6 ? IPAddress.IPv6Loopback : IPAddress.Loopback];
    }
}

/// <summary>A listener that has its address.</summary>
/// <param name="EndPoint">With the port that was given out.</param>
/// <param name="Advertised">What hosts are told instead of that address; null for the address itself.</param>
/// <param name="Subsystems">NQNs that can be connected to there.</param>
public sealed record ServedListener(IPEndPoint EndPoint, IPAddress? Advertised, IReadOnlyList<string> Subsystems)
{
    public TransportType Transport { get; init; } = TransportType.Tcp;
}
