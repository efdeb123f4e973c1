using System.Globalization;
using Emulator.Core;
using Emulator.Simulation.Workloads;

namespace Emulator.Simulation.Jobs;

/// <summary>Reads values as fio writes them. Every method throws <see cref="FormatException"/> that says what is wrong.</summary>
internal static class JobValue
{
    private static readonly (string Name, double Nanoseconds)[] TimeUnits =
        [("us", 1e3), ("ms", 1e6), ("s", 1e9), ("m", 60e9), ("h", 3600e9), ("d", 86400e9), ("", 1e9)];

    /// <summary>Bytes: 4096, 4k, 1m, 2g, also as 4kb, 4KiB; k is 1024.</summary>
    public static long Size(string text)
    {
        (string digits, string unit) = Split(text);
        unit = unit.ToUpperInvariant();
        if (unit.Length > 0 && unit is not ("K" or "M" or "G" or "T"))
            unit = unit[1..] is "B" or "IB" or "I" ? unit[..1] : unit;
        int shift = unit switch { "" or "B" => 0, "K" => 10, "M" => 20, "G" => 30, "T" => 40, _ => -1 };
        if (shift < 0 || !long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out long count)
            || count > long.MaxValue >> shift)
            throw new FormatException($"'{text}' is not a size such as 4096, 4k, 16m or 1g");
        return count << shift;
    }

    /// <summary>A size, or a share of <paramref name="whole"/> such as 50%.</summary>
    public static long SizeOrShare(string text, long whole)
    {
        if (!text.EndsWith('%'))
            return Size(text);
        return (long)(whole * (Number(text[..^1], 0, 100) / 100));
    }

    /// <summary>A time with a unit, or in seconds.</summary>
    public static SimDuration Duration(string text)
    {
        (string digits, string unit) = Split(text);
        int known = Array.FindIndex(TimeUnits, candidate => candidate.Name == unit);
        if (known < 0 || !double.TryParse(digits, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double count)
            || count * TimeUnits[known].Nanoseconds > 1e18)
            throw new FormatException($"'{text}' is not a time such as 30, 30s, 500ms or 5m");
        return new SimDuration((long)(count * TimeUnits[known].Nanoseconds));
    }

    public static double Number(string text, double least, double most)
    {
        if (!double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double value)
            || !(value >= least && value <= most))
            throw new FormatException(string.Create(CultureInfo.InvariantCulture, $"'{text}' must be a number from {least} to {most}"));
        return value;
    }

    public static long Whole(string text, long least, long most)
    {
        if (!long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long value) || value < least || value > most)
            throw new FormatException($"'{text}' must be a whole number from {least} to {most}");
        return value;
    }

    /// <summary>A key without a value is set; otherwise 1 or 0.</summary>
    public static bool Flag(string text) => text.Length == 0 || Whole(text, 0, 1) == 1;

    /// <summary>Values for reads, writes and trims, separated by commas; what is missing is as the last one given.</summary>
    public static (string Read, string Write, string Trim) ByDirection(string text)
    {
        string[] parts = text.Split(',', StringSplitOptions.TrimEntries);
        if (parts.Length > 3)
            throw new FormatException($"'{text}' has {parts.Length} values; there are reads, writes and trims");
        string write = parts.Length > 1 && parts[1].Length > 0 ? parts[1] : parts[0];
        return (parts[0], write, parts.Length > 2 && parts[2].Length > 0 ? parts[2] : write);
    }

    /// <summary>One block size.</summary>
    public static SizeMix BlockSize(string text, int blockBytes) => SizeMix.Of(CheckedBlockSize(text, blockBytes));

    /// <summary>bssplit: 4k/60:64k/40; sizes without a share get what the others leave, in equal parts.</summary>
    public static SizeMix BlockSizes(string text, int blockBytes)
    {
        var sizes = new List<(int Bytes, double? Percent)>();
        foreach (string part in text.Split(':', StringSplitOptions.TrimEntries))
        {
            string[] pair = part.Split('/');
            if (pair.Length > 2)
                throw new FormatException($"'{part}' is not a size and a share such as 4k/60");
            double? percent = pair.Length == 2 && pair[1].Length > 0 ? Number(pair[1].TrimEnd('%'), 0, 100) : null;
            sizes.Add((CheckedBlockSize(pair[0], blockBytes), percent));
        }

        double left = 100 - sizes.Sum(size => size.Percent ?? 0);
        int open = sizes.Count(size => size.Percent == null);
        if (left < -1e-9 || (open == 0 && left > 1e-9))
            throw new FormatException($"the shares in '{text}' do not add up to 100%");
        return new SizeMix([.. sizes.Select(size => (size.Bytes, size.Percent ?? (left / open)))]);
    }

    private static int CheckedBlockSize(string text, int blockBytes)
    {
        long bytes = Size(text);
        if (bytes is < 1 or > 1 << 30)
            throw new FormatException($"a block size of '{text}' must be up to 1g");
        return bytes % blockBytes == 0
            ? (int)bytes
            : throw new FormatException($"a block size of '{text}' is not a multiple of the drive's blocks of {blockBytes} bytes");
    }

    private static (string Digits, string Unit) Split(string text)
    {
        int end = text.TakeWhile(c => char.IsAsciiDigit(c) || c == '.').Count();
        return (text[..end], text[end..].Trim());
    }
}
