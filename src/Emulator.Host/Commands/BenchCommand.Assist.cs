using System.CommandLine;
using Emulator.Host.Bench;

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
        var plan = new AssistBenchPlan
        {
            WarmUp = TimeSpan.FromSeconds(parsed.GetValue(WarmUp)),
            Duration = TimeSpan.FromSeconds(parsed.GetValue(Seconds)),
            Runs = parsed.GetValue(Runs),
            Seed = parsed.GetValue(Seed),
            TargetCore = parsed.GetValue(TargetCore),
            LoadCore = parsed.GetValue(LoadCore),
        };
        return Tell(parsed, new AssistBench(plan, Console.Error.WriteLine).Measure);
    }
}
