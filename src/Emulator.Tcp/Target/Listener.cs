using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Emulator.Tcp;

/// <summary>A listening socket. The framework's own does the binding, since its errors say best what is wrong.</summary>
internal sealed class Listener : IDisposable
{
    private const int Backlog = 128;
    private readonly Socket _socket;

    /// <exception cref="ListenException">The address is in use, or is not one of this machine.</exception>
    public Listener(IPEndPoint address)
    {
        try
        {
            _socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            if (address.AddressFamily == AddressFamily.InterNetworkV6)
                _socket.DualMode = false;
            // Takes a port over that is in TIME_WAIT. The option ReuseAddress would let two processes share it besides.
            _socket.Bind(address);
            _socket.Listen(Backlog);
            _socket.Blocking = false;
        }
        catch (SocketException e)
        {
            _socket?.Dispose();
            throw new ListenException(address, e);
        }
    }

    /// <summary>The address with the port that was given to it.</summary>
    public IPEndPoint Address => (IPEndPoint)_socket.LocalEndPoint!;

    public int FileDescriptor => (int)_socket.Handle;

    public unsafe bool TryAccept(out int fd, out string peer)
    {
        const int tcp = 6;
        const int tcpNoDelay = 1;
        byte* address = stackalloc byte[SocketAddressBytes];
        int length = SocketAddressBytes;
        fd = Libc.Accept(FileDescriptor, address, &length, Libc.SockNonBlock | Libc.SockCloseOnExec);
        peer = fd < 0 ? "" : Describe(new ReadOnlySpan<byte>(address, length));
        if (fd < 0)
            return false;

        int on = 1;
        _ = Libc.SetSocketOption(fd, tcp, tcpNoDelay, &on, sizeof(int));
        return true;
    }

    public void Dispose() => _socket.Dispose();

    private const int SocketAddressBytes = 128;

    /// <summary>struct sockaddr_in or sockaddr_in6: port in network order at 2, address at 4 or 8.</summary>
    private static string Describe(ReadOnlySpan<byte> address)
    {
        bool isV6 = MemoryMarshal.Read<ushort>(address) == (ushort)AddressFamilyV6;
        var ip = new IPAddress(isV6 ? address.Slice(8, 16) : address.Slice(4, 4));
        return new IPEndPoint(ip, (address[2] << 8) | address[3]).ToString();
    }

    private const int AddressFamilyV6 = 10;
}
