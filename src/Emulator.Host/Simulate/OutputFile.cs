namespace Emulator.Host.Simulate;

/// <summary>A file that is written at the end, and about which is complained at the beginning.</summary>
/// <param name="option">The option that named it.</param>
/// <param name="path">As the user named it.</param>
/// <param name="force">Whether a file that exists is overwritten.</param>
internal sealed class OutputFile(string option, string path, bool force)
{
    /// <exception cref="UserErrorException">It cannot be written, or would overwrite a file.</exception>
    public void Check()
    {
        if (Directory.Exists(path))
            throw new UserErrorException($"{option}: {path} is a directory");
        if (!force && File.Exists(path))
            throw Exists();
        if (Path.GetDirectoryName(Path.GetFullPath(path)) is { } directory && !Directory.Exists(directory))
            throw new UserErrorException($"{option}: there is no directory {directory}");
    }

    /// <exception cref="UserErrorException">It cannot be written, or would overwrite a file.</exception>
    public void Write(string text)
    {
        try
        {
            using var stream = new FileStream(path, force ? FileMode.Create : FileMode.CreateNew, FileAccess.Write);
            using var writer = new StreamWriter(stream);
            writer.Write(text);
        }
        catch (IOException) when (!force && File.Exists(path))
        {
            throw Exists();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UserErrorException($"{option}: {e.Message}");
        }
    }

    private UserErrorException Exists() => new($"{option}: {path} exists; --force overwrites it");
}
