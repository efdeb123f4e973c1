using System.Runtime.InteropServices;

namespace Emulator.Wire;

/// <summary>
/// Source range of Copy, descriptor format 0h (NVM Command Set 1.2, 3.3.2). Formats 1h and 3h belong to 64-bit
/// protection information.
/// </summary>
[StructLayout(LayoutKind.Explicit, Pack = 1, Size = CopyDescriptor.Size)]
public struct CopyDescriptor
{
    public const int Size = 32;

    [FieldOffset(0)] public Bytes8 Reserved0;
    [FieldOffset(8)] public U64Le Slba;

    /// <summary>Number of logical blocks, zero-based.</summary>
    [FieldOffset(16)] public U16Le Nlb;

    /// <summary>Command extension type in bits 3:0.</summary>
    [FieldOffset(18)] public byte Cetype;
    [FieldOffset(19)] public byte Reserved19;

    /// <summary>Command extension value.</summary>
    [FieldOffset(20)] public U16Le Cev;
    [FieldOffset(22)] public Bytes2 Reserved22;

    /// <summary>Expected logical block tags: storage tag and initial reference tag.</summary>
    [FieldOffset(24)] public U32Le Elbt;

    /// <summary>Expected logical block application tag.</summary>
    [FieldOffset(28)] public U16Le Elbat;

    /// <summary>Expected logical block application tag mask.</summary>
    [FieldOffset(30)] public U16Le Elbatm;
}

/// <summary>Source range of Copy in another namespace, descriptor format 2h (NVM Command Set 1.2, 3.3.2).</summary>
[StructLayout(LayoutKind.Explicit, Pack = 1, Size = CopyDescriptor2.Size)]
public struct CopyDescriptor2
{
    public const int Size = 32;

    /// <summary>Source namespace.</summary>
    [FieldOffset(0)] public U32Le Snsid;
    [FieldOffset(4)] public Bytes4 Reserved4;
    [FieldOffset(8)] public U64Le Slba;

    /// <summary>Number of logical blocks, zero-based.</summary>
    [FieldOffset(16)] public U16Le Nlb;

    /// <summary>Command extension type in bits 3:0.</summary>
    [FieldOffset(18)] public byte Cetype;
    [FieldOffset(19)] public byte Reserved19;

    /// <summary>Command extension value.</summary>
    [FieldOffset(20)] public U16Le Cev;

    /// <summary>Source options: bit 15 fast copy only.</summary>
    [FieldOffset(22)] public U16Le Sopt;

    /// <summary>Expected logical block tags: storage tag and initial reference tag.</summary>
    [FieldOffset(24)] public U32Le Elbt;

    /// <summary>Expected logical block application tag.</summary>
    [FieldOffset(28)] public U16Le Elbat;

    /// <summary>Expected logical block application tag mask.</summary>
    [FieldOffset(30)] public U16Le Elbatm;
}
