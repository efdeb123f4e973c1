using System.Net;
using System.Net.Sockets;

namespace Emulator.Tcp;

/// <summary>An address cannot be listened on: it is in use, not one of this machine, or not permitted.</summary>
public sealed class ListenException(IPEndPoint address, SocketException cause)
    : IOException($"cannot listen on {address}: {cause.Message}", cause);
