using Emulator.Flash;

namespace Emulator.UnitTests.Flash;

public class StoredFormTests
{
    [Theory]
    [InlineData(4096, false, false, false, 0x0FFF)]
    [InlineData(1, true, false, false, 0x1000)]
    [InlineData(16, false, true, false, 0x200F)]
    [InlineData(4096, false, false, true, 0x4FFF)]
    [InlineData(2048, true, true, true, 0x77FF)]
    public void The_bits_are_where_the_format_has_them(
        int length, bool isCompressed, bool isEncrypted, bool hasEcc, int bits)
    {
        var form = new StoredForm(length, isCompressed, isEncrypted, hasEcc);

        Assert.Equal(bits, form.Value);
        Assert.Equal(length, form.Length);
        Assert.Equal(isCompressed, form.IsCompressed);
        Assert.Equal(isEncrypted, form.IsEncrypted);
        Assert.Equal(hasEcc, form.HasEcc);
        Assert.True(form.IsKnown);
    }

    [Fact]
    public void A_form_with_the_reserved_bit_is_not_known() => Assert.False(new StoredForm(0x8FFF).IsKnown);
}
