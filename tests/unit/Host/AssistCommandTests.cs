using System.Text.Json.Nodes;
using Emulator.Host;

namespace Emulator.UnitTests.Host;

public sealed class AssistCommandTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("emulator-assist-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task Every_step_of_assist_is_a_row_of_the_report()
    {
        string json = Path.Combine(_directory, "report.json");

        (int exitCode, string errors) = await CommandLine.Run($"assist --size 64MiB --workload mixed --rate 2000 --json {json}");

        Assert.Equal((ExitCode.Success, ""), (exitCode, errors));
        JsonArray rows = JsonNode.Parse(File.ReadAllText(json))!.AsArray();
        Assert.Equal(
            ["none", "written ranges", "+ dirty ranges", "+ retention", "+ prefetch, priority", "+ direct transfer"],
            rows.Select(row => (string?)row!["assist"]));
        Assert.True((long)rows[0]!["bytesMoved"]! >= 64 << 20);
        Assert.True((long)rows[1]!["bytesMoved"]! < 40 << 20);
        Assert.All(rows, row => Assert.True((double)row!["blackoutMilliseconds"]! > 0));
        Assert.All(rows, row => Assert.True((double)row!["during"]!["commandsPerSecond"]! > 0));
    }

    [Theory]
    [InlineData("--used 0", "--used: 0 must be 1 to 100")]
    [InlineData("--link 0", "--link: 0 must be 1 to 1000000")]
    [InlineData("--copy-depth 129", "--copy-depth: 129 must be 1 to 128")]
    [InlineData("--workload fast", "--workload: there is no workload 'fast'; workloads are randread,")]
    [InlineData("--profile none", "--profile: a drive without a profile takes no time")]
    [InlineData("--to floppy", "--to: there is no profile 'floppy'; profiles are array-hdd,")]
    [InlineData("--size 1", "size 1 must be a multiple of 1 MiB")]
    [InlineData("--rate -1", "workload oltp: a rate of -1 requests a second must be 0 to 1000000000")]
    public async Task A_mistake_ends_with_one_line_that_names_it(string arguments, string message)
    {
        (int exitCode, string errors) = await CommandLine.Run("assist " + arguments);

        Assert.Equal(ExitCode.UserError, exitCode);
        Assert.StartsWith("emulator: " + message, errors, StringComparison.Ordinal);
    }
}
