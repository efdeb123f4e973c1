using System.Runtime.InteropServices;

namespace Emulator.Wire;

/// <summary>Range of Dataset Management (NVM Command Set 1.2, 3.3.3).</summary>
[StructLayout(LayoutKind.Explicit, Pack = 1, Size = DsmRange.Size)]
public struct DsmRange
{
    public const int Size = 16;

    /// <summary>Context attributes.</summary>
    [FieldOffset(0)] public U32Le Cattr;

    /// <summary>Length in logical blocks, a plain count.</summary>
    [FieldOffset(4)] public U32Le Llb;
    [FieldOffset(8)] public U64Le Slba;

    /// <summary>Ranges that one command carries at most.</summary>
    public const int MaximumRanges = 256;

    /// <summary>Bit of CDW11: AD, deallocate the ranges.</summary>
    public const uint AttributeDeallocate = 1 << 2;
}
