using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Emulator.UnitTests.Host.Migrate;

/// <summary>
/// Somebody who answers at a socket as a script says: a line that begins with what was received, and what is sent for it.
/// </summary>
internal sealed class FakeQmp : IDisposable
{
    public const string Greeting =
        """{"QMP": {"version": {"qemu": {"micro": 22, "minor": 2, "major": 7}, "package": ""}, "capabilities": ["oob"]}}""";

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Func<string, string?> _answer;

    /// <param name="greeting">Sent at once; null for nothing.</param>
    /// <param name="answer">What is sent for a line; null closes the connection.</param>
    public FakeQmp(string? greeting, Func<string, string?> answer)
    {
        _answer = answer;
        _listener.Start();
        _ = Serve(greeting);
    }

    public string Address => _listener.LocalEndpoint.ToString()!;

    /// <summary>Lines that came.</summary>
    public List<string> Received { get; } = [];

    public void Dispose() => _listener.Stop();

    private async Task Serve(string? greeting)
    {
        try
        {
            using TcpClient client = await _listener.AcceptTcpClientAsync();
            await using NetworkStream stream = client.GetStream();
            using var reader = new StreamReader(stream);
            if (greeting != null)
                await stream.WriteAsync(Encoding.UTF8.GetBytes(greeting + "\r\n"));
            while (await reader.ReadLineAsync() is { } line)
            {
                lock (Received)
                    Received.Add(line);
                if (_answer(line) is not { } answer)
                    return;
                await stream.WriteAsync(Encoding.UTF8.GetBytes(answer));
            }
        }
        catch (Exception e) when (e is SocketException or IOException or ObjectDisposedException)
        {
            // The test is over.
        }
    }
}
