using Emulator.Migration;
using Microsoft.Win32.SafeHandles;

namespace Emulator.Media;

/// <summary>Logs of updates as files of a directory.</summary>
/// <param name="directory">Made when the first log is.</param>
/// <param name="access">Whether what is synchronised outlives the machine.</param>
/// <param name="outlivesProcess">Whether there will be anybody to look for a log when the process has ended.</param>
public sealed class FileUpdateLogs(string directory, MediumAccess access, bool outlivesProcess = true) : IUpdateLogs
{
    private const string Extension = ".updates";

    private readonly Lock _gate = new();
    private Action? _syncEnded;

    /// <summary>
    /// Called on another thread when a log has been synchronised that was made while there was one to call. When it is set no call of what it
    /// was before goes on.
    /// </summary>
    public Action? SyncEnded
    {
        set
        {
            lock (_gate)
                _syncEnded = value;
        }
    }

    /// <exception cref="Flash.MediumException">There is a log, and it cannot be opened.</exception>
    public IUpdateStore? Find(string name)
    {
        string path = PathOf(name);
        try
        {
            if (!File.Exists(path))
                return null;
            SafeFileHandle file = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite);
            if (RandomAccess.GetLength(file) > 0)
                return new FileUpdateStore(path, file, access, Waker);
            file.Dispose();
            File.Delete(path);
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new Flash.MediumException($"the log of updates {path} cannot be opened: {e.Message}");
        }
    }

    public IUpdateStore? Create(string name)
    {
        try
        {
            Directory.CreateDirectory(directory);
            string path = PathOf(name);
            FileOptions options = outlivesProcess ? FileOptions.None : FileOptions.DeleteOnClose;
            var store = new FileUpdateStore(
                path, File.OpenHandle(path, FileMode.Create, FileAccess.ReadWrite, FileShare.Read, options), access, Waker);
            if (access != MediumAccess.Unsynchronised)
                SyncDirectory();
            return store;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private Action? Waker
    {
        get
        {
            lock (_gate)
                return _syncEnded == null ? null : Tell;
        }
    }

    private void Tell()
    {
        lock (_gate)
            _syncEnded?.Invoke();
    }

    private string PathOf(string name) => Path.Combine(directory, name + Extension);

    /// <summary>A file that was made is there after the machine has died only if its directory was synchronised.</summary>
    private void SyncDirectory()
    {
        int fd = Libc.Open(directory, Libc.OpenReadOnly);
        if (fd < 0)
            throw new IOException($"{directory} cannot be opened");
        bool isSynced = Libc.SyncAll(fd) == 0;
        _ = Libc.Close(fd);
        if (!isSynced)
            throw new IOException($"{directory} cannot be synchronised");
    }
}
