using Emulator.Host;

namespace Emulator.UnitTests.Host;

public sealed class BenchCommandTests
{
    [Fact]
    public async Task A_name_that_no_case_of_migrations_has_is_told_with_those_there_are()
    {
        (int exitCode, string errors) = await CommandLine.Run("bench --migrate --only 1Gbit");

        Assert.Equal(ExitCode.UserError, exitCode);
        Assert.StartsWith(
            "emulator: --only: no case has '1Gbit' in its name; cases are 2 MiB/s, free link; ", errors, StringComparison.Ordinal);
        Assert.Contains("; as a guest under TCG, 400 Mbit/s, through the host", errors, StringComparison.Ordinal);
    }
}
