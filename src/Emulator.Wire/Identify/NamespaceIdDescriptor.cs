using System.Runtime.InteropServices;

namespace Emulator.Wire;

/// <summary>
/// Header of a Namespace Identification Descriptor (Base 2.1, 5.1.13.2.3, CNS 03h); Nidl bytes of identifier follow.
/// </summary>
[StructLayout(LayoutKind.Explicit, Pack = 1, Size = NamespaceIdDescriptor.Size)]
public struct NamespaceIdDescriptor
{
    public const int Size = 4;

    [FieldOffset(0)] public NamespaceIdType Nidt;
    [FieldOffset(1)] public byte Nidl;
    [FieldOffset(2)] public Bytes2 Reserved2;
}

/// <summary>NIDT (Base 2.1, 5.1.13.2.3).</summary>
public enum NamespaceIdType : byte
{
    Eui64 = 1,
    Nguid = 2,
    Uuid = 3,

    /// <summary>Command Set Identifier, one byte.</summary>
    Csi = 4,
}
