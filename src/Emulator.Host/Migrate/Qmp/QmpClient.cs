using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Emulator.Host.Migrate;

/// <summary>
/// A client of the QEMU Machine Protocol: one JSON object a line, commands answered in order, events in between. What the other
/// side sends is not trusted: lines have a longest length, and answers a latest time.
/// </summary>
internal sealed class QmpClient : IDisposable
{
    private const int MostLineBytes = 1 << 20;

    private static readonly string[] VersionParts = ["major", "minor", "micro"];

    private readonly Socket _socket;
    private readonly string _where;
    private readonly byte[] _received = new byte[64 * 1024];
    private readonly List<byte> _line = [];
    private readonly List<string> _events = [];
    private int _from;
    private int _to;

    private QmpClient(Socket socket, string where) => (_socket, _where) = (socket, where);

    /// <summary>Longest wait for an answer.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>QEMU's version, as it greets.</summary>
    public string Version { get; private set; } = "";

    /// <summary>Names of events since they were taken last.</summary>
    public IReadOnlyList<string> TakeEvents()
    {
        string[] taken = [.. _events];
        _events.Clear();
        return taken;
    }

    /// <summary>Connects and leaves the negotiation behind.</summary>
    /// <param name="address">Path of a socket, or HOST:PORT.</param>
    /// <exception cref="QmpException">Nobody there, or nobody who speaks QMP.</exception>
    public static QmpClient Connect(string address, TimeSpan? timeout = null)
    {
        Socket? socket = null;
        try
        {
            EndPoint endPoint = EndPointOf(address);
            socket = new Socket(
                endPoint.AddressFamily, SocketType.Stream,
                endPoint is UnixDomainSocketEndPoint ? ProtocolType.Unspecified : ProtocolType.Tcp);
            socket.Connect(endPoint);
            var client = new QmpClient(socket, address) { Timeout = timeout ?? TimeSpan.FromSeconds(5) };
            client.Negotiate();
            return client;
        }
        catch (Exception e) when (e is SocketException or ArgumentException)
        {
            socket?.Dispose();
            throw new QmpException($"QMP at {address}: {e.Message}");
        }
        catch
        {
            socket?.Dispose();
            throw;
        }
    }

    /// <summary>Executes a command and returns what it returns.</summary>
    /// <exception cref="QmpException">QEMU refused, or does not answer.</exception>
    public JsonElement Execute(string command, JsonObject? arguments = null)
    {
        var message = new JsonObject { ["execute"] = command };
        if (arguments != null)
            message["arguments"] = arguments;
        Send(message.ToJsonString() + "\n");
        long started = Stopwatch.GetTimestamp();
        while (true)
        {
            JsonElement answer = Parse(ReadLine(started));
            if (answer.TryGetProperty("event", out JsonElement name))
                _events.Add(name.ToString());
            else if (answer.TryGetProperty("return", out JsonElement result))
                return result;
            else if (answer.TryGetProperty("error", out JsonElement error))
                throw new QmpException($"QEMU at {_where} refuses {command}: {DescriptionOf(error)}");
            else
                throw NotQemu();
        }
    }

    public void Dispose() => _socket.Dispose();

    private void Negotiate()
    {
        JsonElement greeting = Parse(ReadLine(Stopwatch.GetTimestamp()));
        if (!greeting.TryGetProperty("QMP", out JsonElement qmp) || qmp.ValueKind != JsonValueKind.Object)
            throw NotQemu();
        Version = VersionOf(qmp);
        Execute("qmp_capabilities");
    }

    private static string VersionOf(JsonElement qmp) =>
        qmp.TryGetProperty("version", out JsonElement version) && version.ValueKind == JsonValueKind.Object
        && version.TryGetProperty("qemu", out JsonElement qemu) && qemu.ValueKind == JsonValueKind.Object
            ? string.Join('.', VersionParts.Select(part => qemu.TryGetProperty(part, out JsonElement number) ? number.ToString() : "?"))
            : "unknown";

    private static string DescriptionOf(JsonElement error) =>
        error.ValueKind == JsonValueKind.Object && error.TryGetProperty("desc", out JsonElement description)
            ? description.ToString().ReplaceLineEndings(" ")
            : error.ToString();

    private static EndPoint EndPointOf(string address)
    {
        int colon = address.LastIndexOf(':');
        if (address.Contains('/') || colon < 0)
            return new UnixDomainSocketEndPoint(address);
        if (!int.TryParse(address[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out int port) || port > IPEndPoint.MaxPort)
            throw new QmpException($"'{address}' is neither the path of a QMP socket nor HOST:PORT");
        string host = address[..colon].Trim('[', ']');
        return IPAddress.TryParse(host, out IPAddress? ip) ? new IPEndPoint(ip, port) : new IPEndPoint(Dns.GetHostAddresses(host)[0], port);
    }

    private void Send(string text)
    {
        try
        {
            _socket.Send(System.Text.Encoding.UTF8.GetBytes(text));
        }
        catch (SocketException e)
        {
            throw new QmpException($"QMP at {_where} is gone: {e.Message}");
        }
    }

    private JsonElement Parse(string line)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(line);
            if (document.RootElement.ValueKind == JsonValueKind.Object)
                return document.RootElement.Clone();
        }
        catch (JsonException)
        {
            // Told below.
        }

        throw NotQemu();
    }

    private string ReadLine(long since)
    {
        _line.Clear();
        while (true)
        {
            while (_from < _to)
            {
                byte next = _received[_from++];
                if (next == '\n')
                    return System.Text.Encoding.UTF8.GetString([.. _line]);
                _line.Add(next);
                if (_line.Count > MostLineBytes)
                    throw NotQemu();
            }

            Receive(Timeout - Stopwatch.GetElapsedTime(since));
        }
    }

    private void Receive(TimeSpan left)
    {
        try
        {
            if (left <= TimeSpan.Zero || !_socket.Poll(left, SelectMode.SelectRead))
                throw new QmpException($"QMP at {_where} says nothing for {Timeout.TotalSeconds.ToString(CultureInfo.InvariantCulture)} s: is it QEMU's, and nobody else connected?");
            _from = 0;
            _to = _socket.Receive(_received);
        }
        catch (SocketException e)
        {
            throw new QmpException($"QMP at {_where} is gone: {e.Message}");
        }

        if (_to == 0)
            throw new QmpException($"QMP at {_where} was closed by the other side");
    }

    private QmpException NotQemu() => new($"what is at {_where} does not speak QMP");
}
