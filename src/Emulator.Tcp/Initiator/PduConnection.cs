using System.Net;
using System.Net.Sockets;
using Emulator.Wire;

namespace Emulator.Tcp;

/// <summary>
/// A bare connection to a target: any bytes out, PDUs in, no rules. What a host may not do is done with this. Blocking.
/// </summary>
public sealed class PduConnection : IDisposable
{
    /// <summary>A longer PDU than this is taken for a broken stream.</summary>
    private const uint LongestPdu = 64 << 20;

    private readonly Socket _socket;

    private PduConnection(Socket socket)
    {
        _socket = socket;
    }

    /// <param name="receiveBufferBytes">SO_RCVBUF; 0 for the system's choice.</param>
    public static PduConnection Open(IPEndPoint endPoint, TimeSpan timeout, int receiveBufferBytes = 0)
    {
        int milliseconds = (int)timeout.TotalMilliseconds;
        var socket = new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp)
        {
            NoDelay = true,
            SendTimeout = milliseconds,
            ReceiveTimeout = milliseconds,
        };
        if (receiveBufferBytes > 0)
            socket.ReceiveBufferSize = receiveBufferBytes;
        try
        {
            socket.Connect(endPoint);
            return new PduConnection(socket);
        }
        catch (SocketException failure)
        {
            socket.Dispose();
            throw new HostConnectionException($"cannot connect to {endPoint}: {failure.Message}", failure);
        }
    }

    /// <summary>Sends all bytes.</summary>
    /// <exception cref="HostConnectionException">The peer has closed, or takes nothing for too long.</exception>
    public void Send(ReadOnlySpan<byte> bytes)
    {
        try
        {
            while (bytes.Length > 0)
                bytes = bytes[_socket.Send(bytes)..];
        }
        catch (SocketException failure)
        {
            throw new HostConnectionException("cannot send: " + failure.Message, failure);
        }
    }

    /// <summary>Reads the next PDU.</summary>
    /// <returns>Null if the peer closed the connection before it.</returns>
    /// <exception cref="TimeoutException">Nothing came in time.</exception>
    public ReceivedPdu? Read()
    {
        byte[] header = new byte[CommonHeader.Size];
        if (!TryReadExactly(header))
            return null;
        uint length = WireStruct.Read<CommonHeader>(header).Plen;
        if (length is < CommonHeader.Size or > LongestPdu)
            throw new HostConnectionException($"a PDU has length {length}");
        byte[] pdu = new byte[length];
        header.CopyTo(pdu, 0);
        return TryReadExactly(pdu.AsSpan(CommonHeader.Size)) ? new ReceivedPdu(pdu) : null;
    }

    /// <summary>Tells the peer that nothing more comes, and goes on receiving.</summary>
    public void EndSending() => _socket.Shutdown(SocketShutdown.Send);

    /// <summary>Closes with a reset instead of an orderly end.</summary>
    public void Reset()
    {
        _socket.LingerState = new LingerOption(true, 0);
        _socket.Close();
    }

    public void Dispose() => _socket.Dispose();

    private bool TryReadExactly(Span<byte> into)
    {
        try
        {
            while (into.Length > 0)
            {
                int received = _socket.Receive(into);
                if (received == 0)
                    return false;
                into = into[received..];
            }

            return true;
        }
        catch (SocketException failure) when (failure.SocketErrorCode is SocketError.TimedOut or SocketError.WouldBlock)
        {
            throw new TimeoutException("the peer sent nothing in time", failure);
        }
        catch (SocketException failure) when (failure.SocketErrorCode == SocketError.ConnectionReset)
        {
            return false;
        }
    }
}
