using System.CommandLine;
using System.Text.Json;
using Emulator.Host.Bench;
using Emulator.Tcp;
using Spectre.Console;

namespace Emulator.Host.Commands;

/// <summary>bench --assist.</summary>
public static partial class BenchCommand
{
    private static readonly Option<bool> Assist = new("--assist")
    {
        Description = "measure what migration assist costs: dirty tracking off and on, and reading a million dirty granules of 1 TiB",
    };

    private static int RunAssist(ParseResult parsed)
    {
        if (parsed.GetValue(Runs) < 1)
            throw new UserErrorException("--runs: must be at least 1");
        var plan = new AssistBenchPlan
        {
            WarmUp = TimeSpan.FromSeconds(parsed.GetValue(WarmUp)),
            Duration = TimeSpan.FromSeconds(parsed.GetValue(Seconds)),
            Runs = parsed.GetValue(Runs),
            Seed = parsed.GetValue(Seed),
            TargetCore = parsed.GetValue(TargetCore),
            LoadCore = parsed.GetValue(LoadCore),
        };
        try
        {
            AssistBenchReport report = new AssistBench(plan, Console.Error.WriteLine).Measure();
            report.Print(AnsiConsole.Console);
            if (parsed.GetValue(JsonFile) is { } file)
                File.WriteAllText(file, JsonSerializer.Serialize(report, BenchReport.Json) + "\n");
            return ExitCode.Success;
        }
        catch (Exception e) when (e is HostConnectionException or HostCommandException or TimeoutException or IOException)
        {
            throw new UserErrorException($"bench: {e.Message}");
        }
    }
}
