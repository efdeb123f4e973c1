using Emulator.Core;
using Emulator.Ftl;
using Emulator.Transforms;

namespace Emulator.UnitTests.Transforms;

public class PageEccTests
{
    [Theory]
    [InlineData(1, 4 + (9 * 2))]
    [InlineData(8, 4 + (9 * 13))]
    public void What_a_code_takes_beside_a_page_is_known_beforehand(int corrected, int bytes)
    {
        using var ecc = new PageEcc(corrected);
        Assert.Equal(bytes, new PageTransforms { CorrectedBits = corrected }.ParityBytes);
        Assert.Equal(bytes, ecc.ParityBytes);
    }

    [Theory]
    [InlineData(4096)]
    [InlineData(1040)]
    [InlineData(16)]
    [InlineData(1)]
    public void Errors_in_every_sector_and_in_the_check_value_are_corrected(int length)
    {
        using var ecc = new PageEcc(8);
        (byte[] stored, byte[] parity) = Encoded(ecc, length, 3);
        byte[] damaged = [.. stored];
        for (int sector = 0; sector < length; sector += BchCode.SectorBytes)
            damaged[sector] ^= 0xFF;
        parity[2] ^= 0x81;
        int sectors = (length + BchCode.SectorBytes - 1) / BchCode.SectorBytes;

        Assert.Equal((sectors * 8) + 2, ecc.Decode(damaged, parity));
        Assert.Equal(stored, damaged);
    }

    [Fact]
    public void One_bit_more_than_promised_in_one_sector_is_uncorrectable()
    {
        using var ecc = new PageEcc(8);
        (byte[] stored, byte[] parity) = Encoded(ecc, 4096, 4);
        stored[1000] ^= 0xFF;
        stored[1001] ^= 1;
        Assert.Equal(BchCode.Uncorrectable, ecc.Decode(stored, parity));
    }

    // A weak code takes two errors for one of its own often enough; its word alone would be wrong data.
    [Fact]
    public void What_the_code_corrects_into_something_else_is_caught()
    {
        using var ecc = new PageEcc(1);
        var random = new SeededRandom(5);
        (byte[] stored, byte[] parity) = Encoded(ecc, 4096, 5);
        for (int run = 0; run < 500; run++)
        {
            byte[] damaged = [.. stored];
            for (int i = 0; i < 2; i++)
                damaged[random.Below(512)] ^= (byte)(1 << random.Below(8));
            int found = ecc.Decode(damaged, parity);
            if (found != BchCode.Uncorrectable)
                Assert.Equal(stored, damaged);
        }
    }

    private static (byte[] Stored, byte[] Parity) Encoded(PageEcc ecc, int length, ulong seed)
    {
        byte[] stored = new byte[length], parity = new byte[ecc.ParityBytes];
        new SeededRandom(seed).Fill(stored);
        ecc.Encode(stored, parity);
        return (stored, parity);
    }
}
