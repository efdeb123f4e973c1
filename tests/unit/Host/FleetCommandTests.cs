using System.Text.Json.Nodes;
using Emulator.Host;

namespace Emulator.UnitTests.Host;

public sealed class FleetCommandTests : IDisposable
{
    private const string Pools = """
        "pools": [ { "name": "fast", "drive": "ssd", "devices": 2, "capacity": "1TiB", "migrations": 2 },
                   { "name": "slow", "drive": "hdd", "devices": 2, "capacity": "4TiB" } ]
        """;

    private readonly string _directory = Directory.CreateTempSubdirectory("emulator-fleet-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task A_fleet_of_a_file_is_planned_and_run()
    {
        string json = Path.Combine(_directory, "report.json");
        string file = Write($$"""
            { "order": "gain", "migrations": 2, "gamma": 0.8, {{Pools}},
              "links": [ { "from": "fast", "to": "slow", "bandwidth": "50MiB", "migrations": 1 } ],
              "vms": [ { "name": "web", "from": "fast", "to": "slow", "image": "20GiB", "iops": 100 },
                       { "name": "db", "from": "slow", "device": 1, "to": "fast", "image": "40GiB", "read": 30, "zipf": 0.9, "iops": 50 },
                       { "name": "log", "from": "fast", "device": 1, "to": "slow", "read": 0, "sequential": 100, "iops": 20, "scheme": "SLR" } ] }
            """);

        (int exitCode, string errors) = await CommandLine.Run($"fleet {file} --json {json}");

        Assert.Equal((ExitCode.Success, ""), (exitCode, errors));
        JsonArray vms = JsonNode.Parse(File.ReadAllText(json))!["vms"]!.AsArray();
        Assert.Equal(["web", "db", "log"], vms.Select(vm => (string?)vm!["name"]));
        Assert.Equal("SLR", (string?)vms[2]!["scheme"]);
        Assert.All(vms, vm => Assert.True((double)vm!["endSeconds"]! > (double)vm["beginSeconds"]!));
    }

    [Fact]
    public async Task The_same_seed_gives_the_same_fleet_and_another_one_another()
    {
        string[] reports = [await Report("--seed 1"), await Report("--seed 1"), await Report("--seed 2")];
        Assert.Equal(reports[0], reports[1]);
        Assert.NotEqual(reports[0], reports[2]);
    }

    [Theory]
    [InlineData("""{ "pools": [], "vms": [] }""", "there are no pools")]
    [InlineData("""{ "pols": [] }""", "pols: unknown key; did you mean 'pools'?")]
    [InlineData("""{ POOLS, "vms": [ { "from": "fats", "to": "slow" } ] }""", "vms[0].from: there is no pool 'fats'; did you mean 'fast'?")]
    [InlineData("""{ POOLS, "vms": [ { "from": "fast" } ] }""", "vms[0].to: is missing")]
    [InlineData("""{ POOLS, "vms": [ { "name": "big", "from": "slow", "to": "fast", "image": "2TiB" } ] }""", "VM big: its image is larger than a device of pool fast")]
    [InlineData("""{ POOLS, "vms": [ { "name": "a", "from": "fast", "to": "slow", "device": 2 } ] }""", "VM a: pool fast has devices 0 to 1, not 2")]
    [InlineData("""{ POOLS, "vms": [ { "from": "fast", "to": "slow", "scheme": "LRR" } ] }""", "vms[0].scheme: there is no scheme 'LRR' to choose; did you mean 'LR'?")]
    [InlineData("""{ "schemes": "LR", POOLS, "vms": [ { "name": "a", "from": "fast", "to": "slow", "scheme": "AIO" } ] }""", "VM a: its scheme is not one of those to choose from")]
    [InlineData("""{ POOLS, "vms": [ { "name": "a", "from": "fast", "to": "slow", "read": 120 } ] }""", "VM a: workload: shares of reads")]
    [InlineData("""{ POOLS, "links": [ { "from": "fast", "to": "slow" }, { "from": "fast", "to": "slow", "migrations": 3 } ] }""", "link from fast to slow: is there twice, with limits that contradict")]
    [InlineData("""{ POOLS, "links": [ { "from": "fast", "to": "slow", "bandwidth": 0 } ] }""", "link from fast to slow: with a bandwidth of 0 nothing can move")]
    [InlineData("""{ POOLS, "order": "last" }""", "order: 'last' must be longest, gain, cheapest or given")]
    [InlineData("""{ POOLS, "vms": [ { "name": "a", "from": "fast", "to": "slow", "image": "1TiB" }, { "name": "b", "from": "fast", "to": "slow", "image": "1TiB" } ] }""", "pool fast: device 0 is smaller than the images on it")]
    [InlineData("""{ "pools": [ { "name": "x", "drive": "array-hdd", "kind": "ssd" } ] }""", "pools[0].drive: array-hdd is an HDD")]
    [InlineData("""{ "pools": [ { "name": "x", "drive": "hdd", "kind": "tape" } ] }""", "pools[0].kind: 'tape' must be ssd or hdd")]
    [InlineData("""{ "pools": [ { "name": "x", "drive": "flopy" } ] }""", "pools[0].drive: there is no profile 'flopy'")]
    public async Task A_mistake_in_the_file_is_named_by_its_place(string text, string message)
    {
        (int exitCode, string errors) = await CommandLine.Run($"fleet {Write(text.Replace("POOLS", Pools, StringComparison.Ordinal))}");

        Assert.Equal(ExitCode.UserError, exitCode);
        Assert.StartsWith("emulator: fleet.json: " + message, errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--vms 0", "--vms: 0 must be 1 to 1000000")]
    [InlineData("--migrations 0", "with a limit of 0 migrations nothing can move")]
    [InlineData("--ssd hdd", "--ssd: hdd is an HDD")]
    [InlineData("--schemes Mix", "--schemes: there is no scheme 'Mix' to choose")]
    [InlineData("--ssd ssd --hdd hdd --simulate 1", "--simulate: pool ssd-a has stated figures alone")]
    [InlineData("missing.json", "missing.json: no such file")]
    [InlineData("missing.json --vms 3", "--vms: a fleet at random and one of a file contradict each other")]
    public async Task A_mistake_ends_with_one_line_that_names_it(string arguments, string message)
    {
        (int exitCode, string errors) = await CommandLine.Run((arguments.Contains("--ssd", StringComparison.Ordinal) ? "fleet " : "fleet --ssd ssd --hdd hdd ") + arguments);

        Assert.Equal(ExitCode.UserError, exitCode);
        Assert.StartsWith("emulator: " + message, errors, StringComparison.Ordinal);
    }

    private async Task<string> Report(string arguments)
    {
        string json = Path.Combine(_directory, "report.json");
        (int exitCode, string errors) = await CommandLine.Run($"fleet --ssd ssd --hdd hdd --vms 50 {arguments} --json {json} --force");
        Assert.Equal((ExitCode.Success, ""), (exitCode, errors));
        return JsonNode.Parse(File.ReadAllText(json))!["vms"]!.ToJsonString();
    }

    private string Write(string text)
    {
        string file = Path.Combine(_directory, "fleet.json");
        File.WriteAllText(file, text);
        return file;
    }
}
