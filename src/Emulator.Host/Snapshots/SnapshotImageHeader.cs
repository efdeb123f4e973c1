using System.Runtime.InteropServices;
using Emulator.Core;
using Emulator.Wire;

namespace Emulator.Host.Snapshots;

/// <summary>The first bytes of an image of a snapshot (specs/snapshot-image.md).</summary>
[StructLayout(LayoutKind.Explicit, Pack = 1, Size = SnapshotImageHeader.Size)]
internal struct SnapshotImageHeader
{
    public const int Size = 256;
    public const uint CurrentVersion = 1;

    /// <summary>ASCII <c>EMUSNAPI</c>.</summary>
    public const ulong MagicValue = 0x4950_414E_5355_4D45;

    /// <summary>Bit of <see cref="Flags"/>: only what changed since the snapshot <see cref="Base"/>.</summary>
    public const uint Incremental = 1;

    [FieldOffset(0)] public U64Le Magic;
    [FieldOffset(8)] public U32Le Version;
    [FieldOffset(12)] public U32Le HeaderBytes;

    /// <summary>Bytes of the whole file.</summary>
    [FieldOffset(16)] public U64Le Length;

    /// <summary>Logical blocks of the namespace, and the bytes of one.</summary>
    [FieldOffset(24)] public U64Le Blocks;
    [FieldOffset(32)] public U32Le BlockBytes;
    [FieldOffset(36)] public U32Le Flags;

    /// <summary>Bytes that one entry of the table of checksums is about.</summary>
    [FieldOffset(40)] public U32Le RangeBytes;
    [FieldOffset(44)] public U16Le Snapshot;
    [FieldOffset(46)] public U16Le Base;

    /// <summary>When the snapshots were made, in milliseconds as the drive tells them.</summary>
    [FieldOffset(48)] public U64Le Created;
    [FieldOffset(56)] public U64Le BaseCreated;

    /// <summary>NGUID of the namespace.</summary>
    [FieldOffset(64)] public Bytes16 Nguid;
    [FieldOffset(80)] public U64Le Records;

    /// <summary>Pages of 4096 bytes that are in the file.</summary>
    [FieldOffset(88)] public U64Le DataPages;

    /// <summary>SHA-256 of the table of checksums: what the namespace holds.</summary>
    [FieldOffset(96)] public Bytes32 Contents;

    /// <summary>The same of the snapshot that an incremental image builds on.</summary>
    [FieldOffset(128)] public Bytes32 BaseContents;

    /// <summary>SHA-256 of everything behind the header.</summary>
    [FieldOffset(160)] public Bytes32 Body;
    [FieldOffset(192)] public Bytes32 Reserved192;
    [FieldOffset(224)] public Bytes16 Reserved224;
    [FieldOffset(240)] public U64Le Reserved240;
    [FieldOffset(248)] public U32Le Reserved248;

    /// <summary>CRC-32C of the bytes before it.</summary>
    [FieldOffset(252)] public U32Le Crc;

    public readonly bool IsIncremental => (Flags & Incremental) != 0;

    public readonly ulong Bytes => Blocks * BlockBytes;

    /// <summary>Writes the header with its checksum.</summary>
    public void WriteTo(Span<byte> destination)
    {
        Crc = 0;
        WireStruct.Write(destination, this);
        Crc = Crc32C.Compute(destination[..(Size - sizeof(uint))]);
        WireStruct.Write(destination, this);
    }
}

/// <summary>What one record of an image says of pages that follow one another.</summary>
internal enum ImageRecordKind : uint
{
    /// <summary>Their bytes follow.</summary>
    Data = 1,

    /// <summary>They read as zeroes.</summary>
    Zero = 2,

    /// <summary>They cannot be read.</summary>
    Unreadable = 3,
}

/// <summary>Before what a record holds.</summary>
[StructLayout(LayoutKind.Explicit, Pack = 1, Size = ImageRecord.Size)]
internal struct ImageRecord
{
    public const int Size = 16;

    /// <summary>A record of data has no more than these pages.</summary>
    public const int MostDataPages = 256;

    [FieldOffset(0)] public U64Le Page;
    [FieldOffset(8)] public U32Le Pages;
    [FieldOffset(12)] public U32Le Kind;
}
