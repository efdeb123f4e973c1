using System.Security.Cryptography;
using Emulator.Wire;

namespace Emulator.Host.Snapshots;

/// <summary>
/// Writes an image beside its place, and puts it there when it is whole: a file under the name that was asked for is never
/// half an image.
/// </summary>
internal sealed class SnapshotImageWriter : IDisposable
{
    private readonly string _path;
    private readonly string _partial;
    private readonly FileStream _file;
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly byte[] _data = new byte[ImageRecord.MostDataPages * RangeDigests.PageBytes];
    private readonly byte[] _header = new byte[SnapshotImageHeader.Size];
    private ulong _page;
    private uint _pages;
    private ImageRecordKind _kind;
    private bool _isDone;

    /// <exception cref="UserErrorException">There is such a file, or none can be written there.</exception>
    public SnapshotImageWriter(string path, bool overwrite)
    {
        if (!overwrite && File.Exists(path))
            throw new UserErrorException($"{path} exists; --force overwrites it");
        _path = path;
        _partial = path + ".partial";
        try
        {
            _file = new FileStream(_partial, FileMode.Create, FileAccess.ReadWrite);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UserErrorException($"{path} cannot be written: {e.Message}");
        }

        _file.Write(_header);
    }

    public ulong Records { get; private set; }

    public ulong DataPages { get; private set; }

    /// <summary>Bytes so far.</summary>
    public long Length => _file.Length;

    /// <summary>Adds pages behind those that were added before.</summary>
    /// <param name="data">The bytes of the pages if <paramref name="kind"/> says that there are any.</param>
    public void Add(ulong page, uint pages, ImageRecordKind kind, ReadOnlySpan<byte> data = default)
    {
        while (pages > 0)
        {
            uint most = kind == ImageRecordKind.Data ? ImageRecord.MostDataPages : uint.MaxValue;
            if (kind != _kind || page != _page + _pages || _pages == most)
                EndRecord();
            if (_pages == 0)
                (_page, _kind) = (page, kind);

            uint taken = Math.Min(most - _pages, pages);
            if (kind == ImageRecordKind.Data)
            {
                int bytes = (int)taken * RangeDigests.PageBytes;
                data[..bytes].CopyTo(_data.AsSpan((int)_pages * RangeDigests.PageBytes));
                data = data[bytes..];
            }

            _pages += taken;
            page += taken;
            pages -= taken;
        }
    }

    /// <summary>Writes the table and the header, and puts the file in its place.</summary>
    /// <param name="header">What the writer does not know: the namespace and its snapshots.</param>
    public void Finish(SnapshotImageHeader header, RangeDigests digests)
    {
        EndRecord();
        Write(digests.Table);
        header.Magic = SnapshotImageHeader.MagicValue;
        header.Version = SnapshotImageHeader.CurrentVersion;
        header.HeaderBytes = SnapshotImageHeader.Size;
        header.RangeBytes = RangeDigests.RangeBytes;
        header.Length = (ulong)_file.Length;
        header.Records = Records;
        header.DataPages = DataPages;
        digests.Contents.CopyTo((Span<byte>)header.Contents);
        _hash.GetHashAndReset().CopyTo((Span<byte>)header.Body);
        header.WriteTo(_header);
        _file.Position = 0;
        _file.Write(_header);
        _file.Flush(flushToDisk: true);
        _file.Dispose();
        File.Move(_partial, _path, overwrite: true);
        _isDone = true;
    }

    public void Dispose()
    {
        _file.Dispose();
        _hash.Dispose();
        if (!_isDone)
            File.Delete(_partial);
    }

    private void EndRecord()
    {
        if (_pages == 0)
            return;
        var record = new ImageRecord { Page = _page, Pages = _pages, Kind = (uint)_kind };
        Write(WireStruct.Bytes(ref record));
        if (_kind == ImageRecordKind.Data)
        {
            Write(_data.AsSpan(0, (int)_pages * RangeDigests.PageBytes));
            DataPages += _pages;
        }

        Records++;
        _pages = 0;
    }

    private void Write(ReadOnlySpan<byte> bytes)
    {
        _hash.AppendData(bytes);
        _file.Write(bytes);
    }
}
