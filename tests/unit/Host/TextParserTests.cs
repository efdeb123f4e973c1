using Emulator.Host.Configuration;
using Serilog.Events;

namespace Emulator.UnitTests.Host;

public class TextParserTests
{
    [Theory]
    [InlineData("127.0.0.1:4420")]
    [InlineData("0.0.0.0:0")]
    [InlineData("[::1]:8009")]
    public void An_address_and_a_port_are_an_endpoint(string text) =>
        Assert.Equal(text, EndpointText.ParseEndpoint(text).ToString());

    [Theory]
    [InlineData("")]
    [InlineData("4420")]
    [InlineData("127.0.0.1")]
    [InlineData("127.0.0.1:")]
    [InlineData("127.0.0.1:65536")]
    [InlineData("127.0.0.1:-1")]
    [InlineData("127.1:4420")]
    [InlineData("localhost:4420")]
    [InlineData("::1:4420")]
    [InlineData("[127.0.0.1]:4420")]
    public void Anything_else_is_no_endpoint(string text) => Assert.Equal(
        $"'{text}' is not an address and port such as 127.0.0.1:4420 or [::1]:4420",
        Assert.Throws<FormatException>(() => EndpointText.ParseEndpoint(text)).Message);

    [Fact]
    public void First_and_last_make_a_range_of_controllers() =>
        Assert.Equal(new ControllerIdRange(16, 31), ControllerIdRange.Parse("16-31"));

    [Theory]
    [InlineData("")]
    [InlineData("16")]
    [InlineData("16-")]
    [InlineData("1-2-3")]
    [InlineData("1-65536")]
    [InlineData("a-b")]
    public void Anything_else_is_no_range(string text) => Assert.Equal(
        $"'{text}' is not a range FIRST-LAST such as 1-255",
        Assert.Throws<FormatException>(() => ControllerIdRange.Parse(text)).Message);

    [Theory]
    [InlineData("1-5", "5-9", true)]
    [InlineData("1-5", "6-9", false)]
    [InlineData("1-9", "3-4", true)]
    public void Ranges_overlap_when_they_share_an_identifier(string one, string other, bool expected)
    {
        Assert.Equal(expected, ControllerIdRange.Parse(one).Overlaps(ControllerIdRange.Parse(other)));
        Assert.Equal(expected, ControllerIdRange.Parse(other).Overlaps(ControllerIdRange.Parse(one)));
    }

    [Theory]
    [InlineData("verbose", LogEventLevel.Verbose)]
    [InlineData("warning", LogEventLevel.Warning)]
    [InlineData("fatal", LogEventLevel.Fatal)]
    public void A_log_level_has_a_name(string text, LogEventLevel level) => Assert.Equal(level, LogLevelText.Parse(text));

    [Fact]
    public void An_unknown_log_level_is_answered_with_those_there_are() => Assert.Equal(
        "'loud' is not a log level; levels are verbose, debug, information, warning, error, fatal",
        Assert.Throws<FormatException>(() => LogLevelText.Parse("loud")).Message);

    [Theory]
    [InlineData("sise", "size")]
    [InlineData("Size", "size")]
    [InlineData("seiral", "serial")]
    [InlineData("maxqueueentries", "maxQueueEntries")]
    [InlineData("colour", null)]
    public void The_nearest_name_is_what_was_meant(string typed, string? meant) =>
        Assert.Equal(meant, Spelling.Nearest(typed, ["subsystem", "serial", "size", "maxQueueEntries"]));
}
