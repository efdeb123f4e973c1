using System.CommandLine;
using Emulator.Host.Bench;

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
        var plan = new MigrateBenchPlan
        {
            Size = SizeOf(parsed).ToString().Replace(" ", "", StringComparison.Ordinal),
            WarmUp = TimeSpan.FromSeconds(parsed.GetValue(WarmUp)),
            Runs = parsed.GetValue(Runs),
            Seed = parsed.GetValue(Seed),
            SourceCore = parsed.GetValue(TargetCore),
            OtherCore = parsed.GetValue(LoadCore),
        };
        return Tell(parsed, new MigrateBench(plan, Console.Error.WriteLine).Measure);
    }
}
