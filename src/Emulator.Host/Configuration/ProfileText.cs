using Emulator.Flash.Profiles;

namespace Emulator.Host.Configuration;

/// <summary>The profile of a drive: the name of one that is built in, or the path of a file.</summary>
public static class ProfileText
{
    /// <exception cref="FormatException">
    /// There is no such profile, or something in the file is wrong; the message names both.
    /// </exception>
    public static DeviceProfile Parse(string text)
    {
        if (DeviceProfile.Find(text) is { } builtIn)
            return builtIn;
        if (text.Contains('/') || text.EndsWith(".json", StringComparison.Ordinal))
            return DeviceProfile.Parse(Path.GetFileName(text), Read(text));

        string? near = Spelling.Nearest(text, DeviceProfile.Names);
        throw new FormatException($"there is no profile '{text}'; "
            + (near == null
                ? $"profiles are {string.Join(", ", DeviceProfile.Names)}, or the path of a file"
                : $"did you mean '{near}'?"));
    }

    private static string Read(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new FormatException($"{path}: no such file");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new FormatException($"{path}: {e.Message}");
        }
    }
}
