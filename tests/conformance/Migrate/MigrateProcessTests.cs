using System.Net;
using Emulator.Core;
using Emulator.Host;
using Emulator.UnitTests.Host;
using Emulator.Wire;
using Xunit.Abstractions;

namespace Emulator.ConformanceTests.Migrate;

/// <summary>emulator migrate as a process: killed at any moment, interrupted, and on its own.</summary>
public sealed class MigrateProcessTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData(1, "drive")]
    [InlineData(2, "drive")]
    [InlineData(3, "drive")]
    [InlineData(4, "host")]
    [InlineData(5, "host")]
    public async Task Killed_at_random_moments_it_is_resumed_until_it_is_over(ulong seed, string through)
    {
        var random = new SeededRandom(seed);
        using var pair = new MovePair();
        pair.FillSource();
        using var vm = new MultipathWriter(pair.Host, seed);
        string arguments = $"{Arguments(pair)} --through {through}";
        int kills = 0;
        while (true)
        {
            using var process = new EmulatorProcess(arguments);
            Task<(int ExitCode, string Output, string Errors)> end = process.End();
            if (kills < 6 && await Task.WhenAny(end, Task.Delay(300 + random.Below(1200))) != end)
            {
                process.Kill();
                kills++;
                await end;
            }

            (int exitCode, _, string errors) = await end;
            if (exitCode == ExitCode.Success || errors.Contains("the migration is over (Done)", StringComparison.Ordinal))
                break;
            if (File.Exists(pair.JournalPath) && new FileInfo(pair.JournalPath).Length > 0)
                arguments = $"migrate --resume --journal {pair.JournalPath}";
        }

        vm.StopAndVerify();
        Assert.Equal([AnaState.Inaccessible, AnaState.Optimized], pair.Host.States);
        output.WriteLine($"seed {seed}, through the {through}: killed {kills} times, {vm.Writes} writes");
    }

    [Fact]
    public async Task Interrupted_it_takes_the_migration_back_and_says_so()
    {
        using var pair = new MovePair();
        pair.FillSource();
        using var process = new EmulatorProcess(Arguments(pair, "16MiB"));
        TestTarget.Eventually(
            "the data moves", () => pair.Status(pair.Source, pair.Vm.Id).Phase == (uint)VmMigrationPhase.Brownout);

        process.Signal("INT");
        (int exitCode, _, string errors) = await process.End();

        Assert.Equal(ExitCode.Interrupted, exitCode);
        Assert.Equal("emulator: interrupted; the VM runs on at the source\n", errors);
        Assert.Equal((uint)VmMigrationPhase.Idle, pair.Status(pair.Source, pair.Vm.Id).Phase.Value);
    }

    [Fact]
    public async Task Report_and_plot_tell_what_came_of_it()
    {
        using var pair = new MovePair();
        pair.FillSource();
        string report = pair.JournalPath + ".json", plot = pair.JournalPath + ".svg";
        using var process = new EmulatorProcess($"{Arguments(pair)} --report {report} --plot {plot}");

        (int exitCode, string text, string errors) = await process.End();

        Assert.Equal((ExitCode.Success, ""), (exitCode, errors));
        Assert.Contains("black-out", text, StringComparison.Ordinal);
        using var json = System.Text.Json.JsonDocument.Parse(await File.ReadAllTextAsync(report));
        Assert.Equal("done", json.RootElement.GetProperty("phase").GetString());
        Assert.Equal(64 << 20, json.RootElement.GetProperty("bytesMoved").GetInt64());
        Assert.True(json.RootElement.GetProperty("samples").GetArrayLength() > 5);
        Assert.Contains("commands of the VM", await File.ReadAllTextAsync(plot), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_destination_that_is_not_there_is_told_in_one_line()
    {
        using var pair = new MovePair();
        pair.Options = pair.Options with { To = new IPEndPoint(IPAddress.Loopback, 1).ToString() };
        using var process = new EmulatorProcess(Arguments(pair));

        (int exitCode, _, string errors) = await process.End();

        Assert.Equal(ExitCode.UserError, exitCode);
        Assert.StartsWith("emulator: cannot connect to the destination drive at 127.0.0.1:1: ", errors, StringComparison.Ordinal);
        Assert.Equal(errors.Length - 1, errors.IndexOf('\n'));
    }

    /// <summary>So slow that there is time to kill it, and faster than the VM writes.</summary>
    private static string Arguments(MovePair pair, string bandwidth = "128MiB") =>
        $"migrate --from {pair.Options.From} --to {pair.Options.To} --subsystem {pair.Options.Subsystem} --manager {pair.Options.Manager} "
        + $"--vm {pair.Options.Vm} --vm-there {pair.Options.VmThere} --bandwidth {bandwidth} --journal {pair.JournalPath}";
}
