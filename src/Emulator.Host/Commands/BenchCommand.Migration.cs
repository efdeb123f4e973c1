using System.CommandLine;
using System.Text.Json;
using Emulator.Host.Bench;
using Emulator.Host.Migrate;
using Emulator.Tcp;
using Spectre.Console;

namespace Emulator.Host.Commands;

/// <summary>bench --migrate.</summary>
public static partial class BenchCommand
{
    private static readonly Option<bool> Migration = new("--migrate")
    {
        Description = "measure what a host that writes sees of its storage's moves between two drives that are started",
    };

    private static int RunMigration(ParseResult parsed)
    {
        if (parsed.GetValue(Runs) < 1)
            throw new UserErrorException("--runs: must be at least 1");
        var plan = new MigrateBenchPlan
        {
            Size = SizeOf(parsed).ToString().Replace(" ", "", StringComparison.Ordinal),
            WarmUp = TimeSpan.FromSeconds(parsed.GetValue(WarmUp)),
            Runs = parsed.GetValue(Runs),
            Seed = parsed.GetValue(Seed),
            SourceCore = parsed.GetValue(TargetCore),
            OtherCore = parsed.GetValue(LoadCore),
        };
        try
        {
            MigrateBenchReport report = new MigrateBench(plan, Console.Error.WriteLine).Measure();
            report.Print(AnsiConsole.Console);
            if (parsed.GetValue(JsonFile) is { } file)
                File.WriteAllText(file, JsonSerializer.Serialize(report, BenchReport.Json) + "\n");
            return ExitCode.Success;
        }
        catch (Exception e) when (e is HostConnectionException or HostCommandException or TimeoutException or IOException or MigrateException)
        {
            throw new UserErrorException($"bench: {e.Message}");
        }
    }
}
