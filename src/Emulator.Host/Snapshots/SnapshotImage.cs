using System.Security.Cryptography;
using Emulator.Core;
using Emulator.Wire;

namespace Emulator.Host.Snapshots;

/// <summary>An image of a snapshot in a file (specs/snapshot-image.md), checked before anything is done with it.</summary>
internal sealed class SnapshotImage : IDisposable
{
    private const int PageBytes = RangeDigests.PageBytes;
    private const ulong MostBytes = (ulong)(int.MaxValue / RangeDigests.DigestBytes) << RangeDigests.RangeShift;

    private readonly string _path;
    private readonly FileStream _file;
    private readonly byte[] _data = new byte[ImageRecord.MostDataPages * PageBytes];

    /// <summary>Opens an image and reads its header and table.</summary>
    /// <exception cref="UserErrorException">It cannot be read, or is no image that this version knows.</exception>
    /// <exception cref="SnapshotImageException">It is damaged or not whole.</exception>
    public SnapshotImage(string path)
    {
        _path = path;
        try
        {
            _file = new FileStream(path, FileMode.Open, FileAccess.Read);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UserErrorException($"{path} cannot be read: {e.Message}");
        }

        try
        {
            Header = ReadHeader();
            Digests = ReadTable();
        }
        catch
        {
            _file.Dispose();
            throw;
        }
    }

    public SnapshotImageHeader Header { get; }

    /// <summary>Checksums of what the namespace holds after the image was applied.</summary>
    public RangeDigests Digests { get; }

    public ulong Pages => (Header.Bytes + PageBytes - 1) / PageBytes;

    private long TableOffset => (long)(ulong)Header.Length - (RangeDigests.RangesOf(Header.Bytes) * RangeDigests.DigestBytes);

    /// <summary>Reads all of it: its checksum, and that its records are in order and where they can be.</summary>
    /// <exception cref="SnapshotImageException">It is damaged.</exception>
    public void Verify()
    {
        _file.Position = SnapshotImageHeader.Size;
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        for (int read; (read = _file.Read(_data)) > 0;)
            hash.AppendData(_data, 0, read);
        SnapshotImageHeader header = Header;
        if (!hash.GetHashAndReset().AsSpan().SequenceEqual(header.Body))
            throw Damaged("its contents have another checksum than its header says");

        ulong next = 0, dataPages = 0;
        foreach (ImageRecord record in ReadRecords())
        {
            bool isGap = record.Page > next && !Header.IsIncremental;
            if (record.Page < next || record.Page >= Pages || isGap || record.Pages == 0 || record.Pages > Pages - record.Page)
                throw Damaged($"the record of page {record.Page} is impossible");
            next = record.Page + record.Pages;
            dataPages += record.Kind == (uint)ImageRecordKind.Data ? record.Pages.Value : 0;
        }

        if (dataPages != Header.DataPages || _file.Position != TableOffset || (!Header.IsIncremental && next != Pages))
            throw Damaged("it has other pages than its header says");
    }

    /// <summary>The records in order. The data of one is there until the next is asked for.</summary>
    /// <exception cref="SnapshotImageException">It is damaged.</exception>
    public IEnumerable<ImageRecord> ReadRecords()
    {
        _file.Position = SnapshotImageHeader.Size;
        byte[] bytes = new byte[ImageRecord.Size];
        for (ulong i = 0; i < Header.Records; i++)
        {
            Fill(bytes);
            ImageRecord record = WireStruct.Read<ImageRecord>(bytes);
            if (record.Kind.Value is < (uint)ImageRecordKind.Data or > (uint)ImageRecordKind.Unreadable)
                throw Damaged($"record {i} is of the unknown kind {record.Kind}");
            if (record.Kind == (uint)ImageRecordKind.Data)
            {
                if (record.Pages > ImageRecord.MostDataPages)
                    throw Damaged($"record {i} has {record.Pages} pages");
                Fill(_data.AsSpan(0, (int)record.Pages.Value * PageBytes));
            }

            yield return record;
        }
    }

    /// <summary>The bytes of the pages of a record of data.</summary>
    public Span<byte> DataOf(in ImageRecord record) => _data.AsSpan(0, (int)record.Pages.Value * PageBytes);

    public void Dispose() => _file.Dispose();

    private SnapshotImageHeader ReadHeader()
    {
        byte[] bytes = new byte[SnapshotImageHeader.Size];
        int read = _file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        SnapshotImageHeader header = WireStruct.Read<SnapshotImageHeader>(bytes);
        if (read < sizeof(ulong) || header.Magic != SnapshotImageHeader.MagicValue)
            throw new UserErrorException($"{_path} is no image of a snapshot");
        if (read < bytes.Length)
            throw Damaged("it ends within its header");
        if (Crc32C.Compute(bytes.AsSpan(0, bytes.Length - sizeof(uint))) != header.Crc)
            throw Damaged("its header has another checksum than it says");
        if (header.Version != SnapshotImageHeader.CurrentVersion)
            throw new UserErrorException($"{_path} is an image of version {header.Version}; this is for version {SnapshotImageHeader.CurrentVersion}");
        if (!IsPossible(header, bytes))
            throw Damaged("its header is impossible");
        return header.Length == (ulong)_file.Length
            ? header
            : throw Damaged($"it has {_file.Length} bytes and its header says {header.Length}");
    }

    private static bool IsPossible(in SnapshotImageHeader header, ReadOnlySpan<byte> bytes) =>
        header.HeaderBytes == SnapshotImageHeader.Size
        && header.RangeBytes == RangeDigests.RangeBytes
        && header.BlockBytes is { Value: 512 or 4096 }
        && header.Blocks.Value is > 0 and var blocks && blocks <= MostBytes / header.BlockBytes
        && (header.Flags & ~SnapshotImageHeader.Incremental) == 0
        && !bytes[192..252].ContainsAnyExcept((byte)0)
        && header.Length >= SnapshotImageHeader.Size + ((ulong)RangeDigests.RangesOf(header.Bytes) * RangeDigests.DigestBytes);

    private RangeDigests ReadTable()
    {
        byte[] table = new byte[RangeDigests.RangesOf(Header.Bytes) * RangeDigests.DigestBytes];
        _file.Position = TableOffset;
        Fill(table);
        var digests = new RangeDigests(Header.Bytes, table);
        SnapshotImageHeader header = Header;
        return digests.Contents.AsSpan().SequenceEqual(header.Contents)
            ? digests
            : throw Damaged("its table of checksums has another checksum than its header says");
    }

    private void Fill(Span<byte> bytes)
    {
        if (_file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false) < bytes.Length)
            throw Damaged("it ends too early");
    }

    private SnapshotImageException Damaged(string why) => new($"{_path} is damaged: {why}");
}
