using System.Globalization;

namespace Emulator.Host.Configuration;

/// <summary>A number of bytes as people write it: 1GiB, 512 MiB, 4096.</summary>
public readonly record struct ByteSize(long Bytes)
{
    private static readonly (string Name, int Shift)[] Units =
        [("TiB", 40), ("GiB", 30), ("MiB", 20), ("KiB", 10), ("B", 0), ("", 0)];

    /// <exception cref="FormatException">The text is no size; the message says why.</exception>
    public static ByteSize Parse(string text)
    {
        int digits = 0;
        while (digits < text.Length && char.IsAsciiDigit(text[digits]))
            digits++;
        string unit = text[digits..].Trim();
        if (digits == 0)
            throw new FormatException($"'{text}' is not a size such as 1GiB, 512MiB or 4096");

        foreach ((string name, int shift) in Units)
        {
            if (!unit.Equals(name, StringComparison.OrdinalIgnoreCase))
                continue;
            if (!long.TryParse(text[..digits], CultureInfo.InvariantCulture, out long count)
                || count > long.MaxValue >> shift)
                throw new FormatException($"'{text}' is more than can be counted");
            return new ByteSize(count << shift);
        }

        throw new FormatException($"'{text}' has the unknown unit '{unit}'; units are KiB, MiB, GiB and TiB");
    }

    /// <summary>In the largest unit that leaves a whole number.</summary>
    public override string ToString()
    {
        long bytes = Bytes;
        (string name, int shift) = Units.First(unit => unit.Shift == 0 || (bytes != 0 && bytes % (1L << unit.Shift) == 0));
        return string.Create(CultureInfo.InvariantCulture, $"{bytes >> shift} {name}");
    }
}
