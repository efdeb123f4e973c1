using System.Runtime.InteropServices;
using Emulator.Core;
using Emulator.Flash;

namespace Emulator.Ftl.Persistence;

/// <summary>What a record of the journal says.</summary>
public enum JournalKind : ushort
{
    /// <summary>Runs of logical pages that were trimmed: <see cref="TrimmedRun"/>.</summary>
    Trims = 1,

    /// <summary>The device's own metadata, all of it.</summary>
    Metadata = 2,

    /// <summary>How often superblocks were erased: <see cref="ErasedSuperblock"/>.</summary>
    Erases = 3,

    /// <summary>A sequence up to which everything was durable when the record was written.</summary>
    Durable = 5,

    /// <summary>The medium is in use from here on; no payload. It makes what is before it no clean shutdown.</summary>
    Mounted = 4,

    /// <summary>Pages that snapshots keep: <see cref="KeptPage"/>.</summary>
    Kept = 6,

    /// <summary>The snapshots that there are from here on: <see cref="SnapshotList"/>.</summary>
    Snapshots = 7,
}

/// <summary>The head of a record of the journal; its payload follows, padded to 8 bytes.</summary>
[StructLayout(LayoutKind.Explicit, Size = JournalRecord.Bytes)]
public struct JournalRecord
{
    public const int Bytes = 32;

    private const uint MagicValue = 0x4C4A_4345;
    private const int ChecksumOffset = 28;

    [FieldOffset(0)] private uint _magic;
    [FieldOffset(4)] public JournalKind Kind;
    [FieldOffset(6)] private readonly ushort _reserved;

    /// <summary>The checkpoint with which the half of the journal began.</summary>
    [FieldOffset(8)] public ulong Generation;

    /// <summary>Counts records through all halves, so that a gap shows.</summary>
    [FieldOffset(16)] public ulong Ordinal;

    [FieldOffset(24)] public uint Length;
    [FieldOffset(ChecksumOffset)] private uint _checksum;

    /// <summary>Bytes of a record with a payload.</summary>
    public static int BytesFor(int payload) => Bytes + ((payload + 7) & ~7);

    /// <summary>Writes the head before a payload that is in place.</summary>
    public readonly void Seal(Span<byte> record)
    {
        JournalRecord head = this;
        head._magic = MagicValue;
        record[(Bytes + (int)Length)..].Clear();
        MemoryMarshal.Write(record, in head);
        head._checksum = ChecksumOf(record);
        MemoryMarshal.Write(record, in head);
    }

    /// <summary>Whether a half continues with an undamaged record of a generation.</summary>
    /// <param name="rest">The half from here on.</param>
    public static bool TryRead(ReadOnlySpan<byte> rest, ulong generation, out JournalRecord head, out ReadOnlySpan<byte> payload)
    {
        payload = default;
        head = default;
        if (rest.Length < Bytes)
            return false;
        head = MemoryMarshal.Read<JournalRecord>(rest);
        if (head._magic != MagicValue || head.Generation != generation || head._reserved != 0
            || head.Length > (uint)(rest.Length - Bytes) || BytesFor((int)head.Length) > rest.Length)
            return false;
        ReadOnlySpan<byte> record = rest[..BytesFor((int)head.Length)];
        if (head._checksum != ChecksumOf(record))
            return false;
        payload = record.Slice(Bytes, (int)head.Length);
        return true;
    }

    private static uint ChecksumOf(ReadOnlySpan<byte> record)
    {
        uint state = Crc32C.Append(Crc32C.Initial, record[..ChecksumOffset]);
        return Crc32C.Finish(Crc32C.Append(state, record[Bytes..]));
    }
}

/// <summary>Logical pages in a row, none of which was written between the trim of the first and that of the last.</summary>
/// <param name="Sequence">Pages with a lower one are trimmed.</param>
[StructLayout(LayoutKind.Sequential, Pack = 1, Size = 16)]
public record struct TrimmedRun(uint First, uint Count, ulong Sequence);

/// <summary>A physical page that a snapshot holds from now on, since the map does not name it any more or it was moved.</summary>
/// <param name="Physical">May also be <see cref="PhysicalPage.None"/> or <see cref="PhysicalPage.Lost"/>.</param>
/// <param name="Sequence">That of the physical page; 0 if there is none.</param>
[StructLayout(LayoutKind.Sequential, Pack = 1, Size = 24)]
public record struct KeptPage(uint Snapshot, uint Page, uint Physical, uint Reserved, ulong Sequence)
{
    public KeptPage(ushort snapshot, uint page, uint physical, ulong sequence)
        : this(snapshot, page, physical, 0, sequence)
    {
    }
}

/// <param name="CountAndState">How often it was erased, and in bit 31 whether it is retired since that failed.</param>
[StructLayout(LayoutKind.Sequential, Pack = 1, Size = 8)]
public record struct ErasedSuperblock(uint Superblock, uint CountAndState)
{
    private const uint RetiredBit = 1u << 31;

    public ErasedSuperblock(int superblock, int eraseCount, bool isRetired)
        : this((uint)superblock, (uint)eraseCount | (isRetired ? RetiredBit : 0))
    {
    }

    public readonly int EraseCount => (int)(CountAndState & ~RetiredBit);

    public readonly bool IsRetired => (CountAndState & RetiredBit) != 0;
}
