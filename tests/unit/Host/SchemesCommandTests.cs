using System.Text.Json.Nodes;
using Emulator.Host;

namespace Emulator.UnitTests.Host;

public sealed class SchemesCommandTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("emulator-schemes-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task Every_cell_and_every_figure_is_written()
    {
        string json = Path.Combine(_directory, "cells.json");
        string plots = Path.Combine(_directory, "plots");

        (int exitCode, string errors) = await CommandLine.Run($"schemes --scale 1024 --json {json} --plots {plots}");

        Assert.Equal((ExitCode.Success, ""), (exitCode, errors));
        JsonNode document = JsonNode.Parse(File.ReadAllText(json))!;
        Assert.Equal(4 * 13 * 8, document["cells"]!.AsArray().Count);
        Assert.Equal("array-hdd", (string?)document["hdd"]);
        Assert.All(document["cells"]!.AsArray(), cell => Assert.Equal(11, cell!["costByGamma"]!.AsArray().Count));
        Assert.Equal(12, Directory.GetFiles(plots, "*.svg").Length);
        Assert.All(Directory.GetFiles(plots), plot => Assert.EndsWith("</svg>\n", File.ReadAllText(plot), StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("--scale 0", "--scale: 0 must be 1 to 1024")]
    [InlineData("--schemes LR --plots .", "--plots: the figures are of all benchmarks, schemes and directions")]
    [InlineData("--benchmarks IOM_5", "--benchmarks: 'IOM_5' is none of IOM_4,")]
    [InlineData("--ssd none", "--ssd: a drive without a profile takes no time")]
    [InlineData("--json .", "--json: . is a directory")]
    public async Task A_mistake_ends_with_one_line_that_names_it(string arguments, string message)
    {
        (int exitCode, string errors) = await CommandLine.Run("schemes " + arguments);

        Assert.Equal(ExitCode.UserError, exitCode);
        Assert.StartsWith("emulator: " + message, errors, StringComparison.Ordinal);
    }
}
