using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Emulator.Transforms;

namespace Emulator.UnitTests.Transforms;

public class DriveSecretTests
{
    private static readonly byte[] Secret = [.. Enumerable.Range(1, 32).Select(i => (byte)i)];
    private static readonly byte[] Nguid = [.. Enumerable.Range(100, 16).Select(i => (byte)i)];

    [Fact]
    public void Two_drives_with_the_secret_and_the_namespace_agree_on_the_key()
    {
        using DriveSecret here = new(Secret), there = new(Secret);
        using NamespaceKey a = here.KeyOf(Nguid, 0), b = there.KeyOf(Nguid, 0);

        Assert.Equal(a.Identifier, b.Identifier);
        Assert.NotEqual((UInt128)0, a.Identifier);
        Assert.Equal(Encrypt(a), Encrypt(b));
    }

    [Theory]
    [InlineData("another secret")]
    [InlineData("another namespace")]
    [InlineData("another generation")]
    public void A_key_depends_on(string what)
    {
        byte[] secret = [.. Secret], nguid = [.. Nguid];
        secret[31] ^= (byte)(what == "another secret" ? 1 : 0);
        nguid[15] ^= (byte)(what == "another namespace" ? 1 : 0);
        using DriveSecret first = new(Secret), second = new(secret);
        using NamespaceKey a = first.KeyOf(Nguid, 0);
        using NamespaceKey b = second.KeyOf(nguid, what == "another generation" ? 1u : 0u);

        Assert.NotEqual(a.Identifier, b.Identifier);
        Assert.NotEqual(Encrypt(a), Encrypt(b));
    }

    // RFC 5869 step by step: a medium and a drive at the other end of a migration depend on every byte of this.
    [Fact]
    public void The_key_is_HKDF_with_the_NGUID_as_salt_and_a_label_with_the_generation_as_info()
    {
        byte[] info = [.. Encoding.ASCII.GetBytes("emulator namespace key, aes-256-xts, v1"), 5, 0, 0, 0];
        byte[] extracted = HMACSHA256.HashData(Nguid, Secret);
        byte[] first = HMACSHA256.HashData(extracted, (byte[])[.. info, 1]);
        byte[] second = HMACSHA256.HashData(extracted, (byte[])[.. first, .. info, 2]);
        byte[] key = [.. first, .. second];
        byte[] digest = SHA256.HashData([.. Encoding.ASCII.GetBytes("emulator namespace key identifier, v1"), .. key]);
        using var expected = new XtsCipher(key);
        byte[] stored = new byte[64];
        expected.Encrypt(3, new byte[64], stored);

        using var secret = new DriveSecret(Secret);
        using NamespaceKey derived = secret.KeyOf(Nguid, 5);

        Assert.Equal(stored, Encrypt(derived));
        Assert.Equal(BinaryPrimitives.ReadUInt128LittleEndian(digest), derived.Identifier);
    }

    [Fact]
    public void A_secret_does_not_show_in_its_text()
    {
        using var secret = new DriveSecret("correct horse battery staple"u8);
        Assert.Equal(typeof(DriveSecret).FullName, secret.ToString());
    }

    private static byte[] Encrypt(NamespaceKey key)
    {
        using XtsCipher cipher = key.CreateCipher();
        byte[] stored = new byte[64];
        cipher.Encrypt(3, stored, stored);
        return stored;
    }
}
