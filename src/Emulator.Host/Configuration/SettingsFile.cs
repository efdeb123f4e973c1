using System.Text.Json;

namespace Emulator.Host.Configuration;

/// <summary>Reads the configuration file: JSON, in which comments and trailing commas are welcome.</summary>
public static class SettingsFile
{
    private static readonly JsonDocumentOptions Syntax = new()
    {
        CommentHandling = JsonCommentHandling.Skip,
        AllowTrailingCommas = true,
    };

    /// <exception cref="UserErrorException">The file cannot be read, or something in it is wrong.</exception>
    public static EmulatorSettings Read(string path) => Read<EmulatorSettings>(path);

    /// <summary>Reads a file of another kind by the same rules.</summary>
    /// <exception cref="UserErrorException">The file cannot be read, or something in it is wrong.</exception>
    public static T Read<T>(string path) => Parse<T>(Path.GetFileName(path), ReadText(path));

    /// <param name="name">What to call the file in a message.</param>
    /// <exception cref="UserErrorException">Something in the text is wrong.</exception>
    public static EmulatorSettings Parse(string name, string text) => Parse<EmulatorSettings>(name, text);

    private static T Parse<T>(string name, string text)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(text, Syntax);
            return StrictJson.Read<T>(document.RootElement);
        }
        catch (JsonException e)
        {
            throw new UserErrorException(
                $"{name}: line {e.LineNumber + 1}, column {e.BytePositionInLine + 1}: not valid JSON: {Reason(e)}");
        }
        catch (FormatException e)
        {
            throw new UserErrorException($"{name}: {e.Message}");
        }
    }

    private static string ReadText(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new UserErrorException($"{path}: no such file");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UserErrorException($"{path}: {e.Message}");
        }
    }

    // The framework repeats the position behind the reason, and advises programmers in further sentences.
    private static string Reason(JsonException e) => e.Message.Split(". ")[0].TrimEnd('.');
}
