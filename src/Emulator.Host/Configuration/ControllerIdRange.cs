using System.Globalization;

namespace Emulator.Host.Configuration;

/// <summary>CNTLIDs that a drive gives out, written FIRST-LAST, both inclusive.</summary>
public readonly record struct ControllerIdRange(ushort First, ushort Last)
{
    public bool Overlaps(ControllerIdRange other) => First <= other.Last && other.First <= Last;

    /// <exception cref="FormatException">The text is no range; the message says why.</exception>
    public static ControllerIdRange Parse(string text)
    {
        string[] ends = text.Split('-');
        if (ends.Length != 2 || !TryParseId(ends[0], out ushort first) || !TryParseId(ends[1], out ushort last))
            throw new FormatException($"'{text}' is not a range FIRST-LAST such as 1-255");
        return new ControllerIdRange(first, last);
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{First}-{Last}");

    private static bool TryParseId(string text, out ushort id) =>
        ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out id);
}
