using System.Buffers.Binary;
using Emulator.Core;

namespace Emulator.Transforms;

/// <summary>
/// XTS-AES-256 (IEEE 1619) by the system's libcrypto: one key, one context for each direction, nothing allocated for
/// a data unit. A data unit is told from others by its number, which makes the tweak.
/// </summary>
public sealed unsafe class XtsCipher : IDisposable
{
    /// <summary>Two AES-256 keys, which must differ: one for the data, one for the tweak.</summary>
    public const int KeyBytes = 64;

    /// <summary>The cipher's block, and the least that a data unit can have.</summary>
    public const int BlockBytes = 16;

    private const int TweakBytes = 16;

    private readonly LibCrypto.CipherContext _encryption;
    private readonly LibCrypto.CipherContext _decryption;

    /// <exception cref="LibraryMissingException">There is no libcrypto.</exception>
    public XtsCipher(ReadOnlySpan<byte> key)
    {
        Check.That(key.Length == KeyBytes);
        SystemLibrary.Require(LibCrypto.Library, "libssl3", "encryption");
        _encryption = WithKey(key, encrypt: 1);
        _decryption = WithKey(key, encrypt: 0);
    }

    /// <param name="plain">At least <see cref="BlockBytes"/>.</param>
    /// <param name="stored">As long as <paramref name="plain"/>; the same memory is allowed.</param>
    public void Encrypt(ulong dataUnit, ReadOnlySpan<byte> plain, Span<byte> stored) =>
        Run(_encryption, dataUnit, plain, stored);

    /// <param name="stored">At least <see cref="BlockBytes"/>.</param>
    /// <param name="plain">As long as <paramref name="stored"/>; the same memory is allowed.</param>
    public void Decrypt(ulong dataUnit, ReadOnlySpan<byte> stored, Span<byte> plain) =>
        Run(_decryption, dataUnit, stored, plain);

    /// <summary>The library clears the key schedules as it frees them.</summary>
    public void Dispose()
    {
        _encryption.Dispose();
        _decryption.Dispose();
    }

    private static LibCrypto.CipherContext WithKey(ReadOnlySpan<byte> key, int encrypt)
    {
        var context = new LibCrypto.CipherContext();
        fixed (byte* bytes = key)
            Check.That(LibCrypto.Init(context.Pointer, LibCrypto.Aes256Xts(), bytes, null, encrypt, 0) == 1);
        return context;
    }

    private static void Run(
        LibCrypto.CipherContext context, ulong dataUnit, ReadOnlySpan<byte> source, Span<byte> target)
    {
        Check.That(source.Length >= BlockBytes && target.Length == source.Length && !context.IsClosed);
        Span<byte> tweak = stackalloc byte[TweakBytes];
        tweak.Clear();
        BinaryPrimitives.WriteUInt64LittleEndian(tweak, dataUnit);

        const int unchanged = -1;
        int written;
        fixed (byte* tweakBytes = tweak, from = source, to = target)
        {
            Check.That(LibCrypto.Init(context.Pointer, 0, null, tweakBytes, unchanged, 0) == 1);
            Check.That(LibCrypto.Update(context.Pointer, to, out written, from, source.Length) == 1);
        }

        Check.That(written == source.Length);
    }
}
