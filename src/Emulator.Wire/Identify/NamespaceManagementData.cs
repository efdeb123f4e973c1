using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Emulator.Wire;

/// <summary>
/// Host software specified fields of Namespace Management, create (NVM Command Set 1.2, 4.1.6; Base 2.1, 5.1.21).
/// </summary>
[StructLayout(LayoutKind.Explicit, Pack = 1, Size = NamespaceManagementData.Size)]
public struct NamespaceManagementData
{
    public const int Size = 4096;

    /// <summary>Size in logical blocks.</summary>
    [FieldOffset(0)] public U64Le Nsze;

    /// <summary>Capacity in logical blocks.</summary>
    [FieldOffset(8)] public U64Le Ncap;
    [FieldOffset(16)] public Bytes10 Reserved16;

    /// <summary>Format: index in bits 3:0 and 6:5, bit 4 metadata in line.</summary>
    [FieldOffset(26)] public byte Flbas;
    [FieldOffset(27)] public Bytes2 Reserved27;

    /// <summary>End-to-end data protection settings.</summary>
    [FieldOffset(29)] public byte Dps;

    /// <summary>Bit 0: shared.</summary>
    [FieldOffset(30)] public byte Nmic;
    [FieldOffset(31)] public Bytes61 Reserved31;
    [FieldOffset(92)] public U32Le Anagrpid;
    [FieldOffset(96)] public Bytes4 Reserved96;
    [FieldOffset(100)] public U16Le Nvmsetid;
    [FieldOffset(102)] public U16Le Endgid;
    [FieldOffset(104)] public Bytes280 Reserved104;

    /// <summary>Logical block storage tag mask.</summary>
    [FieldOffset(384)] public U64Le Lbstm;

    /// <summary>Number of placement handles.</summary>
    [FieldOffset(392)] public U16Le Nphndls;
    [FieldOffset(394)] public Bytes118 Reserved394;

    /// <summary>Placement handle list.</summary>
    [FieldOffset(512)] public PlacementHandles Phndl;
    [FieldOffset(768)] public Bytes3328 Reserved768;

    /// <summary>Index of the LBA format asked for.</summary>
    public readonly int FormatIndex => (Flbas & 0xF) | ((Flbas >> 1) & 0x30);
}

/// <summary>Placement handle list of Namespace Management.</summary>
[InlineArray(Count)]
public struct PlacementHandles
{
    public const int Count = 128;
    public const int Size = Count * U16Le.Size;

    private U16Le _first;
}
