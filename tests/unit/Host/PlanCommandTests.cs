using System.Text.Json.Nodes;
using Emulator.Host;

namespace Emulator.UnitTests.Host;

public sealed class PlanCommandTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("emulator-plan-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Theory]
    [InlineData("--source ssd --destination hdd --gamma 0.2 --by cutoffs", "AIO")]
    [InlineData("--source ssd --destination hdd --gamma 0.4 --by cutoffs", "SLR")]
    [InlineData("--source ssd --destination hdd --gamma 0.6 --by cutoffs", "LR")]
    [InlineData("--source ssd --destination hdd --gamma 0.6 --by cutoffs --cut-off-2 0.9", "SLR")]
    [InlineData("--source ssd --destination hdd --gamma 0.55 --by cutoffs --schemes LR,SLR", "SLR")]
    [InlineData("--source hdd --destination ssd --time-matters 5 --lifetime-matters 5", "LR")]
    [InlineData("--source ssd --destination ssd --time-matters 0 --lifetime-matters 10", "LR")]
    [InlineData("--source ssd --destination ssd --schemes DBT", "DBT")]
    public async Task Every_scheme_is_predicted_and_one_is_chosen_with_a_reason(string arguments, string choice)
    {
        string json = Path.Combine(_directory, "plan.json");

        (int exitCode, string errors) = await CommandLine.Run($"plan --defaults --iops 200 {arguments} --json {json} --force");

        Assert.Equal((ExitCode.Success, ""), (exitCode, errors));
        JsonNode plan = JsonNode.Parse(File.ReadAllText(json))!;
        Assert.Equal(choice, (string?)plan["choice"]);
        Assert.NotEmpty((string)plan["reason"]!);
        Assert.Equal(
            ["DBT", "mirroring", "LR", "SLR", "AIO", "assist"], plan["schemes"]!.AsArray().Select(row => (string?)row!["scheme"]));
        Assert.Equal(200, (double)plan["workload"]!["iopsAtSource"]!);
    }

    [Fact]
    public async Task How_much_lifetime_matters_beside_time_is_gamma()
    {
        string json = Path.Combine(_directory, "plan.json");

        await CommandLine.Run($"plan --defaults --time-matters 3 --lifetime-matters 1 --json {json}");

        Assert.Equal(0.25, (double)JsonNode.Parse(File.ReadAllText(json))!["gamma"]!);
    }

    [Theory]
    [InlineData("--source floppy", "--source: there is no profile 'floppy'; profiles are ")]
    [InlineData("--source array-ssd --source-kind hdd", "--source: array-ssd is an SSD")]
    [InlineData("--source mlc-sata --source-kind hdd", "--source: mlc-sata is an SSD")]
    [InlineData("--destination none", "--destination: a drive without a profile takes no time")]
    [InlineData("--image 40GiB --room 20GiB", "--image: 40 GiB does not fit into the 20 GiB of the destination")]
    [InlineData("--image 1KiB", "an image must have at least 4096 bytes")]
    [InlineData("--schemes AOI", "--schemes: there is no scheme 'AOI' to choose; did you mean 'AIO'?")]
    [InlineData("--schemes Emulated_S", "--schemes: there is no scheme 'Emulated_S' to choose; schemes are DBT, mirroring,")]
    [InlineData("--by luck", "--by: 'luck' must be cost or cutoffs")]
    [InlineData("--by cutoffs --schemes DBT", "--by cutoffs: they choose among LR, SLR and AIO")]
    [InlineData("--by cutoffs --cut-off-1 0.7 --cut-off-2 0.3", "--cut-off-1: must not be more than --cut-off-2")]
    [InlineData("--gamma 1.5", "--gamma: 1.5 must be 0 to 1")]
    [InlineData("--read 101", "--read: 101 must be 0 to 100")]
    [InlineData("--zipf 1", "workload: the skew must be at least 0 and below 1")]
    [InlineData("--source-read-iops 0", "source: the reads a second must be more than 0")]
    public async Task A_mistake_ends_with_one_line_that_names_it(string arguments, string message)
    {
        (int exitCode, string errors) = await CommandLine.Run("plan --defaults " + arguments);

        Assert.Equal(ExitCode.UserError, exitCode);
        Assert.StartsWith("emulator: " + message, errors, StringComparison.Ordinal);
    }
}
