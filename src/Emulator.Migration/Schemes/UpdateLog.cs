using System.Buffers.Binary;
using System.IO.Compression;
using Emulator.Core;

namespace Emulator.Migration;

/// <summary>
/// What the VM wrote to the destination alone, in the order in which it was written, compressed where that makes it
/// smaller. Written to the source from the begin, it makes the source what the VM last saw. An update is in the log before
/// the VM has the completion of its write, so that a log which breaks off lacks nothing that was acknowledged.
/// </summary>
/// <remarks>
/// Little-endian. The log begins with a header: magic, version, base-two logarithm of the bytes of a block, reserved,
/// CRC-32C of these. A record: magic, CRC-32C of the rest of the header and of the payload, first block, blocks, bytes of
/// the payload, kind, reserved. The payload of a compressed record is one Brotli stream.
/// </remarks>
public sealed class UpdateLog
{
    private const uint LogMagic = 0x474C_5055;
    private const uint RecordMagic = 0x5244_5055;
    private const ushort Version = 1;
    private const int HeaderBytes = 16;
    private const int RecordBytes = 32;

    /// <summary>
    /// Little effort: what is gained with more is little, and the drive does nothing else meanwhile. With a window of 18 bits writes
    /// of 128 KiB take two to ten times as long.
    /// </summary>
    private const int Quality = 1;
    private const int Window = 16;

    // Of a write so many bytes are looked at, some here and some there, before it is compressed.
    private const int SampledBytes = 1024;
    private const int SampledAtOnce = 16;

    private readonly IUpdateStore _store;
    private readonly int _blockShift;
    private byte[] _record = new byte[RecordBytes];

    private enum RecordKind : ushort
    {
        Plain = 1,
        Compressed = 2,
        Zero = 3,
    }

    /// <param name="store">Empty, or with a log of the same blocks.</param>
    public UpdateLog(IUpdateStore store, int blockShift)
    {
        (_store, _blockShift) = (store, blockShift);
        Span<byte> header = stackalloc byte[HeaderBytes];
        BinaryPrimitives.WriteUInt32LittleEndian(header, LogMagic);
        BinaryPrimitives.WriteUInt16LittleEndian(header[4..], Version);
        BinaryPrimitives.WriteUInt16LittleEndian(header[6..], (ushort)blockShift);
        BinaryPrimitives.WriteUInt32LittleEndian(header[12..], Crc32C.Compute(header[..12]));
        if (store.Length == 0)
        {
            store.Append(header);
            return;
        }

        Span<byte> stored = stackalloc byte[HeaderBytes];
        if (store.Length >= HeaderBytes)
            store.Read(0, stored);
        if (!stored.SequenceEqual(header))
            throw new InvalidDataException("this is no log of updates of such blocks");
    }

    /// <summary>The source has all of it: the log is gone.</summary>
    public void Discard() => _store.Discard();

    /// <param name="data">The blocks of a write; nothing for zeroes.</param>
    /// <returns>Bytes that the log grew by.</returns>
    public int Append(in BlockRequest update, ReadOnlySpan<byte> data)
    {
        Check.That(update.Changes);
        int most = RecordBytes + Math.Max(data.Length, BrotliEncoder.GetMaxCompressedLength(data.Length));
        if (_record.Length < most)
            _record = new byte[most];
        RecordKind kind = update.Operation == BlockOperation.Zero ? RecordKind.Zero : RecordKind.Plain;
        int length = 0;
        if (kind == RecordKind.Plain)
        {
            Check.That(data.Length == (long)update.Blocks << _blockShift);
            kind = Compress(data, out length);
        }

        Span<byte> record = _record.AsSpan(0, RecordBytes + length);
        WriteHeader(record, update, length, kind);
        _store.Append(record);
        return record.Length;
    }

