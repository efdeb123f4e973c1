using System.Text;

namespace Emulator.Wire;

/// <summary>
/// The two ways in which NVMe stores text in a field of fixed length (Base 2.1, 1.4.2): ASCII padded with spaces
/// (serial number, model, firmware revision, addresses) and UTF-8 ended by zeroes (NQNs).
/// </summary>
public static class TextField
{
    /// <summary>Writes ASCII, pads with spaces, and cuts what does not fit.</summary>
    public static void WritePadded(Span<byte> field, ReadOnlySpan<char> text)
    {
        field.Fill((byte)' ');
        ReadOnlySpan<char> fitting = text[..Math.Min(text.Length, field.Length)];
        Encoding.ASCII.GetBytes(fitting, field);
    }

    /// <summary>
    /// Writes UTF-8 followed by zeroes.
    /// </summary>
    /// <returns>False if the text and one terminating zero do not fit; the field is then all zeroes.</returns>
    public static bool TryWriteTerminated(Span<byte> field, ReadOnlySpan<char> text)
    {
        field.Clear();
        if (Encoding.UTF8.GetByteCount(text) >= field.Length)
            return false;
        Encoding.UTF8.GetBytes(text, field);
        return true;
    }

    /// <summary>The bytes before the first zero, or all of them.</summary>
    public static ReadOnlySpan<byte> Terminated(ReadOnlySpan<byte> field)
    {
        int end = field.IndexOf((byte)0);
        return end < 0 ? field : field[..end];
    }

    /// <summary>The text without the spaces and zeroes at its end.</summary>
    public static string ReadPadded(ReadOnlySpan<byte> field) =>
        Encoding.ASCII.GetString(field.TrimEnd(" \0"u8));
}
