using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Emulator.Host.Configuration;

/// <summary>Addresses as they are written on the command line and in the file. Names are not looked up.</summary>
public static class EndpointText
{
    /// <summary>ADDRESS:PORT, an IPv6 address in brackets. Port 0 is any free port.</summary>
    /// <exception cref="FormatException">The text is no endpoint; the message says why.</exception>
    public static IPEndPoint ParseEndpoint(string text)
    {
        int colon = text.LastIndexOf(':');
        string address = colon < 0 ? "" : text[..colon];
        bool isBracketed = address.StartsWith('[') && address.EndsWith(']');
        if (isBracketed)
            address = address[1..^1];
        if (!TryParseAddress(address, out IPAddress? parsed)
            || isBracketed != (parsed.AddressFamily == AddressFamily.InterNetworkV6)
            || !ushort.TryParse(text[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out ushort port))
            throw new FormatException($"'{text}' is not an address and port such as 127.0.0.1:4420 or [::1]:4420");
        return new IPEndPoint(parsed, port);
    }

    /// <exception cref="FormatException">The text is no IP address.</exception>
    public static IPAddress ParseAddress(string text) => TryParseAddress(text, out IPAddress? address)
        ? address
        : throw new FormatException($"'{text}' is not an IP address such as 127.0.0.1 or ::1");

    // The framework also takes "1" and "127.1" for IPv4 addresses, which here are mistakes.
    private static bool TryParseAddress(
        string text, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out IPAddress? address) =>
        IPAddress.TryParse(text, out address)
        && (address.AddressFamily == AddressFamily.InterNetworkV6 || text.Count(c => c == '.') == 3);
}
