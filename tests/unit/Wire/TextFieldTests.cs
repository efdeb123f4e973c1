using Emulator.Wire;

namespace Emulator.UnitTests.Wire;

public sealed class TextFieldTests
{
    [Theory]
    [InlineData("EMU1", "EMU1    ")]
    [InlineData("EMU00001", "EMU00001")]
    [InlineData("EMU0000001", "EMU00000")]
    [InlineData("", "        ")]
    public void Padded_text_fills_its_field(string text, string expected)
    {
        byte[] field = new byte[8];
        TextField.WritePadded(field, text);

        Assert.Equal(expected, System.Text.Encoding.ASCII.GetString(field));
        Assert.Equal(expected.TrimEnd(), TextField.ReadPadded(field));
    }

    [Fact]
    public void Terminated_text_ends_with_a_zero()
    {
        byte[] field = [1, 2, 3, 4, 5, 6, 7, 8];

        Assert.True(TextField.TryWriteTerminated(field, "nqn.201"));
        Assert.Equal("6E716E2E32303100", Convert.ToHexString(field));
        Assert.Equal("nqn.201"u8, TextField.Terminated(field));
    }

    [Fact]
    public void Terminated_text_without_room_for_the_zero_is_refused()
    {
        byte[] field = [1, 2, 3, 4];

        Assert.False(TextField.TryWriteTerminated(field, "nqn."));
        Assert.Equal(new byte[4], field);
    }

    [Fact]
    public void Field_without_a_zero_is_text_to_its_end() =>
        Assert.Equal("nqn."u8, TextField.Terminated("nqn."u8));
}
