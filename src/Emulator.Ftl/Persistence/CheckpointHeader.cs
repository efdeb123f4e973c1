using System.Runtime.InteropServices;
using Emulator.Core;

namespace Emulator.Ftl.Persistence;

/// <summary>
/// The first page of a checkpoint slot, written when everything else of the checkpoint is on the medium: a checkpoint
/// with an undamaged header and undamaged chunks of its generation is complete.
/// </summary>
[StructLayout(LayoutKind.Explicit, Size = CheckpointHeader.Bytes)]
public struct CheckpointHeader
{
    public const int Bytes = 128;
    public const uint CurrentVersion = 1;

    private const ulong MagicValue = 0x0054_504B_4355_4D45;
    private const int ChecksumOffset = Bytes - sizeof(uint);

    [FieldOffset(0)] private ulong _magic;
    [FieldOffset(8)] public uint Version;
    [FieldOffset(12)] public uint Size;
    [FieldOffset(16)] public ulong Generation;

    /// <summary>Chunks are true up to this sequence at least.</summary>
    [FieldOffset(24)] public ulong BeginSequence;

    /// <summary>The highest sequence when the header was written.</summary>
    [FieldOffset(32)] public ulong EndSequence;

    /// <summary>Ordinal of the first record of the journal's half that begins with this checkpoint.</summary>
    [FieldOffset(40)] public ulong FirstOrdinal;

    [FieldOffset(48)] public CheckpointFlags Flags;
    [FieldOffset(52)] public uint MetadataLength;
    [FieldOffset(56)] public ulong HostPagesWritten;
    [FieldOffset(64)] public ulong PagesMoved;
    [FieldOffset(72)] public ulong PagesPadded;
    [FieldOffset(80)] public ulong PagesTrimmed;
    [FieldOffset(88)] public ulong SuperblocksErased;
    [FieldOffset(96)] public uint SnapshotListLength;

    /// <summary>Chunks of what snapshots keep.</summary>
    [FieldOffset(100)] public uint SnapshotChunks;
    [FieldOffset(104)] private readonly ulong _reserved1;
    [FieldOffset(112)] private readonly ulong _reserved2;
    [FieldOffset(120)] private readonly uint _reserved3;
    [FieldOffset(ChecksumOffset)] private uint _checksum;

    public void Seal(Span<byte> destination)
    {
        _magic = MagicValue;
        Version = CurrentVersion;
        Size = Bytes;
        MemoryMarshal.Write(destination, in this);
        _checksum = Crc32C.Compute(destination[..ChecksumOffset]);
        MemoryMarshal.Write(destination, in this);
    }

    /// <summary>Whether there is an undamaged header, of this version and with nothing in it that is not known.</summary>
    public static bool TryRead(ReadOnlySpan<byte> source, out CheckpointHeader header)
    {
        header = MemoryMarshal.Read<CheckpointHeader>(source);
        return header._magic == MagicValue
            && header._checksum == Crc32C.Compute(source[..ChecksumOffset])
            && header.Version == CurrentVersion && header.Size == Bytes
            && (header.Flags & ~CheckpointFlags.Known) == 0
            && (header._reserved1 | header._reserved2 | header._reserved3) == 0;
    }
}

[Flags]
public enum CheckpointFlags : uint
{
    None = 0,

    /// <summary>
    /// Written by a shutdown, all at once: with an empty journal the map is true as it stands and nothing need be scanned.
    /// </summary>
    Final = 1,

    Known = Final,
}
