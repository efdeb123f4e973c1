using System.Buffers.Binary;
using System.Text;
using Emulator.Flash;

namespace Emulator.Device;

/// <summary>Reads fields that <see cref="MetadataWriter"/> wrote, one after the other.</summary>
internal ref struct MetadataReader(ReadOnlySpan<byte> source)
{
    public const int HeadBytes = 2 * sizeof(uint);

    private ReadOnlySpan<byte> _rest = source;
    private ReadOnlySpan<byte> _value;

    public MetadataTag Tag { get; private set; }

    public readonly ulong Number => _value.Length == sizeof(ulong)
        ? BinaryPrimitives.ReadUInt64LittleEndian(_value)
        : throw Damaged($"field {Tag} has {_value.Length} bytes");

    public readonly int Count => Number <= int.MaxValue ? (int)Number : throw Damaged($"field {Tag} is {Number}");

    public readonly string Text => Encoding.UTF8.GetString(_value);

    public readonly UInt128 Identifier => _value.Length == 16
        ? BinaryPrimitives.ReadUInt128LittleEndian(_value)
        : throw Damaged($"field {Tag} has {_value.Length} bytes");

    public readonly ReadOnlySpan<byte> Bytes => _value;

    /// <summary>For a field that holds fields.</summary>
    public readonly MetadataReader Fields => new(_value);

    /// <summary>Goes on to the next field.</summary>
    /// <returns>False at the end.</returns>
    public bool Next()
    {
        if (_rest.IsEmpty)
            return false;
        if (_rest.Length < HeadBytes)
            throw Damaged("a field is cut off");
        Tag = (MetadataTag)BinaryPrimitives.ReadUInt32LittleEndian(_rest);
        uint length = BinaryPrimitives.ReadUInt32LittleEndian(_rest[sizeof(uint)..]);
        if (length > (uint)(_rest.Length - HeadBytes))
            throw Damaged($"field {Tag} is cut off");
        _value = _rest.Slice(HeadBytes, (int)length);
        _rest = _rest[(HeadBytes + (int)length)..];
        return true;
    }

    /// <summary>For a field that has no place where it is.</summary>
    public readonly MediumException Unknown() => Damaged($"field {Tag} is not known");

    public static MediumException Damaged(string what) => MediumFormat.Damaged("the medium", "its device metadata: " + what);
}
