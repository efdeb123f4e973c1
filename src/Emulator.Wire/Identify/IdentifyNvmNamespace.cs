using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Emulator.Wire;

/// <summary>
/// NVM command set Identify Namespace data structure (NVM Command Set 1.2, 4.1.5.3, CNS 05h, CSI 00h).
/// </summary>
[StructLayout(LayoutKind.Explicit, Pack = 1, Size = IdentifyNvmNamespace.Size)]
public struct IdentifyNvmNamespace
{
    public const int Size = 4096;

    /// <summary>Logical block storage tag mask.</summary>
    [FieldOffset(0)] public U64Le Lbstm;

    /// <summary>Protection information capabilities.</summary>
    [FieldOffset(8)] public byte Pic;

    /// <summary>Protection information format attribute.</summary>
    [FieldOffset(9)] public byte Pifa;
    [FieldOffset(10)] public Bytes2 Reserved10;

    /// <summary>Storage tag size in bits 6:0, protection information format in 8:7, qualified format in 12:9.</summary>
    [FieldOffset(12)] public ExtendedLbaFormats Elbaf;

    /// <summary>Preferred deallocate granularity large, zero-based.</summary>
    [FieldOffset(268)] public U32Le Npdgl;

    /// <summary>Preferred read granularity.</summary>
    [FieldOffset(272)] public U32Le Nprg;

    /// <summary>Preferred read alignment.</summary>
    [FieldOffset(276)] public U32Le Npra;

    /// <summary>Optimal read size.</summary>
    [FieldOffset(280)] public U32Le Nors;

    /// <summary>Preferred deallocate alignment large.</summary>
    [FieldOffset(284)] public U32Le Npdal;

    /// <summary>LBA format placement shard size.</summary>
    [FieldOffset(288)] public U32Le Lbapss;

    /// <summary>Tracked LBA allocation granularity in logical blocks.</summary>
    [FieldOffset(292)] public U32Le Tlbaag;
    [FieldOffset(296)] public Bytes3800 Reserved296;
}

/// <summary>The extended LBA formats of a namespace, index for index with <see cref="LbaFormats"/>.</summary>
[InlineArray(Count)]
public struct ExtendedLbaFormats
{
    public const int Count = 64;
    public const int Size = Count * U32Le.Size;

    private U32Le _first;
}
