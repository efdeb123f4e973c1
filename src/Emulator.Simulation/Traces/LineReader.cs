namespace Emulator.Simulation.Traces;

/// <summary>Reads the lines of a file as bytes, without allocating for a line.</summary>
internal sealed class LineReader(Stream stream) : IDisposable
{
    /// <summary>Longest line in bytes.</summary>
    public const int LongestLine = 64 * 1024;

    private readonly byte[] _buffer = new byte[2 * LongestLine];
    private int _begin;
    private int _end;
    private bool _isAtEnd;

    /// <summary>Number of the line that was read last, from 1.</summary>
    public long Number { get; private set; }

    /// <param name="line">Without its end; of use until the next call.</param>
    /// <returns>False at the end of the file.</returns>
    /// <exception cref="FormatException">A line is longer than <see cref="LongestLine"/>.</exception>
    public bool TryRead(out ReadOnlySpan<byte> line)
    {
        line = default;
        int length;
        while ((length = _buffer.AsSpan(_begin, _end - _begin).IndexOf((byte)'\n')) < 0 && !_isAtEnd)
            Refill();
        if (length < 0 && _begin == _end)
            return false;

        Number++;
        bool hasEnd = length >= 0;
        length = hasEnd ? length : _end - _begin;
        line = _buffer.AsSpan(_begin, length).TrimEnd("\r"u8);
        _begin += length + (hasEnd ? 1 : 0);
        return true;
    }

    public void Dispose() => stream.Dispose();

    private void Refill()
    {
        if (_end - _begin > LongestLine)
        {
            Number++;
            throw new FormatException($"is longer than {LongestLine} bytes");
        }

        _buffer.AsSpan(_begin, _end - _begin).CopyTo(_buffer);
        _end -= _begin;
        _begin = 0;
        int read = stream.Read(_buffer, _end, _buffer.Length - _end);
        _end += read;
        _isAtEnd = read == 0;
    }
}
