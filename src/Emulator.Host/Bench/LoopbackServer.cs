using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Emulator.Host.Bench;

/// <summary>A program that listens on a port of the loopback interface for as long as a measurement takes.</summary>
internal static class LoopbackServer
{
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(30);

    /// <summary>An address that nobody listens at now.</summary>
    public static IPEndPoint FreeAddress()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return (IPEndPoint)listener.LocalEndpoint;
    }

    /// <param name="name">What is said not to have started.</param>
    /// <exception cref="UserErrorException">The process ended, or took 30 s and does not listen yet.</exception>
    public static void WaitUntilListening(Process process, IPEndPoint address, string name)
    {
        long start = Stopwatch.GetTimestamp();
        while (true)
        {
            try
            {
                using var probe = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
                probe.Connect(address);
                return;
            }
            catch (SocketException) when (!process.HasExited && Stopwatch.GetElapsedTime(start) < StartTimeout)
            {
                Thread.Sleep(50);
            }
            catch (SocketException)
            {
                throw new UserErrorException($"{name} did not start at {address}");
            }
        }
    }
}
