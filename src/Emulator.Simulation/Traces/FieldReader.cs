using System.Buffers.Text;

namespace Emulator.Simulation.Traces;

/// <summary>Takes the fields of a line one after the other, without allocating.</summary>
internal ref struct FieldReader
{
    private const byte Blank = (byte)' ';

    private readonly byte _separator;
    private ReadOnlySpan<byte> _rest;

    /// <param name="separator">Between fields; blanks and tabs count as one however many there are.</param>
    public FieldReader(ReadOnlySpan<byte> line, char separator)
    {
        _rest = line;
        _separator = (byte)separator;
    }

    public bool IsAtEnd
    {
        get
        {
            SkipBlanks();
            return _rest.IsEmpty;
        }
    }

    /// <exception cref="FormatException">There is no further field.</exception>
    public ReadOnlySpan<byte> Next(string name)
    {
        SkipBlanks();
        if (_rest.IsEmpty)
            throw new FormatException($"ends before the {name}");
        int end = _separator == Blank ? _rest.IndexOfAny(Blank, (byte)'\t') : _rest.IndexOf(_separator);
        ReadOnlySpan<byte> field = end < 0 ? _rest : _rest[..end];
        _rest = end < 0 ? [] : _rest[(end + 1)..];
        return field.Trim(" \t"u8);
    }

    /// <summary>A whole number that is not negative.</summary>
    /// <exception cref="FormatException">There is none.</exception>
    public long NextNumber(string name)
    {
        ReadOnlySpan<byte> field = Next(name);
        if (!Utf8Parser.TryParse(field, out long value, out int used) || used != field.Length || value < 0)
            throw Wrong(field, name, "a whole number");
        return value;
    }

    public static FormatException Wrong(ReadOnlySpan<byte> field, string name, string expected) =>
        new($"{name} '{System.Text.Encoding.UTF8.GetString(field)}' is not {expected}");

    private void SkipBlanks()
    {
        if (_separator == Blank)
            _rest = _rest.TrimStart(" \t"u8);
    }
}
