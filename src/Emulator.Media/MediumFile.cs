using System.Runtime.InteropServices;
using Emulator.Flash;
using Microsoft.Win32.SafeHandles;

namespace Emulator.Media;

/// <summary>Opens and makes files that are media, and refuses those that are not, with a message that says what to do.</summary>
public static class MediumFile
{
    /// <summary>Whether there is nothing at a path, or an empty file: then a medium is made there.</summary>
    /// <exception cref="MediumException">It cannot be seen.</exception>
    public static bool IsToBeMade(string path) => Guarded(path, () =>
    {
        if (Directory.Exists(path))
            throw new MediumException($"{path} is a directory; name a file");
        var file = new FileInfo(path);
        return !file.Exists || (file.Length == 0 && (file.Attributes & FileAttributes.Device) == 0);
    });

    /// <summary>Opens a medium.</summary>
    /// <param name="format">What its header says.</param>
    /// <exception cref="MediumException">There is none, or it is foreign, damaged, cut off, of another version or in use.</exception>
    public static FileMedium Open(string path, MediumAccess access, out MediumFormat format)
    {
        path = Path.GetFullPath(path);
        SafeFileHandle file = Guarded(path, () => File.OpenHandle(
            path,
            FileMode.Open,
            access == MediumAccess.ReadOnly ? FileAccess.Read : FileAccess.ReadWrite,
            FileShare.ReadWrite));
        try
        {
            Lock(file, path, access);
            format = ReadFormat(file, path);
            return new FileMedium(file, format, path, access);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Makes a medium, which is blank: the drive that is built on it formats it. What is at the path is lost.
    /// </summary>
    /// <exception cref="MediumException">It cannot be made.</exception>
    public static FileMedium Make(string path, MediumFormat format, MediumAccess access)
    {
        path = Path.GetFullPath(path);
        bool existed = File.Exists(path);
        SafeFileHandle file = Guarded(path, () => File.OpenHandle(
            path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite));
        try
        {
            Lock(file, path, access);
            var layout = new FileLayout(format);
            Guarded(path, () =>
            {
                RandomAccess.SetLength(file, 0);
                RandomAccess.SetLength(file, layout.FileBytes);
                return true;
            });
            AllocateSystemArea(file, path, layout.SystemBytes);
            return new FileMedium(file, format, path, access);
        }
        catch
        {
            file.Dispose();
            if (!existed)
                File.Delete(path);
            throw;
        }
    }

    private static void Lock(SafeFileHandle file, string path, MediumAccess access)
    {
        int wanted = access == MediumAccess.ReadOnly ? Libc.LockShared : Libc.LockExclusive;
        if (Libc.Lock((int)file.DangerousGetHandle(), wanted | Libc.LockWithoutWaiting) == 0)
            return;
        int error = Marshal.GetLastPInvokeError();
        throw error == Libc.Ewouldblock
            ? InUse(path)
            : new MediumException($"{path} cannot be locked: {Libc.ErrorText(error)}");
    }

    private static MediumException InUse(string path) =>
        new($"{path} is in use by another process; stop that drive, or name another file");

    private static MediumFormat ReadFormat(SafeFileHandle file, string path)
    {
        byte[] header = new byte[MediumFormat.Bytes];
        long length = RandomAccess.GetLength(file);
        int read = Guarded(path, () => RandomAccess.Read(file, header, 0));
        if (read == header.Length && MediumFormat.IsBlank(header))
        {
            throw new MediumException(
                $"{path} has no format header: it is no medium, or was not made to the end; delete it, or have it formatted anew");
        }

        if (read < header.Length && !MediumFormat.HasMagic(header))
            throw new MediumException($"{path} is not a medium of the emulator; name another file, or have it formatted anew");
        MediumFormat format = MediumFormat.ReadFrom(header, path);
        long expected = new FileLayout(format).FileBytes;
        return length == expected
            ? format
            : throw MediumFormat.Damaged(path, $"it has {length} bytes of {expected}");
    }

    /// <summary>What is written without asking for room has it from the start.</summary>
    private static void AllocateSystemArea(SafeFileHandle file, string path, long bytes)
    {
        if (Libc.Allocate((int)file.DangerousGetHandle(), mode: 0, 0, bytes) == 0)
            return;
        int error = Marshal.GetLastPInvokeError();
        if (error is Libc.Enospc or Libc.Edquot)
            throw new MediumException($"{path} cannot be made: there is no room for the {bytes} bytes of its system area");
    }

    private static T Guarded<T>(string path, Func<T> access)
    {
        try
        {
            return access();
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new MediumException($"{path}: no such file or directory");
        }
        catch (IOException e) when (e.HResult == Libc.Ewouldblock)
        {
            throw InUse(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new MediumException($"{path}: {e.Message}");
        }
    }
}
