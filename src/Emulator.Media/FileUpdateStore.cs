using Emulator.Flash;
using Emulator.Migration;
using Microsoft.Win32.SafeHandles;

namespace Emulator.Media;

/// <summary>
/// A log of updates in a file. What is appended is with the operating system at once; a thread of its own synchronises it.
/// </summary>
internal sealed class FileUpdateStore : IUpdateStore
{
    private readonly string _path;
    private readonly SafeFileHandle _file;
    private readonly BackgroundSync? _sync;
    private volatile bool _hasFailed;
    private bool _isClosed;

    /// <param name="path">For messages, and to delete it.</param>
    /// <param name="file">Open; it becomes the store's.</param>
    /// <param name="access">Whether it is synchronised.</param>
    /// <param name="syncEnded">Called on another thread when a synchronisation is over.</param>
    public FileUpdateStore(string path, SafeFileHandle file, MediumAccess access, Action? syncEnded)
    {
        (_path, _file) = (path, file);
        Length = RandomAccess.GetLength(file);
        _sync = access == MediumAccess.Unsynchronised ? null : new BackgroundSync(SyncNow) { Ended = syncEnded };
        WakesWhenSynced = syncEnded != null;
    }

    public bool WakesWhenSynced { get; }

    public long Length { get; private set; }

    public bool HasFailed => _hasFailed;

    public long Synced => _sync?.Done.Number ?? 0;

    public void Append(ReadOnlySpan<byte> data)
    {
        if (_hasFailed)
            return;
        try
        {
            RandomAccess.Write(_file, data, Length);
            Length += data.Length;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _hasFailed = true;
        }
    }

    public void Read(long offset, Span<byte> destination)
    {
        while (!destination.IsEmpty)
        {
            int read = RandomAccess.Read(_file, destination, offset);
            if (read == 0)
                throw new MediumException($"the log of updates {_path} has become shorter");
            destination = destination[read..];
            offset += read;
        }
    }

    public long BeginSync() => _sync?.Begin().Number ?? 0;

    public void Sync()
    {
        if (_sync != null && !_isClosed)
            _sync.End(_sync.Begin());
    }

    /// <summary>It is empty before it is gone, since an empty log is none, whatever becomes of the directory.</summary>
    public void Discard()
    {
        try
        {
            RandomAccess.SetLength(_file, 0);
            Length = 0;
            if (_sync != null)
                SyncNow();
            File.Delete(_path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _hasFailed = true;
        }
    }

    public void Dispose()
    {
        if (_isClosed)
            return;
        _isClosed = true;
        _sync?.Dispose();
        _file.Dispose();
    }

    private bool SyncNow()
    {
        try
        {
            RandomAccess.FlushToDisk(_file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _hasFailed = true;
        }

        return !_hasFailed;
    }
}
