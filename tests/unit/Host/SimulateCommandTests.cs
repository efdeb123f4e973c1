using System.Text.Json;
using Emulator.Host;

namespace Emulator.UnitTests.Host;

public sealed class SimulateCommandTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("emulator-simulate-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task The_same_command_twice_gives_the_same_hash_and_another_seed_another()
    {
        string[] hashes = [await Hash("a.json", 1), await Hash("b.json", 1), await Hash("c.json", 2)];

        Assert.Equal(hashes[0], hashes[1]);
        Assert.NotEqual(hashes[0], hashes[2]);
    }

    [Fact]
    public async Task Files_are_overwritten_only_when_asked_to()
    {
        string json = PathOf("report.json");
        string plot = PathOf("plot.svg");
        File.WriteAllText(plot, "precious");
        string arguments = $"simulate --size 16MiB --commands 1000 --json {json} --plot {plot}";

        (int exitCode, string errors) = await CommandLine.Run(arguments);
        Assert.Equal(ExitCode.UserError, exitCode);
        Assert.Equal($"emulator: --plot: {plot} exists; --force overwrites it\n", errors);
        Assert.Equal("precious", File.ReadAllText(plot));
        Assert.False(File.Exists(json));

        (exitCode, errors) = await CommandLine.Run(arguments + " --force");
        Assert.Equal((ExitCode.Success, ""), (exitCode, errors));
        Assert.StartsWith("<svg ", File.ReadAllText(plot), StringComparison.Ordinal);
        Assert.True(File.Exists(json));
    }

    [Theory]
    [InlineData("""{ "namespaces": [{ "compression": "lz4", "ecc": 4 }] }""", ExitCode.Success, "")]
    [InlineData("""{ "namespaces": [{ "encryption": true }] }""", ExitCode.UserError, "emulator: encryption needs a 'secret' that the keys derive from\n")]
    public async Task A_drive_that_transforms_its_pages_is_simulated_with_them(string drive, int expected, string message)
    {
        File.WriteAllText(PathOf("config.json"), $$"""{ "drives": [{{drive}}] }""");

        (int exitCode, string errors) = await CommandLine.Run($"simulate --config {PathOf("config.json")} --size 16MiB --commands 1000");

        Assert.Equal((expected, message), (exitCode, errors));
    }

    [Theory]
    [InlineData("--workload randred", "--workload: there is neither a workload nor a file 'randred'; did you mean 'randread'?")]
    [InlineData("--workload no/such", "--workload: there is neither a workload nor a file 'no/such'; workloads are randread,")]
    [InlineData("--profile floppy", "--profile: there is no profile 'floppy'; profiles are array-hdd,")]
    [InlineData("--commands 0", "--commands: 0 must be at least 1")]
    [InlineData("--depth 0", "workload mixed: a queue depth of 0 must be 1 to 4080")]
    [InlineData("--rate -1", "workload mixed: a rate of -1 requests a second must be 0 to 1000000000")]
    [InlineData("--precondition half", "--precondition: 'half' must be none, sequential or random; see emulator --help")]
    [InlineData("--size 1000", "size 1000 must be a multiple of 1 MiB, at least 1 MiB")]
    [InlineData("--wrap", "--wrap: 'mixed' is no trace")]
    [InlineData("--format fancy", "--format: 'fancy' must be one of msr, blkparse-q, blkparse-d, mqsim")]
    [InlineData("--json /no/such/file", "--json: there is no directory /no/such")]
    [InlineData("--json /tmp", "--json: /tmp is a directory")]
    [InlineData("--workload {jobs}", "timed.fio: job 'job' is ended by time alone, and operations of the drive take none")]
    [InlineData("--workload {jobs} --depth 1", "--depth and --rate: a job file says both itself, with iodepth and rate_iops")]
    [InlineData("--workload {json}", "bad.json: sizes[1].wieght: unknown key; did you mean 'weight'?")]
    public async Task A_mistake_is_told_in_one_line_and_ends_with_exit_code_2(string arguments, string message)
    {
        File.WriteAllText(PathOf("timed.fio"), "[job]\nrw=read\ntime_based\nruntime=5\n");
        File.WriteAllText(PathOf("bad.json"), """{ "sizes": [{ "size": "4KiB" }, { "size": "8KiB", "wieght": 2 }] }""");
        arguments = arguments.Replace("{jobs}", PathOf("timed.fio")).Replace("{json}", PathOf("bad.json"));

        (int exitCode, string errors) = await CommandLine.Run("simulate " + arguments);

        Assert.Equal(ExitCode.UserError, exitCode);
        Assert.StartsWith("emulator: " + message, errors, StringComparison.Ordinal);
        Assert.Equal(errors.Length - 1, errors.IndexOf('\n'));
    }

    [Fact]
    public async Task Ctrl_C_ends_a_simulation_with_exit_code_130_and_writes_nothing()
    {
        string json = PathOf("report.json");
        using var process = new EmulatorProcess($"simulate --size 16MiB --commands 1000000000 --json {json}");
        await Task.Delay(TimeSpan.FromSeconds(2));
        process.Signal("INT");

        (int exitCode, _, string errors) = await process.End();

        Assert.Equal(ExitCode.Interrupted, exitCode);
        Assert.Equal("emulator: interrupted\n", errors);
        Assert.False(File.Exists(json));
    }

    private async Task<string> Hash(string file, int seed)
    {
        (int exitCode, string errors) = await CommandLine.Run(
            $"simulate --size 16MiB --workload oltp --commands 20000 --seed {seed} --json {PathOf(file)}");
        Assert.Equal((ExitCode.Success, ""), (exitCode, errors));
        using JsonDocument report = JsonDocument.Parse(File.ReadAllText(PathOf(file)));
        return report.RootElement.GetProperty("traceHash").GetString()!;
    }

    private string PathOf(string name) => Path.Combine(_directory, name);
}
