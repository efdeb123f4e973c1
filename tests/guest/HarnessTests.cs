using Emulator.GuestTests.Harness;
using Xunit.Abstractions;

namespace Emulator.GuestTests;

/// <summary>The guest itself, before anything is concluded from it.</summary>
public sealed class HarnessTests(GuestFixture fixture, ITestOutputHelper output) : GuestTest(fixture, output)
{
    [Fact]
    public void Guest_returns_exit_code_output_and_error_of_a_command()
    {
        GuestResult result = Guest.Run("echo out; echo err >&2; exit 7");

        Assert.Equal((7, "out\n", "err\n"), (result.ExitCode, result.Output, result.Error));
    }

    [Fact]
    public void Guest_ends_a_command_that_takes_too_long()
    {
        Assert.Equal(124, Guest.Run("sleep 60", TimeSpan.FromSeconds(1)).ExitCode);
    }

    [Fact]
    public void Guest_takes_and_returns_files_byte_for_byte()
    {
        byte[] content = new byte[300_000];
        new Random(1).NextBytes(content);

        Guest.Upload(content, "/tmp/content");

        Assert.Equal(content, Guest.Download("/tmp/content"));
        Assert.Equal("300000\n", Guest.Check("stat -c %s /tmp/content"));
    }
}
