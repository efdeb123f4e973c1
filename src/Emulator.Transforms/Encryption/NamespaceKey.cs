using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Emulator.Transforms;

/// <summary>
/// The key of a namespace. It makes one cipher and is cleared; what stays is its identifier, from which nobody finds
/// the key.
/// </summary>
public sealed class NamespaceKey : IDisposable
{
    private readonly byte[] _key = GC.AllocateArray<byte>(XtsCipher.KeyBytes, pinned: true);

    private NamespaceKey()
    {
    }

    /// <summary>The first 16 bytes, little-endian, of SHA-256 over a label and the key; never 0 in practice.</summary>
    public UInt128 Identifier { get; private init; }

    public XtsCipher CreateCipher() => new(_key);

    public void Dispose() => CryptographicOperations.ZeroMemory(_key);

    /// <summary>Salt is the NGUID; info is a label with the generation, which a crypto erase counts up.</summary>
    internal static NamespaceKey Derive(ReadOnlySpan<byte> secret, ReadOnlySpan<byte> nguid, uint generation)
    {
        ReadOnlySpan<byte> label = "emulator namespace key, aes-256-xts, v1"u8;
        Span<byte> info = stackalloc byte[label.Length + sizeof(uint)];
        label.CopyTo(info);
        BinaryPrimitives.WriteUInt32LittleEndian(info[label.Length..], generation);

        Span<byte> key = stackalloc byte[XtsCipher.KeyBytes];
        HKDF.DeriveKey(HashAlgorithmName.SHA256, secret, key, nguid, info);
        var result = new NamespaceKey { Identifier = IdentifierOf(key) };
        key.CopyTo(result._key);
        CryptographicOperations.ZeroMemory(key);
        return result;
    }

    private static UInt128 IdentifierOf(ReadOnlySpan<byte> key)
    {
        ReadOnlySpan<byte> label = "emulator namespace key identifier, v1"u8;
        Span<byte> labelled = stackalloc byte[label.Length + XtsCipher.KeyBytes];
        label.CopyTo(labelled);
        key.CopyTo(labelled[label.Length..]);
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(labelled, digest);
        CryptographicOperations.ZeroMemory(labelled);
        return BinaryPrimitives.ReadUInt128LittleEndian(digest);
    }
}
