using System.Security.Cryptography;
using System.Text;
using Emulator.Transforms;

namespace Emulator.Host.Configuration;

/// <summary>
/// Where the secret of a drive is: a file, or a variable of the environment. The secret itself has no place in the
/// configuration file and in no message.
/// </summary>
public sealed record SecretSettings
{
    /// <summary>Path of a file, all of which is the secret but for a line end at its end.</summary>
    public string? File { get; init; }

    /// <summary>Name of a variable, whose text is the secret.</summary>
    public string? Environment { get; init; }

    /// <summary>What is wrong with where it is said to be; null when nothing is.</summary>
    public string? Problem() => (File, Environment) switch
    {
        (null, null) => "the secret needs a 'file' or an 'environment'",
        ({ }, { }) => "the secret has both a 'file' and an 'environment'; one must go",
        _ => null,
    };

    /// <exception cref="UserErrorException">It is not there, or too short or long.</exception>
    public DriveSecret Read()
    {
        byte[] bytes = File != null ? ReadFile(File) : ReadVariable(Environment!);
        try
        {
            ReadOnlySpan<byte> secret = WithoutLineEnd(bytes);
            if (secret.Length is < DriveSecret.LeastBytes or > DriveSecret.MostBytes)
            {
                throw new UserErrorException(
                    $"the secret in {Place} has {secret.Length} bytes, must have {DriveSecret.LeastBytes} to {DriveSecret.MostBytes}");
            }

            return new DriveSecret(secret);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(bytes);
        }
    }

    private string Place => File != null ? $"file '{File}'" : $"environment variable '{Environment}'";

    private byte[] ReadFile(string path)
    {
        try
        {
            using FileStream file = System.IO.File.OpenRead(path);
            // One byte more than may be, so that a file that is too long shows as such without being read whole. The
            // array does not move, so that clearing it leaves no copy.
            byte[] buffer = GC.AllocateArray<byte>(DriveSecret.MostBytes + 3, pinned: true);
            int length = file.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);
            byte[] bytes = GC.AllocateArray<byte>(length, pinned: true);
            buffer.AsSpan(0, length).CopyTo(bytes);
            CryptographicOperations.ZeroMemory(buffer);
            return bytes;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UserErrorException($"the secret in {Place} cannot be read: {e.Message}");
        }
    }

    private byte[] ReadVariable(string name)
    {
        string text = System.Environment.GetEnvironmentVariable(name)
            ?? throw new UserErrorException($"the secret is to be in {Place}, which is not set");
        byte[] bytes = GC.AllocateArray<byte>(Encoding.UTF8.GetByteCount(text), pinned: true);
        Encoding.UTF8.GetBytes(text, bytes);
        return bytes;
    }

    private static ReadOnlySpan<byte> WithoutLineEnd(ReadOnlySpan<byte> bytes)
    {
        if (bytes.EndsWith("\n"u8))
            bytes = bytes[..^1];
        return bytes.EndsWith("\r"u8) ? bytes[..^1] : bytes;
    }
}
