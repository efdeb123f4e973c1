using System.Globalization;
using System.Net;
using Emulator.Core;
using Emulator.Migration;

namespace Emulator.Tcp;

/// <summary>Connects drives to others over NVMe/TCP. Belongs to no thread.</summary>
public sealed class TcpPeerConnector : IPeerConnector
{
    public bool IsAddress(PeerRequest request) => TryParse(request, out _);

    public IPeer Connect(SimTime now, PeerRequest request, IPeerSink sink)
    {
        Check.That(TryParse(request, out IPEndPoint address));
        return new TcpPeer(now, request, address, sink);
    }

    private static bool TryParse(PeerRequest request, out IPEndPoint address)
    {
        bool isAddress = IPAddress.TryParse(request.Address, out IPAddress? ip);
        bool isPort = ushort.TryParse(request.Service, NumberStyles.None, CultureInfo.InvariantCulture, out ushort port) && port != 0;
        address = new IPEndPoint(ip ?? IPAddress.None, port);
        return isAddress && isPort;
    }
}
