using System.Buffers.Binary;
using System.Globalization;

namespace Emulator.Wire;

/// <summary>
/// A 16-bit integer as NVMe stores it: little-endian (Base 2.1, 1.4.3). On a little-endian machine the conversions
/// compile to nothing.
/// </summary>
public readonly struct U16Le(ushort value)
{
    public const int Size = 2;

    private readonly ushort _stored = BitConverter.IsLittleEndian ? value : BinaryPrimitives.ReverseEndianness(value);

    public ushort Value => BitConverter.IsLittleEndian ? _stored : BinaryPrimitives.ReverseEndianness(_stored);

    public static implicit operator ushort(U16Le field) => field.Value;

    public static implicit operator U16Le(ushort value) => new(value);

    public override string ToString() => Value.ToString(CultureInfo.InvariantCulture);
}

/// <summary>A 32-bit integer as NVMe stores it: little-endian (Base 2.1, 1.4.3).</summary>
public readonly struct U32Le(uint value)
{
    public const int Size = 4;

    private readonly uint _stored = BitConverter.IsLittleEndian ? value : BinaryPrimitives.ReverseEndianness(value);

    public uint Value => BitConverter.IsLittleEndian ? _stored : BinaryPrimitives.ReverseEndianness(_stored);

    public static implicit operator uint(U32Le field) => field.Value;

    public static implicit operator U32Le(uint value) => new(value);

    public override string ToString() => Value.ToString(CultureInfo.InvariantCulture);
}

/// <summary>A 64-bit integer as NVMe stores it: little-endian (Base 2.1, 1.4.3).</summary>
public readonly struct U64Le(ulong value)
{
    public const int Size = 8;

    private readonly ulong _stored = BitConverter.IsLittleEndian ? value : BinaryPrimitives.ReverseEndianness(value);

    public ulong Value => BitConverter.IsLittleEndian ? _stored : BinaryPrimitives.ReverseEndianness(_stored);

    public static implicit operator ulong(U64Le field) => field.Value;

    public static implicit operator U64Le(ulong value) => new(value);

    public override string ToString() => Value.ToString(CultureInfo.InvariantCulture);
}

/// <summary>
/// A 128-bit integer as NVMe stores it, low half first: the life-time counters of SMART and the capacities of Identify.
/// </summary>
public readonly struct U128Le(UInt128 value)
{
    public const int Size = 16;

    private readonly U64Le _low = (ulong)value;
    private readonly U64Le _high = (ulong)(value >> 64);

    public UInt128 Value => new(_high, _low);

    public static implicit operator UInt128(U128Le field) => field.Value;

    public static implicit operator U128Le(UInt128 value) => new(value);

    public static implicit operator U128Le(ulong value) => new(value);

    public override string ToString() => Value.ToString(CultureInfo.InvariantCulture);
}
