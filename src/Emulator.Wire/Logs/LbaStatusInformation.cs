using System.Runtime.InteropServices;

namespace Emulator.Wire;

/// <summary>Header of the LBA Status Information log page (NVM Command Set 1.2, 4.1.4.5, LID 0Eh).</summary>
[StructLayout(LayoutKind.Explicit, Pack = 1, Size = LbaStatusInformationHeader.Size)]
public struct LbaStatusInformationHeader
{
    public const int Size = 16;

    /// <summary>Bytes of the page.</summary>
    [FieldOffset(0)] public U32Le Lslplen;

    /// <summary>Number of namespace elements.</summary>
    [FieldOffset(4)] public U32Le Nlslne;

    /// <summary>Estimate of unrecoverable logical blocks, FFFFFFFFh for none.</summary>
    [FieldOffset(8)] public U32Le Estulb;
    [FieldOffset(12)] public Bytes2 Reserved12;

    /// <summary>Generation counter.</summary>
    [FieldOffset(14)] public U16Le Lsgc;
}

/// <summary>LBA Status Log Namespace Element (NVM Command Set 1.2, 4.1.4.5).</summary>
[StructLayout(LayoutKind.Explicit, Pack = 1, Size = LbaStatusNamespaceElement.Size)]
public struct LbaStatusNamespaceElement
{
    public const int Size = 16;

    /// <summary>Namespace.</summary>
    [FieldOffset(0)] public U32Le Neid;

    /// <summary>Number of range descriptors that follow, FFFFFFFFh to examine the whole namespace.</summary>
    [FieldOffset(4)] public U32Le Nlrd;

    /// <summary>Recommended action type of Get LBA Status.</summary>
    [FieldOffset(8)] public byte Ratype;
    [FieldOffset(9)] public Bytes7 Reserved9;
}

/// <summary>LBA Range Descriptor of the LBA Status Information log page (NVM Command Set 1.2, 4.1.4.5).</summary>
[StructLayout(LayoutKind.Explicit, Pack = 1, Size = LbaStatusRangeDescriptor.Size)]
public struct LbaStatusRangeDescriptor
{
    public const int Size = 16;

    /// <summary>Starting LBA.</summary>
    [FieldOffset(0)] public U64Le Rslba;

    /// <summary>Number of logical blocks, zero-based.</summary>
    [FieldOffset(8)] public U32Le Rnlb;
    [FieldOffset(12)] public Bytes4 Reserved12;
}
