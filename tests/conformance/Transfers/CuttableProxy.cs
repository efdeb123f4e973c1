using System.Net;
using System.Net.Sockets;

namespace Emulator.ConformanceTests.Transfers;

/// <summary>A link between two processes: forwards connections to whoever is the target now, until it is cut.</summary>
internal sealed class CuttableProxy : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly List<Socket> _sockets = [];
    private bool _isUp = true;

    public CuttableProxy()
    {
        _listener.Start();
        _ = Accept();
    }

    public IPEndPoint EndPoint => (IPEndPoint)_listener.LocalEndpoint;

    /// <summary>Null while there is nobody.</summary>
    public IPEndPoint? Target { get; set; }

    /// <summary>Connections that came through.</summary>
    public int Connections { get; private set; }

    /// <summary>Breaks every connection, and lets none through any more.</summary>
    public void Cut()
    {
        lock (_sockets)
        {
            _isUp = false;
            foreach (Socket socket in _sockets)
            {
                socket.LingerState = new LingerOption(true, 0);
                socket.Close();
            }

            _sockets.Clear();
        }
    }

    public void Restore()
    {
        lock (_sockets)
            _isUp = true;
    }

    public void Dispose()
    {
        _listener.Stop();
        Cut();
    }

    private async Task Accept()
    {
        try
        {
            while (true)
            {
                Socket near = await _listener.AcceptSocketAsync();
                _ = Forward(near);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private async Task Forward(Socket near)
    {
        var far = new Socket(SocketType.Stream, ProtocolType.Tcp);
        try
        {
            lock (_sockets)
            {
                if (!_isUp || Target == null)
                    throw new SocketException((int)SocketError.NetworkDown);
                _sockets.AddRange([near, far]);
                Connections++;
            }

            near.NoDelay = far.NoDelay = true;
            await far.ConnectAsync(Target);
            await Task.WhenAny(Pump(near, far), Pump(far, near));
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Cut, or the process behind it is gone.
        }
        finally
        {
            lock (_sockets)
                _sockets.RemoveAll(socket => socket == near || socket == far);
            near.Dispose();
            far.Dispose();
        }
    }

    private static async Task Pump(Socket from, Socket to)
    {
        byte[] buffer = new byte[256 * 1024];
        while (await from.ReceiveAsync(buffer) is var received and > 0)
        {
            for (int sent = 0; sent < received;)
                sent += await to.SendAsync(buffer.AsMemory(sent, received - sent));
        }
    }
}
