using System.Runtime.InteropServices;

namespace Emulator.Wire;

/// <summary>
/// Header of the range lists, log pages D3h, D4h and D7h of the vendor command set, and of the checksums of D5h.
/// </summary>
[StructLayout(LayoutKind.Explicit, Pack = 1, Size = RangeListHeader.Size)]
public struct RangeListHeader
{
    public const int Size = 64;

    /// <summary>1.</summary>
    [FieldOffset(0)] public U16Le Version;
    [FieldOffset(2)] public U16Le Target;

    /// <summary>See <see cref="RangeListFlags"/>.</summary>
    [FieldOffset(4)] public U32Le Flags;

    /// <summary>Of the latch.</summary>
    [FieldOffset(8)] public U64Le Generation;
    [FieldOffset(16)] public U64Le Round;

    /// <summary>Entries that follow.</summary>
    [FieldOffset(24)] public U64Le Ranges;

    /// <summary>Logical blocks in them.</summary>
    [FieldOffset(32)] public U64Le Blocks;

    /// <summary>In bytes.</summary>
    [FieldOffset(40)] public U32Le Granule;

    /// <summary>32.</summary>
    [FieldOffset(44)] public U32Le EntrySize;
    [FieldOffset(48)] public Bytes16 Reserved48;
}

/// <summary>Entry of a range list of the vendor command set.</summary>
[StructLayout(LayoutKind.Explicit, Pack = 1, Size = RangeListEntry.Size)]
public struct RangeListEntry
{
    public const int Size = 32;

    [FieldOffset(0)] public U64Le Slba;

    /// <summary>Logical blocks, a plain count.</summary>
    [FieldOffset(8)] public U64Le Blocks;
    [FieldOffset(16)] public U32Le Nsid;

    /// <summary>Bit 0: the range now reads as zero.</summary>
    [FieldOffset(20)] public U32Le Flags;
    [FieldOffset(24)] public U64Le Reserved24;

    /// <summary>Bit of <see cref="Flags"/>: deallocated or zeroed, so that nothing need be transferred.</summary>
    public const uint ReadsAsZero = 1;
}

/// <summary>Flags of <see cref="RangeListHeader"/>.</summary>
[Flags]
public enum RangeListFlags : uint
{
    None = 0,
    ThresholdExceeded = 1u << 0,
    BeganNewRound = 1u << 1,
    Truncated = 1u << 2,
}