    /// <summary>Reads the record at a position.</summary>
    /// <param name="position">0 for the first; moved behind the record.</param>
    /// <param name="data">Holds the blocks of a write afterwards; made larger as needed.</param>
    /// <returns>False at the end of the log, and where it breaks off.</returns>
    public bool TryRead(ref long position, ref byte[] data, out BlockRequest update)
    {
        update = default;
        long at = Math.Max(position, HeaderBytes);
        Span<byte> header = stackalloc byte[RecordBytes];
        if (_store.Length - at < RecordBytes)
            return false;
        _store.Read(at, header);
        uint length = BinaryPrimitives.ReadUInt32LittleEndian(header[20..]);
        if (BinaryPrimitives.ReadUInt32LittleEndian(header) != RecordMagic || length > _store.Length - at - RecordBytes)
            return false;
        if (_record.Length < RecordBytes + (long)length)
            _record = new byte[RecordBytes + (int)length];
        Span<byte> record = _record.AsSpan(0, RecordBytes + (int)length);
        _store.Read(at, record);
        if (BinaryPrimitives.ReadUInt32LittleEndian(record[4..]) != Crc32C.Compute(record[8..]))
            return false;
        position = at + record.Length;
        return TryDecode(record, ref data, out update);
    }

    private RecordKind Compress(ReadOnlySpan<byte> data, out int length)
    {
        Span<byte> payload = _record.AsSpan(RecordBytes);
        if (!LooksRandom(data) && BrotliEncoder.TryCompress(data, payload, out length, Quality, Window) && length < data.Length)
            return RecordKind.Compressed;
        data.CopyTo(payload);
        length = data.Length;
        return RecordKind.Plain;
    }

    /// <summary>Bytes as different as those of encrypted or compressed data, which do not become fewer, are not worth the time.</summary>
    private static bool LooksRandom(ReadOnlySpan<byte> data)
    {
        const int evenly = SampledBytes * SampledBytes / 256;
        Span<ushort> counts = stackalloc ushort[256];
        counts.Clear();
        int step = Math.Max(SampledAtOnce, data.Length / (SampledBytes / SampledAtOnce));
        int sampled = 0, squares = 0;
        for (int at = 0; at + SampledAtOnce <= data.Length && sampled < SampledBytes; at += step, sampled += SampledAtOnce)
        {
            foreach (byte value in data.Slice(at, SampledAtOnce))
                squares += (2 * counts[value]++) + 1;
        }

        // The sum of the squares of the counts, as it is for bytes that are all as frequent and come at random, and a half.
        return sampled == SampledBytes && squares < (SampledBytes + evenly) * 3 / 2;
    }

    private static void WriteHeader(Span<byte> record, in BlockRequest update, int length, RecordKind kind)
    {
        record[..RecordBytes].Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(record, RecordMagic);
        BinaryPrimitives.WriteUInt64LittleEndian(record[8..], update.StartLba);
        BinaryPrimitives.WriteUInt32LittleEndian(record[16..], update.Blocks);
        BinaryPrimitives.WriteUInt32LittleEndian(record[20..], (uint)length);
        BinaryPrimitives.WriteUInt16LittleEndian(record[24..], (ushort)kind);
        BinaryPrimitives.WriteUInt32LittleEndian(record[4..], Crc32C.Compute(record[8..]));
    }

    private bool TryDecode(ReadOnlySpan<byte> record, ref byte[] data, out BlockRequest update)
    {
        ulong startLba = BinaryPrimitives.ReadUInt64LittleEndian(record[8..]);
        uint blocks = BinaryPrimitives.ReadUInt32LittleEndian(record[16..]);
        var kind = (RecordKind)BinaryPrimitives.ReadUInt16LittleEndian(record[24..]);
        ReadOnlySpan<byte> payload = record[RecordBytes..];
        update = new BlockRequest(kind == RecordKind.Zero ? BlockOperation.Zero : BlockOperation.Write, startLba, blocks);
        if (kind == RecordKind.Zero)
            return payload.IsEmpty;
        long length = (long)blocks << _blockShift;
        if (length > int.MaxValue || record[26..RecordBytes].ContainsAnyExcept((byte)0))
            return false;
        if (data.Length < length)
            data = new byte[length];
        Span<byte> target = data.AsSpan(0, (int)length);
        if (kind == RecordKind.Compressed)
            return BrotliDecoder.TryDecompress(payload, target, out int written) && written == length;
        bool isWhole = kind == RecordKind.Plain && payload.Length == length;
        if (isWhole)
            payload.CopyTo(target);
        return isWhole;
    }
}
