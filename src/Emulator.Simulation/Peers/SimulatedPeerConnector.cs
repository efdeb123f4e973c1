using Emulator.Core;
using Emulator.Device;
using Emulator.Migration;

namespace Emulator.Simulation;

/// <summary>
/// Connects a drive to another one in virtual time. Whoever owns the clock advances both drives; the destination's next
/// event is to be asked for itself, that of the connection is among those of the source.
/// </summary>
/// <param name="destination">Who is found at every address.</param>
public sealed class SimulatedPeerConnector(ISubsystem destination, SimulatedLink link) : IPeerConnector
{
    /// <summary>Connections that were begun.</summary>
    public int Connections { get; private set; }

    public bool IsAddress(PeerRequest request) => true;

    public IPeer Connect(SimTime now, PeerRequest request, IPeerSink sink)
    {
        Connections++;
        return new SimulatedPeer(now, request, destination, link, sink);
    }
}
