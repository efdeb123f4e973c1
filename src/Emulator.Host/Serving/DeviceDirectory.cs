using System.Net.Sockets;

namespace Emulator.Host.Serving;

/// <summary>The directory of a vfio-user device, in which SPDK makes a socket for the VM.</summary>
public static class DeviceDirectory
{
    /// <summary>The name that SPDK gives to the socket.</summary>
    public const string SocketName = "cntrl";

    /// <summary>Makes the directory, and takes away a socket that a process left there which is gone: SPDK would stumble over it.</summary>
    /// <exception cref="UserErrorException">The directory cannot be used, or another process serves a device there.</exception>
    public static void Prepare(string directory)
    {
        try
        {
            Directory.CreateDirectory(directory);
            string socket = Path.Combine(directory, SocketName);
            if (!File.Exists(socket))
                return;
            if (IsServed(socket))
                throw new UserErrorException($"another process serves a vfio-user device in {directory}");
            File.Delete(socket);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or SocketException)
        {
            throw new UserErrorException($"the directory {directory} of a vfio-user device cannot be used: {e.Message}");
        }
    }

    private static bool IsServed(string path)
    {
        using var probe = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            probe.Connect(new UnixDomainSocketEndPoint(path));
            return true;
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.ConnectionRefused)
        {
            return false;
        }
    }
}
