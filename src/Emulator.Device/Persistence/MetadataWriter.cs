using System.Buffers.Binary;
using System.Text;

namespace Emulator.Device;

/// <summary>
/// Writes fields with a tag and a length (specs/media-format.md, "Device metadata"). A field may hold fields. What does
/// not fit is counted and not written.
/// </summary>
internal ref struct MetadataWriter(Span<byte> destination)
{
    private readonly Span<byte> _destination = destination;

    /// <summary>Bytes that all of it takes.</summary>
    public int Length { get; private set; }

    public readonly bool Fits => Length <= _destination.Length;

    public void Number(MetadataTag tag, ulong value)
    {
        Head(tag, sizeof(ulong));
        if (Take(sizeof(ulong)) is { IsEmpty: false } room)
            BinaryPrimitives.WriteUInt64LittleEndian(room, value);
    }

    public void Text(MetadataTag tag, string text) => Bytes(tag, Encoding.UTF8.GetBytes(text));

    public void Identifier(MetadataTag tag, UInt128 value)
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt128LittleEndian(bytes, value);
        Bytes(tag, bytes);
    }

    public void Bytes(MetadataTag tag, scoped ReadOnlySpan<byte> bytes)
    {
        Head(tag, bytes.Length);
        Span<byte> room = Take(bytes.Length);
        if (room.Length == bytes.Length)
            bytes.CopyTo(room);
    }

    /// <summary>Begins a field that holds fields.</summary>
    /// <returns>What <see cref="End"/> wants.</returns>
    public int Begin(MetadataTag tag)
    {
        Head(tag, 0);
        return Length;
    }

    public readonly void End(int begun)
    {
        if (Fits)
            BinaryPrimitives.WriteUInt32LittleEndian(_destination[(begun - sizeof(uint))..], (uint)(Length - begun));
    }

    private void Head(MetadataTag tag, int length)
    {
        if (Take(MetadataReader.HeadBytes) is not { IsEmpty: false } room)
            return;
        BinaryPrimitives.WriteUInt32LittleEndian(room, (uint)tag);
        BinaryPrimitives.WriteUInt32LittleEndian(room[sizeof(uint)..], (uint)length);
    }

    private Span<byte> Take(int bytes)
    {
        int at = Length;
        Length += bytes;
        return Fits ? _destination.Slice(at, bytes) : default;
    }
}
