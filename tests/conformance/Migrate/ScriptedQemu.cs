using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace Emulator.ConformanceTests.Migrate;

/// <summary>
/// The monitor of a QEMU: a socket that greets, answers in order and tells events in between, for one client at a time, as version
/// 7.2 does. What it answers is up to whoever made it.
/// </summary>
internal sealed class ScriptedQemu : IDisposable
{
    private const string Greeting =
        """{"QMP": {"version": {"qemu": {"micro": 22, "minor": 2, "major": 7}, "package": "scripted"}, "capabilities": ["oob"]}}""";

    private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly Func<string, JsonElement, IReadOnlyList<string>?> _answer;
    private readonly Thread _thread;
    private Socket? _client;
    private volatile bool _isGone;

    /// <param name="path">Of the socket.</param>
    /// <param name="answer">Lines for a command and its arguments, events first; null ends the process.</param>
    public ScriptedQemu(string path, Func<string, JsonElement, IReadOnlyList<string>?> answer)
    {
        _answer = answer;
        Address = path;
        _listener.Bind(new UnixDomainSocketEndPoint(path));
        _listener.Listen();
        _thread = new Thread(Serve) { IsBackground = true };
        _thread.Start();
    }

    public string Address { get; }

    /// <summary>The process ends, with its socket.</summary>
    public void Die()
    {
        _isGone = true;
        File.Delete(Address);
        _listener.Dispose();
        _client?.Dispose();
    }

    public void Dispose()
    {
        if (!_isGone)
            Die();
        _thread.Join();
    }

    private void Serve()
    {
        while (!_isGone)
        {
            try
            {
                using Socket client = _client = _listener.Accept();
                using var stream = new NetworkStream(client);
                using var reader = new StreamReader(stream);
                Tell(stream, [Greeting]);
                while (reader.ReadLine() is { } line)
                {
                    using JsonDocument message = JsonDocument.Parse(line);
                    JsonElement root = message.RootElement;
                    string command = root.GetProperty("execute").GetString()!;
                    root.TryGetProperty("arguments", out JsonElement arguments);
                    IReadOnlyList<string>? lines = command == "qmp_capabilities" ? ["""{"return": {}}"""] : _answer(command, arguments);
                    if (lines == null)
                    {
                        Die();
                        return;
                    }

                    Tell(stream, lines);
                }
            }
            catch (Exception e) when (e is SocketException or IOException or ObjectDisposedException)
            {
                // The client is gone, or this is.
            }
        }
    }

    private static void Tell(NetworkStream stream, IEnumerable<string> lines) =>
        stream.Write(Encoding.UTF8.GetBytes(string.Concat(lines.Select(line => line + "\r\n"))));
}
