using Emulator.Transforms;

namespace Emulator.UnitTests.Transforms;

/// <summary>Vectors of IEEE 1619-2007, annex B, for XTS-AES-256.</summary>
public class XtsCipherTests
{
    private static readonly byte[] Key = Convert.FromHexString(
        "2718281828459045235360287471352662497757247093699959574966967627"
        + "3141592653589793238462643383279502884197169399375105820974944592");

    private static readonly byte[] Plain = [.. Enumerable.Range(0, 512).Select(i => (byte)i)];

    [Fact]
    public void Vector_10_comes_out_whole()
    {
        using var cipher = new XtsCipher(Key);
        byte[] stored = new byte[Plain.Length];

        cipher.Encrypt(0xFF, Plain, stored);

        Assert.Equal(
            "1c3b3a102f770386e4836c99e370cf9bea00803f5e482357a4ae12d414a3e63b"
            + "5d31e276f8fe4a8d66b317f9ac683f44680a86ac35adfc3345befecb4bb188fd"
            + "5776926c49a3095eb108fd1098baec70aaa66999a72a82f27d848b21d4a741b0"
            + "c5cd4d5fff9dac89aeba122961d03a757123e9870f8acf1000020887891429ca"
            + "2a3e7a7d7df7b10355165c8b9a6d0a7de8b062c4500dc4cd120c0f7418dae3d0"
            + "b5781c34803fa75421c790dfe1de1834f280d7667b327f6c8cd7557e12ac3a0f"
            + "93ec05c52e0493ef31a12d3d9260f79a289d6a379bc70c50841473d1a8cc81ec"
            + "583e9645e07b8d9670655ba5bbcfecc6dc3966380ad8fecb17b6ba02469a020a"
            + "84e18e8f84252070c13e9f1f289be54fbc481457778f616015e1327a02b140f1"
            + "505eb309326d68378f8374595c849d84f4c333ec4423885143cb47bd71c5edae"
            + "9be69a2ffeceb1bec9de244fbe15992b11b77c040f12bd8f6a975a44a0f90c29"
            + "a9abc3d4d893927284c58754cce294529f8614dcd2aba991925fedc4ae74ffac"
            + "6e333b93eb4aff0479da9a410e4450e0dd7ae4c6e2910900575da401fc07059f"
            + "645e8b7e9bfdef33943054ff84011493c27b3429eaedb4ed5376441a77ed4385"
            + "1ad77f16f541dfd269d50d6a5f14fb0aab1cbb4c1550be97f7ab4066193c4caa"
            + "773dad38014bd2092fa755c824bb5e54c4f36ffda9fcea70b9c6e693e148c151",
            Convert.ToHexStringLower(stored));
    }

    [Theory]
    [InlineData(11, 0xFFFF, "77a31251618a15e6b92d1d66dffe7b50b50bad552305ba0217a610688eff7e11")]
    [InlineData(12, 0xFF_FFFF, "e387aaa58ba483afa7e8eb469778317ecf4cf573aa9d4eac23f2cdf914e4e200")]
    [InlineData(13, 0xFFFF_FFFF, "bf53d2dade78e822a4d949a9bc6766b01b06a8ef70d26748c6a7fc36d80ae4c5")]
    [InlineData(14, 0xFF_FFFF_FFFF, "64497e5a831e4a932c09be3e5393376daa599548b816031d224bbf50a818ed23")]
    public void Vectors_11_to_14_begin_as_the_standard_has_them(int vector, ulong dataUnit, string beginning)
    {
        using var cipher = new XtsCipher(Key);
        byte[] stored = new byte[Plain.Length];

        cipher.Encrypt(dataUnit, Plain, stored);

        Assert.True(
            Convert.ToHexStringLower(stored).StartsWith(beginning, StringComparison.Ordinal), $"vector {vector}");
    }

    [Theory]
    [InlineData(16)]
    [InlineData(512)]
    [InlineData(1040)]
    [InlineData(4096)]
    public void What_was_encrypted_in_place_is_decrypted_in_place(int length)
    {
        using var cipher = new XtsCipher(Key);
        byte[] plain = [.. Enumerable.Range(0, length).Select(i => (byte)(i * 7))];
        byte[] data = [.. plain];

        cipher.Encrypt(ulong.MaxValue, data, data);
        Assert.NotEqual(plain, data);
        cipher.Decrypt(ulong.MaxValue, data, data);

        Assert.Equal(plain, data);
    }

    [Fact]
    public void A_data_unit_allocates_nothing()
    {
        using var cipher = new XtsCipher(Key);
        byte[] data = new byte[4096];
        cipher.Encrypt(1, data, data);
        cipher.Decrypt(1, data, data);
        long before = GC.GetAllocatedBytesForCurrentThread();
        cipher.Encrypt(2, data, data);
        cipher.Decrypt(2, data, data);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }
}
