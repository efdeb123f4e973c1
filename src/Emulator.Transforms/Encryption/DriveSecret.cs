using System.Security.Cryptography;
using Emulator.Core;

namespace Emulator.Transforms;

/// <summary>
/// The secret of a drive, which the keys of its namespaces are derived from (HKDF-SHA256, RFC 5869). It is kept in
/// memory that the collector never copies, is cleared with <see cref="Dispose"/>, and has no text form.
/// </summary>
public sealed class DriveSecret : IDisposable
{
    /// <summary>Bytes, which should be random: a key cannot be better than the secret it comes from.</summary>
    public const int LeastBytes = 16;

    public const int MostBytes = 4096;

    private readonly byte[] _bytes;
    private bool _isDisposed;

    /// <param name="secret"><see cref="LeastBytes"/> to <see cref="MostBytes"/>; the caller clears its own copy.</param>
    public DriveSecret(ReadOnlySpan<byte> secret)
    {
        Check.That(secret.Length is >= LeastBytes and <= MostBytes);
        _bytes = GC.AllocateUninitializedArray<byte>(secret.Length, pinned: true);
        secret.CopyTo(_bytes);
    }

    /// <summary>The key of a namespace: the same on every drive that has the secret and the namespace.</summary>
    /// <param name="nguid">Identifier of the namespace (NGUID).</param>
    /// <param name="generation">Another one makes another key: what was encrypted before is then lost for good.</param>
    public NamespaceKey KeyOf(ReadOnlySpan<byte> nguid, uint generation)
    {
        Check.That(!_isDisposed);
        return NamespaceKey.Derive(_bytes, nguid, generation);
    }

    public void Dispose()
    {
        CryptographicOperations.ZeroMemory(_bytes);
        _isDisposed = true;
    }
}
