using Emulator.Ftl;

namespace Emulator.Host.Configuration;

/// <summary>The names of compression methods.</summary>
public static class CompressionText
{
    private static readonly string[] Names = ["none", "lz4", "zstd"];

    /// <exception cref="FormatException">There is no such method.</exception>
    public static CompressionKind Parse(string text)
    {
        int kind = Array.IndexOf(Names, text);
        return kind >= 0
            ? (CompressionKind)kind
            : throw new FormatException($"'{text}' is not a compression; there are {string.Join(", ", Names)}");
    }
}
