using System.CommandLine;
using Emulator.Host.Bench;

namespace Emulator.Host.Commands;

/// <summary>bench --doors.</summary>
public static partial class BenchCommand
{
    private static readonly Option<bool> Doors = new("--doors")
    {
        Description = "measure the drive at its own door and at SPDK's, which has to be installed",
    };

    private static readonly Option<string> NvmfTgt = new("--nvmf-tgt")
    {
        Description = "with --doors: SPDK's nvmf_tgt, to measure its malloc and null block devices too",
        HelpName = "FILE",
    };

    private static int RunDoors(ParseResult parsed)
    {
        var plan = new DoorsBenchPlan
        {
            Cases = CasesOf(parsed),
            WarmUp = TimeSpan.FromSeconds(parsed.GetValue(WarmUp)),
            Duration = TimeSpan.FromSeconds(parsed.GetValue(Seconds)),
            Runs = parsed.GetValue(Runs),
            Seed = parsed.GetValue(Seed),
            TargetCore = parsed.GetValue(TargetCore),
            SizeBytes = SizeOf(parsed).Bytes,
            NvmfTarget = parsed.GetValue(NvmfTgt),
        };
        return Tell(parsed, new DoorsBench(plan, Console.Error.WriteLine).Measure);
    }
}
