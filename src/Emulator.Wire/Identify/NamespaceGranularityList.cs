using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Emulator.Wire;

/// <summary>Namespace Granularity List (NVM Command Set 1.2, 4.1.5.8, CNS 16h).</summary>
[StructLayout(LayoutKind.Explicit, Pack = 1, Size = NamespaceGranularityList.Size)]
public struct NamespaceGranularityList
{
    public const int Size = 4096;

    /// <summary>Bit 0 GDM: descriptor i is about LBA format i; otherwise descriptor 0 about all.</summary>
    [FieldOffset(0)] public U32Le Nga;

    /// <summary>Number of descriptors, zero-based.</summary>
    [FieldOffset(4)] public byte Nd;
    [FieldOffset(5)] public Bytes27 Reserved5;
    [FieldOffset(32)] public NamespaceGranularityDescriptors Ngd;
    [FieldOffset(1056)] public Bytes3040 Reserved1056;
}

/// <summary>
/// Namespace Granularity Descriptor (NVM Command Set 1.2, 4.1.5.8), both hints in bytes, 0 for not reported.
/// </summary>
[StructLayout(LayoutKind.Explicit, Pack = 1, Size = NamespaceGranularityDescriptor.Size)]
public struct NamespaceGranularityDescriptor
{
    public const int Size = 16;

    /// <summary>Namespace size granularity.</summary>
    [FieldOffset(0)] public U64Le Nsg;

    /// <summary>Namespace capacity granularity.</summary>
    [FieldOffset(8)] public U64Le Ncg;
}

/// <summary>The descriptors of the Namespace Granularity List, of which 16 are used without LBAFEE.</summary>
[InlineArray(Count)]
public struct NamespaceGranularityDescriptors
{
    public const int Count = 64;
    public const int Size = Count * NamespaceGranularityDescriptor.Size;

    private NamespaceGranularityDescriptor _first;
}
