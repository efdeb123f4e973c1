using System.CommandLine;
using Emulator.Host.Bench;
using Emulator.Host.Migrate;

namespace Emulator.Host.Commands;

/// <summary>bench --migrate.</summary>
public static partial class BenchCommand
{
    private static readonly Option<bool> Migration = new("--migrate")
    {
        Description = "measure what a host that writes sees of its storage's moves between two drives that are started",
    };

    private static readonly Option<string> OnlyCases = new("--only")
    {
        Description = "of --migrate, only the cases whose names contain this",
        HelpName = "TEXT",
        DefaultValueFactory = _ => "",
    };

    private static readonly Option<int> HoldBackTo = new("--hold-back")
    {
        Description = "of --migrate, least share of its writes that the host keeps, in percent, as of migrate",
        HelpName = "NUMBER",
        DefaultValueFactory = _ => MigrateOptions.DefaultHoldBackPercent,
    };

    private static int RunMigration(ParseResult parsed)
    {
        var plan = new MigrateBenchPlan
        {
            Size = SizeOf(parsed).ToString().Replace(" ", "", StringComparison.Ordinal),
            WarmUp = TimeSpan.FromSeconds(parsed.GetValue(WarmUp)),
            Runs = parsed.GetValue(Runs),
            Seed = parsed.GetValue(Seed),
            Only = parsed.GetValue(OnlyCases)!,
            HoldBackPercent = parsed.GetValue(HoldBackTo) is var percent and >= 1 and <= MigrateOptions.NoHoldBack
                ? percent
                : throw new UserErrorException("--hold-back: must be 1 to 100"),
            SourceCore = parsed.GetValue(TargetCore),
            OtherCore = parsed.GetValue(LoadCore),
        };
        return Tell(parsed, new MigrateBench(plan, Console.Error.WriteLine).Measure);
    }
}
