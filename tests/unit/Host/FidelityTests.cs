using System.Text.Json;
using Emulator.Host;
using Emulator.Host.Commands;
using Emulator.UnitTests.Architecture;

namespace Emulator.UnitTests.Host;

/// <summary>Some rows of specs/fidelity.md, against the figures of MQSim that are noted there.</summary>
public sealed class FidelityTests : IDisposable
{
    private const double Tolerance = 0.15;

    private readonly string _directory = Directory.CreateTempSubdirectory("emulator-fidelity-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Theory]
    [InlineData("read-4k-qd16")]
    [InlineData("write-4k-qd16")]
    [InlineData("mix-4k-qd16")]
    [InlineData("mix-128k-qd64")]
    [InlineData("seqwrite-16k-qd4")]
    [InlineData("open-write-4k-20k")]
    [InlineData("default-write-4k-qd16")]
    public async Task Mean_response_time_is_within_15_percent_of_that_of_MQSim(string name)
    {
        (string command, double reference) = Find(name);
        string report = Path.Combine(_directory, "report.json");
        string[] arguments = ["simulate", .. command.Split(' ').Select(FromRoot), "--json", report];
        using var errors = new StringWriter();

        Assert.Equal((ExitCode.Success, ""), (await EmulatorCommand.RunAsync(arguments, errors), errors.ToString()));

        using JsonDocument document = JsonDocument.Parse(File.ReadAllText(report));
        double mean = document.RootElement.GetProperty("latencyUs").GetProperty("mean").GetDouble();
        Assert.InRange(mean / reference, 1 - Tolerance, 1 + Tolerance);
    }

    private static (string Command, double Reference) Find(string name)
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllText(FromRoot("tools/fidelity.d/cases.json")));
        JsonElement row = document.RootElement.GetProperty("cases").EnumerateArray()
            .Single(row => row.GetProperty("name").GetString() == name);
        return (row.GetProperty("command").GetString()!, row.GetProperty("mqsim").GetDouble());
    }

    /// <summary>Commands are for the root of the repository, and a test runs elsewhere.</summary>
    private static string FromRoot(string argument) =>
        argument.StartsWith("tools/", StringComparison.Ordinal) ? Path.Combine(SourceTree.Root, argument) : argument;
}
