using System.Globalization;
using System.Net;
using Emulator.Device;
using Emulator.Spdk;

namespace Emulator.Host.Bench;

/// <summary>What both doors are compared by.</summary>
internal sealed record DoorsBenchPlan
{
    public required IReadOnlyList<LoadCase> Cases { get; init; }

    public required TimeSpan WarmUp { get; init; }

    public required TimeSpan Duration { get; init; }

    public required int Runs { get; init; }

    public required ulong Seed { get; init; }

    public required int TargetCore { get; init; }

    public required long SizeBytes { get; init; }

    /// <summary>SPDK's nvmf_tgt, to measure its malloc and null block devices; null to leave them out.</summary>
    public string? NvmfTarget { get; init; }
}

/// <summary>
/// The same load on the drive at its own door and at SPDK's, and on SPDK's malloc and null block devices, in one run: one target after the
/// other, in every round in another order, since a reactor that polls leaves its core to nobody.
/// </summary>
internal sealed class DoorsBench(DoorsBenchPlan plan, Action<string> tell)
{
    public const string OwnDoor = "own door";
    private const string SpdksDoor = "SPDK's door";

    private readonly Dictionary<(string Target, LoadCase Case), List<CaseReport>> _results = [];

    /// <exception cref="UserErrorException">A target does not start.</exception>
    public DoorsBenchReport Measure()
    {
        if (SpdkApplication.Problem is { } problem)
            throw new UserErrorException(problem);
        List<(string Name, Action Measure)> targets = [(OwnDoor, () => MeasureDoor(OwnDoor)), (SpdksDoor, () => MeasureDoor(SpdksDoor))];
        if (plan.NvmfTarget is { } program)
        {
            targets.Add(("SPDK, malloc", () => MeasureReference(program, "malloc")));
            targets.Add(("SPDK, null", () => MeasureReference(program, "null")));
        }

        for (int run = 0; run < plan.Runs; run++)
        {
            for (int i = 0; i < targets.Count; i++)
            {
                (string name, Action measure) = targets[(i + run) % targets.Count];
                tell($"run {run + 1} of {plan.Runs}: {name}");
                measure();
            }
        }

        return new DoorsBenchReport
        {
            Processor = BenchReport.ProcessorName(),
            Spdk = SpdkApplication.SpdkVersion,
            Runs = plan.Runs,
            SecondsPerRun = plan.Duration.TotalSeconds,
            Seed = plan.Seed,
            Rows = [.. plan.Cases.SelectMany(load => targets.Select(target => RowOf(target.Name, load)))],
        };
    }

    private void MeasureDoor(string door)
    {
        string[] transport = door == OwnDoor
            ? []
            : ["--transport", "spdk", "--spdk-cores", string.Create(CultureInfo.InvariantCulture, $"[{plan.TargetCore}]")];
        using var target = new BenchTarget(
            plan.TargetCore, plan.SizeBytes.ToString(CultureInfo.InvariantCulture), profile: null, medium: null, transport);
        Add(door, Run(target.Address, DriveOptions.DefaultSubsystemNqn, target.ProcessId));
        using var _ = target.Stop();
    }

    private void MeasureReference(string program, string device)
    {
        using var target = new NvmfTarget(program, plan.TargetCore, device, plan.SizeBytes / 4096);
        Add($"SPDK, {device}", Run(target.Address, NvmfTarget.Nqn, target.ProcessId));
    }

    private IReadOnlyList<CaseReport> Run(IPEndPoint address, string subsystem, int processId) => new BenchRun(
        new BenchPlan
        {
            Target = address,
            Subsystem = subsystem,
            Nsid = 1,
            Cases = plan.Cases,
            WarmUp = plan.WarmUp,
            Duration = plan.Duration,
            Runs = 1,
            Seed = plan.Seed,
            TargetProcessId = processId,
        },
        _ => { }).Measure();

    private void Add(string target, IReadOnlyList<CaseReport> reports)
    {
        for (int i = 0; i < reports.Count; i++)
        {
            (string, LoadCase) key = (target, plan.Cases[i]);
            if (!_results.TryGetValue(key, out List<CaseReport>? list))
                _results[key] = list = [];
            list.Add(reports[i]);
        }
    }

    private DoorsRow RowOf(string target, LoadCase load)
    {
        List<CaseReport> mine = _results[(target, load)];
        List<CaseReport> own = _results[(OwnDoor, load)];
        return new DoorsRow(
            load.ToString(),
            target,
            Rate.From([.. mine.Select(report => report.Iops)]),
            Rate.From([.. mine.Zip(own, (a, b) => a.Iops / b.Iops)]),
            Rate.From([.. mine.Select(report => report.P50Microseconds)]).Median,
            Rate.From([.. mine.Select(report => report.P99Microseconds)]).Median);
    }
}
