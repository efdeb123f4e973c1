using Emulator.Host;

namespace Emulator.UnitTests.Host;

public sealed class MigrateCommandTests
{
    [Theory]
    [InlineData("--queues 0", "--queues: 0 must be 1 to 8")]
    [InlineData("--queues 9", "--queues: 9 must be 1 to 8")]
    [InlineData("--depth 0", "--depth: 0 must be 1 to 128")]
    [InlineData("--depth 129", "--depth: 129 must be 1 to 128")]
    [InlineData("--share 0", "--share: 0 must be 1 to 100")]
    [InlineData("--share 101", "--share: 101 must be 1 to 100")]
    [InlineData("--reconnect -1", "--reconnect: -1 must be 0 to 86400")]
    [InlineData("--reconnect 86401", "--reconnect: 86401 must be 0 to 86400")]
    [InlineData("--hold-back 0", "--hold-back: 0 must be 1 to 100")]
    [InlineData("--hold-back 101", "--hold-back: 101 must be 1 to 100")]
    public async Task A_number_out_of_range_is_named_with_the_range(string arguments, string message)
    {
        (int exitCode, string errors) = await CommandLine.Run(Complete + arguments);

        Assert.Equal(ExitCode.UserError, exitCode);
        Assert.StartsWith("emulator: " + message, errors, StringComparison.Ordinal);
    }

    /// <summary>The mistake that is looked for after all numbers tells that these were taken.</summary>
    [Theory]
    [InlineData("")]
    [InlineData("--queues 1 --depth 1 --share 1 --reconnect 0 --hold-back 1")]
    [InlineData("--queues 8 --depth 128 --share 100 --reconnect 86400 --hold-back 100")]
    public async Task Numbers_at_the_ends_of_their_ranges_and_none_are_taken(string arguments)
    {
        (int exitCode, string errors) = await CommandLine.Run(Complete + "--drain -1 " + arguments);

        Assert.Equal(ExitCode.UserError, exitCode);
        Assert.StartsWith("emulator: --drain: must be 0 to 1000", errors, StringComparison.Ordinal);
    }

    private const string Complete = "migrate --from 127.0.0.1:1 --to 127.0.0.1:2 --vm 1 --vm-there 257 ";
}
