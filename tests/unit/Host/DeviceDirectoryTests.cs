using System.Net.Sockets;
using Emulator.Host;
using Emulator.Host.Serving;

namespace Emulator.UnitTests.Host;

public sealed class DeviceDirectoryTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("emulator-").FullName;

    private string Device => Path.Combine(_root, "drive0");

    private string SocketPath => Path.Combine(Device, DeviceDirectory.SocketName);

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void A_directory_that_is_not_there_is_made()
    {
        DeviceDirectory.Prepare(Device);

        Assert.True(Directory.Exists(Device));
    }

    [Fact]
    public void The_socket_of_a_process_that_died_is_taken_away()
    {
        DeviceDirectory.Prepare(Device);
        // A socket that goes takes its file along, but under the name that it was bound to: this one stays, as of a process that is killed.
        using (Listen("another"))
            File.Move(Path.Combine(Device, "another"), SocketPath);
        Assert.True(File.Exists(SocketPath));

        DeviceDirectory.Prepare(Device);

        Assert.False(File.Exists(SocketPath));
    }

    [Fact]
    public void A_device_that_another_process_serves_is_left_alone()
    {
        DeviceDirectory.Prepare(Device);
        using Socket listening = Listen(DeviceDirectory.SocketName);

        UserErrorException e = Assert.Throws<UserErrorException>(() => DeviceDirectory.Prepare(Device));

        Assert.Contains("another process", e.Message);
        Assert.True(File.Exists(SocketPath));
    }

    [Fact]
    public void A_file_in_the_place_of_the_directory_is_said()
    {
        File.WriteAllText(Device, "");

        Assert.Contains(Device, Assert.Throws<UserErrorException>(() => DeviceDirectory.Prepare(Device)).Message);
    }

    private Socket Listen(string name)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(Path.Combine(Device, name)));
        socket.Listen();
        return socket;
    }
}
