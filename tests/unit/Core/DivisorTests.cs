using Emulator.Core;

namespace Emulator.UnitTests.Core;

public class DivisorTests
{
    [Theory]
    [InlineData(2u)]
    [InlineData(3u)]
    [InlineData(7u)]
    [InlineData(640u)]
    [InlineData(4096u)]
    [InlineData(65537u)]
    [InlineData(0x7FFF_FFFFu)]
    [InlineData(0x8000_0001u)]
    [InlineData(uint.MaxValue)]
    public void A_quotient_is_that_of_a_division(uint divisor)
    {
        var by = new Divisor(divisor);
        var random = new SeededRandom(divisor);
        foreach (uint dividend in new uint[] { 0, 1, divisor - 1, divisor, uint.MaxValue - 1, uint.MaxValue })
            Assert.Equal(dividend / divisor, by.Quotient(dividend));
        for (int i = 0; i < 100_000; i++)
        {
            uint multiple = (uint)random.Next() / divisor * divisor;
            Assert.Equal(multiple / divisor, by.Quotient(multiple));
            Assert.Equal((multiple - 1) / divisor, by.Quotient(multiple - 1));
        }
    }

    [Fact]
    public void There_is_no_reciprocal_of_one() => Assert.Throws<FirmwareFaultException>(() => new Divisor(1));
}
