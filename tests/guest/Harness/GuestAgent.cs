using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;

namespace Emulator.GuestTests.Harness;

/// <summary>
/// The host's side of the QEMU guest agent: JSON requests and answers, a line each, over the socket behind the guest's
/// virtio port.
/// </summary>
internal sealed class GuestAgent : IDisposable
{
    private readonly Socket _socket;
    private readonly List<byte> _received = [];
    private readonly byte[] _chunk = new byte[64 * 1024];

    private GuestAgent(Socket socket) => _socket = socket;

    /// <summary>Connects, and waits until the agent in the guest answers: it starts at the end of the boot.</summary>
    public static GuestAgent Connect(string socketPath, TimeSpan patience, Action giveUpIfDead)
    {
        DateTime deadline = DateTime.UtcNow + patience;
        while (!File.Exists(socketPath))
        {
            giveUpIfDead();
            if (DateTime.UtcNow > deadline) throw new TimeoutException($"QEMU made no socket {socketPath}.");
            Thread.Sleep(10);
        }

        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Connect(new UnixDomainSocketEndPoint(socketPath));
        var agent = new GuestAgent(socket);
        for (int attempt = 1; !agent.Synchronize(attempt); attempt++)
        {
            giveUpIfDead();
            if (DateTime.UtcNow > deadline) throw new TimeoutException("The guest agent does not answer.");
        }

        return agent;
    }

    /// <summary>Executes a command of the agent's protocol and returns the value that it answers with.</summary>
    public JsonNode? Execute(string command, JsonObject? arguments = null)
    {
        var request = new JsonObject { ["execute"] = command };
        if (arguments is not null) request["arguments"] = arguments;
        Send(request);

        JsonNode answer = Receive(TimeSpan.FromSeconds(30))
            ?? throw new TimeoutException($"The guest agent does not answer {command}.");
        if (answer["error"] is { } error) throw new InvalidOperationException($"{command}: {error.ToJsonString()}");
        return answer["return"];
    }

    public void Dispose() => _socket.Dispose();

    // Answers to earlier attempts may still be under way, so an answer counts only with this attempt's number.
    private bool Synchronize(int attempt)
    {
        Send(new JsonObject { ["execute"] = "guest-sync", ["arguments"] = new JsonObject { ["id"] = attempt } });
        while (Receive(TimeSpan.FromMilliseconds(200)) is { } answer)
        {
            if (answer["return"] is JsonValue value && value.TryGetValue(out int id) && id == attempt) return true;
        }

        return false;
    }

    private void Send(JsonObject request) => _socket.Send(Encoding.UTF8.GetBytes(request.ToJsonString() + "\n"));

    private JsonNode? Receive(TimeSpan patience)
    {
        DateTime deadline = DateTime.UtcNow + patience;
        while (true)
        {
            int end = _received.IndexOf((byte)'\n');
            if (end >= 0)
            {
                byte[] line = [.. _received.Take(end)];
                _received.RemoveRange(0, end + 1);
                return JsonNode.Parse(line);
            }

            TimeSpan left = deadline - DateTime.UtcNow;
            if (left <= TimeSpan.Zero || !_socket.Poll(left, SelectMode.SelectRead)) return null;
            int count = _socket.Receive(_chunk);
            if (count == 0) throw new IOException("QEMU closed the connection to the guest agent.");
            _received.AddRange(_chunk.AsSpan(0, count));
        }
    }
}
