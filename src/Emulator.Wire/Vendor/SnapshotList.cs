using System.Runtime.InteropServices;

namespace Emulator.Wire;

/// <summary>Header of log page D6h of the vendor command set, Snapshots.</summary>
[StructLayout(LayoutKind.Explicit, Pack = 1, Size = SnapshotListHeader.Size)]
public struct SnapshotListHeader
{
    public const int Size = 64;

    /// <summary>1.</summary>
    [FieldOffset(0)] public U16Le Version;
    [FieldOffset(2)] public U16Le Target;

    /// <summary>Snapshots that the drive can have; 0 where there are none.</summary>
    [FieldOffset(4)] public U32Le Limit;

    /// <summary>Snapshots that it has, of all namespaces.</summary>
    [FieldOffset(8)] public U32Le Snapshots;

    /// <summary>Entries that follow: snapshots of the target's namespaces.</summary>
    [FieldOffset(12)] public U32Le Entries;

    /// <summary>Bytes that can be written in places that snapshots keep or that hold nothing; all ones without snapshots.</summary>
    [FieldOffset(16)] public U64Le BytesLeft;
    [FieldOffset(24)] public Bytes16 Reserved24;
    [FieldOffset(40)] public Bytes4 Reserved40;

    /// <summary>64.</summary>
    [FieldOffset(44)] public U32Le EntrySize;
    [FieldOffset(48)] public Bytes16 Reserved48;
}

/// <summary>Entry of log page D6h of the vendor command set.</summary>
[StructLayout(LayoutKind.Explicit, Pack = 1, Size = SnapshotListEntry.Size)]
public struct SnapshotListEntry
{
    public const int Size = 64;

    [FieldOffset(0)] public U16Le Id;

    /// <summary>See <see cref="SnapshotFlags"/>.</summary>
    [FieldOffset(2)] public U16Le Flags;
    [FieldOffset(4)] public U32Le Nsid;

    /// <summary>Milliseconds, as the timestamp feature told them when the snapshot was made.</summary>
    [FieldOffset(8)] public U64Le Created;

    /// <summary>Logical blocks that the namespace had.</summary>
    [FieldOffset(16)] public U64Le Blocks;

    /// <summary>Bytes of a logical block.</summary>
    [FieldOffset(24)] public U32Le BlockBytes;
    [FieldOffset(28)] public Bytes4 Reserved28;

    /// <summary>Bytes of the medium that are held for this snapshot and not for an earlier one.</summary>
    [FieldOffset(32)] public U64Le BytesHeld;
    [FieldOffset(40)] public U64Le Reserved40;

    /// <summary>NGUID of the namespace.</summary>
    [FieldOffset(48)] public Bytes16 Nguid;
}

/// <summary>What is to be said of a snapshot in log page D6h.</summary>
[Flags]
public enum SnapshotFlags : ushort
{
    None = 0,

    /// <summary>A transfer uses it, so that it can be neither deleted nor restored.</summary>
    InUse = 1 << 0,

    /// <summary>The namespace has other blocks now: it cannot be restored.</summary>
    OtherFormat = 1 << 1,
}
