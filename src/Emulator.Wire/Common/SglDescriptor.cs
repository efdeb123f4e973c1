using System.Runtime.InteropServices;

namespace Emulator.Wire;

/// <summary>Scatter Gather List descriptor (Base 2.1, 4.3.2).</summary>
[StructLayout(LayoutKind.Explicit, Pack = 1, Size = SglDescriptor.Size)]
public struct SglDescriptor
{
    public const int Size = 16;

    /// <summary>An offset into the capsule for the offset sub type.</summary>
    [FieldOffset(0)] public U64Le Address;

    /// <summary>In bytes.</summary>
    [FieldOffset(8)] public U32Le Length;
    [FieldOffset(12)] public Bytes3 Reserved12;

    /// <summary>Descriptor type in bits 7:4, sub type in bits 3:0.</summary>
    [FieldOffset(15)] public byte Identifier;

    public SglDescriptorType Type
    {
        readonly get => (SglDescriptorType)(Identifier >> 4);
        set => Identifier = (byte)(((int)value << 4) | (Identifier & 0xF));
    }

    public SglSubType SubType
    {
        readonly get => (SglSubType)(Identifier & 0xF);
        set => Identifier = (byte)((Identifier & 0xF0) | (int)value);
    }
}

/// <summary>SGL descriptor type (Base 2.1, 4.3.2).</summary>
public enum SglDescriptorType : byte
{
    DataBlock = 0x0,
    BitBucket = 0x1,
    Segment = 0x2,
    LastSegment = 0x3,
    KeyedDataBlock = 0x4,
    TransportDataBlock = 0x5,
    VendorSpecific = 0xF,
}

/// <summary>SGL descriptor sub type (Base 2.1, 4.3.2).</summary>
public enum SglSubType : byte
{
    Address = 0x0,

    /// <summary>Data in the capsule, at Address bytes past In Capsule Data Offset.</summary>
    Offset = 0x1,

    /// <summary>With type Transport Data Block: data that NVMe/TCP moves in data PDUs.</summary>
    TransportSpecific = 0xA,
}
