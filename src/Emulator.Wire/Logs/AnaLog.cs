using System.Runtime.InteropServices;

namespace Emulator.Wire;

/// <summary>Header of the Asymmetric Namespace Access log page (Base 2.1, 5.1.12.1.13, LID 0Ch).</summary>
[StructLayout(LayoutKind.Explicit, Pack = 1, Size = AnaLogHeader.Size)]
public struct AnaLogHeader
{
    public const int Size = 16;

    /// <summary>Change count.</summary>
    [FieldOffset(0)] public U64Le Chgc;

    /// <summary>Number of ANA group descriptors.</summary>
    [FieldOffset(8)] public U16Le Nagd;
    [FieldOffset(10)] public Bytes6 Reserved10;
}

/// <summary>
/// ANA Group Descriptor (Base 2.1, 5.1.12.1.13); Nnv namespace identifiers of 4 bytes follow in ascending order.
/// </summary>
[StructLayout(LayoutKind.Explicit, Pack = 1, Size = AnaGroupDescriptor.Size)]
public struct AnaGroupDescriptor
{
    public const int Size = 32;

    /// <summary>ANA group identifier.</summary>
    [FieldOffset(0)] public U32Le Agid;

    /// <summary>Number of NSID values.</summary>
    [FieldOffset(4)] public U32Le Nnv;

    /// <summary>Change count.</summary>
    [FieldOffset(8)] public U64Le Chgc;
    [FieldOffset(16)] public AnaState Anasa;
    [FieldOffset(17)] public Bytes15 Reserved17;
}

/// <summary>Asymmetric namespace access state (Base 2.1, 8.1.1.3).</summary>
public enum AnaState : byte
{
    Optimized = 0x1,
    NonOptimized = 0x2,
    Inaccessible = 0x3,
    PersistentLoss = 0x4,
    Change = 0xF,
}
