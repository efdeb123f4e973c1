using System.Runtime.InteropServices;

namespace Emulator.Device;

/// <summary>
/// Copies the part of a log page that a host asked for, out of pieces that are handed in from the start of the page on.
/// The page need not exist as a whole; what is behind its end stays zero.
/// </summary>
internal ref struct LogPageReader
{
    private readonly Span<byte> _window;
    private readonly ulong _offset;

    /// <param name="window">Where the part goes; it is cleared.</param>
    /// <param name="offset">Where in the page the part begins, in bytes.</param>
    public LogPageReader(Span<byte> window, ulong offset)
    {
        _window = window;
        _offset = offset;
        _window.Clear();
    }

    /// <summary>Bytes of the page that were handed in so far; at the end the length of the page.</summary>
    public ulong Length { get; private set; }

    public void Append(scoped ReadOnlySpan<byte> piece)
    {
        ulong start = Length;
        Length += (uint)piece.Length;
        if (Length <= _offset)
            return;

        if (start < _offset)
        {
            piece = piece[(int)(_offset - start)..];
            start = _offset;
        }

        ulong within = start - _offset;
        if (within < (uint)_window.Length)
            piece[..Math.Min(piece.Length, _window.Length - (int)within)].CopyTo(_window[(int)within..]);
    }

    public void Append<T>(scoped in T piece)
        where T : unmanaged => Append(MemoryMarshal.AsBytes(new ReadOnlySpan<T>(in piece)));

    /// <summary>A part of the page that is zero.</summary>
    public void Skip(ulong bytes) => Length += bytes;
}
