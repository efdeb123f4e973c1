using System.Runtime.InteropServices;

namespace Emulator.Wire;

/// <summary>What a VM did so far: value of <see cref="ActivityAttribute.Activity"/>.</summary>
[StructLayout(LayoutKind.Explicit, Pack = 1, Size = ActivityState.Size)]
public struct ActivityState
{
    public const int Size = 64;

    /// <summary>Tracking granule of the sets of written granules, in bytes.</summary>
    [FieldOffset(0)] public U32Le Granule;

    /// <summary>LBA_WRITTEN_THRESHOLD in granules, 0 for no limit.</summary>
    [FieldOffset(4)] public U32Le Threshold;

    /// <summary>Bit 0: LBA_WRITTEN_THRESHOLD_EXCEEDED.</summary>
    [FieldOffset(8)] public U32Le Flags;
    [FieldOffset(12)] public U32Le Reserved12;

    /// <summary>Granules in all sets of written granules.</summary>
    [FieldOffset(16)] public U64Le GranulesWritten;
    [FieldOffset(24)] public U64Le ReadCommands;
    [FieldOffset(32)] public U64Le WriteCommands;
    [FieldOffset(40)] public U64Le BytesRead;
    [FieldOffset(48)] public U64Le BytesWritten;
    [FieldOffset(56)] public Bytes8 Reserved56;

    public const uint ThresholdExceeded = 1;
}

/// <summary>How the cache of the drive is set: value of <see cref="TranslationAttribute.CacheSettings"/>.</summary>
[StructLayout(LayoutKind.Explicit, Pack = 1, Size = CacheSettingsState.Size)]
public struct CacheSettingsState
{
    public const int Size = 32;

    [FieldOffset(0)] public U64Le CacheBytes;

    /// <summary>0 write-back, 1 write-through, 2 off.</summary>
    [FieldOffset(8)] public byte Mode;

    /// <summary>0 S3-FIFO, 1 LRU, 2 CLOCK.</summary>
    [FieldOffset(9)] public byte Policy;

    /// <summary>Bit 0 volatile, 1 reads ahead, 2 hot and cold data are kept apart.</summary>
    [FieldOffset(10)] public byte Flags;
    [FieldOffset(11)] public byte Reserved11;

    /// <summary>Streams of the Streams directive that may be open at the same time (MSL).</summary>
    [FieldOffset(12)] public U32Le MaxStreams;
    [FieldOffset(16)] public Bytes16 Reserved16;
}

/// <summary>
/// A set of granules, pages or blocks of a part of a namespace, 262144 of them: this header, and then runs or a bitmap.
/// Units are counted from the beginning of the part.
/// </summary>
[StructLayout(LayoutKind.Explicit, Pack = 1, Size = StateSetHeader.Size)]
public struct StateSetHeader
{
    public const int Size = 8;

    /// <summary>Base-two logarithm of the units of a part.</summary>
    public const int PartShift = 18;

    /// <summary>See <see cref="StateSetForm"/>.</summary>
    [FieldOffset(0)] public byte Form;
    [FieldOffset(1)] public Bytes3 Reserved1;

    /// <summary>Units in the set, at least 1.</summary>
    [FieldOffset(4)] public U32Le Units;
}

/// <summary>A run of units in a set; runs are sorted, and do not touch.</summary>
[StructLayout(LayoutKind.Explicit, Pack = 1, Size = StateSetRun.Size)]
public struct StateSetRun
{
    public const int Size = 8;

    [FieldOffset(0)] public U32Le First;
    [FieldOffset(4)] public U32Le Count;
}

/// <summary>Pages in a row that were written by one stream; runs are sorted, and disjoint.</summary>
[StructLayout(LayoutKind.Explicit, Pack = 1, Size = PlacementRun.Size)]
public struct PlacementRun
{
    public const int Size = 12;

    /// <summary>Counted from the beginning of the part.</summary>
    [FieldOffset(0)] public U32Le First;
    [FieldOffset(4)] public U32Le Count;

    /// <summary>Identifier of a stream of the VM's host, <see cref="Cold"/>, or <see cref="Other"/>.</summary>
    [FieldOffset(8)] public U32Le Stream;

    /// <summary>Written without a stream to a place that is seldom written.</summary>
    public const uint Cold = 0x1_0000;

    /// <summary>Written by a stream that is not open any more; those of one number belong together.</summary>
    public const uint Other = 0x2_0000;
}
