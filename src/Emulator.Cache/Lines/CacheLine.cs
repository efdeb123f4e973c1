using System.Runtime.InteropServices;

namespace Emulator.Cache;

/// <summary>In which list a line is.</summary>
internal enum LineState : byte
{
    Free,

    /// <summary>Holds data that the store has not.</summary>
    Dirty,

    /// <summary>The store has the data and programs it until <see cref="CacheLine.CleanAt"/>.</summary>
    Programming,

    /// <summary>In the store too; kept until it is read.</summary>
    Retained,

    /// <summary>In the store too; the replacement policy may choose it.</summary>
    Clean,
}

[Flags]
internal enum LineFlags : byte
{
    None = 0,

    /// <summary>Read ahead, and not used yet.</summary>
    Prefetched = 1 << 0,

    Retain = 1 << 1,
    Favoured = 1 << 2,

    /// <summary>Read while it was no business of the replacement policy.</summary>
    Used = 1 << 3,

    /// <summary>How often the policy saw it used, up to <see cref="CacheLine.MostHeat"/>.</summary>
    HeatMask = 3 << 4,

    /// <summary>In the main queue of a policy that has one.</summary>
    Main = 1 << 6,

    /// <summary>A favoured line that was passed over once.</summary>
    Spared = 1 << 7,

    /// <summary>What belongs to the policy and means nothing elsewhere.</summary>
    PolicyMask = HeatMask | Main | Spared,
}

/// <summary>What is known of a line: 32 bytes, so that two share a line of the processor's cache.</summary>
[StructLayout(LayoutKind.Sequential, Size = 32)]
internal struct CacheLine
{
    public const int None = -1;

    public const int MostHeat = 3;

    private const int HeatShift = 4;

    /// <summary>When all of the data is there, in nanoseconds; reads wait for it.</summary>
    public long ReadyAt;

    /// <summary>While <see cref="LineState.Programming"/>: when that is over.</summary>
    public long CleanAt;

    public uint Page;
    public int Next;
    public int Previous;
    public LineState State;
    public LineFlags Flags;
    public byte Stream;
    public byte Owner;

    public int Heat
    {
        readonly get => (int)(Flags & LineFlags.HeatMask) >> HeatShift;
        set => Flags = (Flags & ~LineFlags.HeatMask) | (LineFlags)(value << HeatShift);
    }

    public readonly bool Has(LineFlags flag) => (Flags & flag) != 0;
}
