namespace Emulator.Migration;

/// <summary>
/// Where a log of updates is kept: neither on the source nor on the destination, since it is there for the day on which
/// the destination is lost.
/// </summary>
public interface IUpdateStore
{
    /// <summary>Bytes that were appended.</summary>
    long Length { get; }

    void Append(ReadOnlySpan<byte> data);

    /// <summary>Reads what was appended; the caller stays within <see cref="Length"/>.</summary>
    void Read(long offset, Span<byte> destination);
}
