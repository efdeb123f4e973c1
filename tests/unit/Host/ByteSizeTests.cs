using Emulator.Host.Configuration;

namespace Emulator.UnitTests.Host;

public class ByteSizeTests
{
    [Theory]
    [InlineData("0", 0)]
    [InlineData("4096", 4096)]
    [InlineData("512B", 512)]
    [InlineData("1KiB", 1L << 10)]
    [InlineData("3MiB", 3L << 20)]
    [InlineData("1GiB", 1L << 30)]
    [InlineData("2 TiB", 2L << 40)]
    [InlineData("1gib", 1L << 30)]
    [InlineData("9223372036854775807", long.MaxValue)]
    public void A_number_with_a_binary_unit_is_a_size(string text, long bytes) =>
        Assert.Equal(bytes, ByteSize.Parse(text).Bytes);

    [Theory]
    [InlineData("", "'' is not a size such as 1GiB, 512MiB or 4096")]
    [InlineData("big", "'big' is not a size such as 1GiB, 512MiB or 4096")]
    [InlineData("-1", "'-1' is not a size such as 1GiB, 512MiB or 4096")]
    [InlineData("1GB", "'1GB' has the unknown unit 'GB'; units are KiB, MiB, GiB and TiB")]
    [InlineData("1.5GiB", "'1.5GiB' has the unknown unit '.5GiB'; units are KiB, MiB, GiB and TiB")]
    [InlineData("9223372036854775808", "'9223372036854775808' is more than can be counted")]
    [InlineData("8388608TiB", "'8388608TiB' is more than can be counted")]
    public void Anything_else_is_refused_with_the_reason(string text, string reason) =>
        Assert.Equal(reason, Assert.Throws<FormatException>(() => ByteSize.Parse(text)).Message);

    [Theory]
    [InlineData(0, "0 B")]
    [InlineData(1000, "1000 B")]
    [InlineData(1 << 20, "1 MiB")]
    [InlineData(1536L << 20, "1536 MiB")]
    [InlineData(1L << 30, "1 GiB")]
    public void It_is_written_in_the_largest_unit_that_leaves_a_whole_number(long bytes, string text) =>
        Assert.Equal(text, new ByteSize(bytes).ToString());
}
