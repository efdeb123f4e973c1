using System.Diagnostics;
using System.Globalization;
using System.Net;
using Emulator.Device;
using Emulator.Host.Configuration;
using Emulator.Host.Migrate;
using Emulator.Tcp;

namespace Emulator.Host.Bench;

/// <summary>What a measurement of migrations is made of.</summary>
internal sealed record MigrateBenchPlan
{
    /// <summary>Of both drives, one namespace each.</summary>
    public required string Size { get; init; }

    public required TimeSpan WarmUp { get; init; }

    /// <summary>Moves there and back for the gap at the switch; other cases are measured a few times.</summary>
    public required int Runs { get; init; }

    public required ulong Seed { get; init; }

    /// <summary>Least share of its writes that the host keeps, in percent, as of `emulator migrate --hold-back`.</summary>
    public int HoldBackPercent { get; init; } = MigrateOptions.DefaultHoldBackPercent;

    /// <summary>Only cases whose names contain this are measured.</summary>
    public string Only { get; init; } = "";

    public required int SourceCore { get; init; }

    /// <summary>Of the other drive, the host that writes, and the orchestrator.</summary>
    public required int OtherCore { get; init; }
}

/// <summary>How a host writes and how fast data may move.</summary>
/// <param name="Name">For the report.</param>
/// <param name="ThinkMicroseconds">From the end of a write to the next; the kernel adds about 50.</param>
/// <param name="LinkBytesPerSecond">0 for no limit.</param>
/// <param name="Runs">That count.</param>
/// <param name="Through">Who moves the data.</param>
internal sealed record MigrateCase(
    string Name, int ThinkMicroseconds, long LinkBytesPerSecond, int Runs, MoveThrough Through = MoveThrough.Drive);

/// <summary>
/// A host writes 4 KiB at random, all the time, to a namespace that is full, while `emulator migrate` moves it from one
/// drive to the other; then it moves back, which is not measured. The other drive and the host share a core, of which the host
/// takes what it wants: a destination has a machine of its own.
/// </summary>
internal sealed class MigrateBench(MigrateBenchPlan plan, Action<string> tell)
{
    private const string ManagerNqn = "nqn.2026-11.io.emulator:bench-manager";
    private const string VmNqn = "nqn.2026-11.io.emulator:bench-vm";
    private const int FewRuns = 3;
    private const double GoalMs = 5;

    private const double PatienceSeconds = 60;

    /// <summary>The way back is not measured, and has a source that yields to the host: it is not waited for.</summary>
    private const double SecondsBack = 5;

    /// <summary>The least that a process can ask for of a core that it shares.</summary>
    private const int LeastPriority = 19;

    /// <summary>400 Mbit/s.</summary>
    private const long SlowLink = 50_000_000;

    /// <summary>
    /// A guest under TCG that nobody holds back takes about 120 microseconds from one write to the next: 7,100 to 8,800 a second.
    /// </summary>
    private const int GuestThinks = 50;

    /// <summary>512 writes a second, 2 MiB/s.</summary>
    private const int LightThinks = 1_880;

    private static readonly LoadCase Fill = new("write", 128 * 1024, 8);

    private readonly string _journal = Path.Combine(Path.GetTempPath(), $"emulator-bench-{Environment.ProcessId}.journal");

    /// <exception cref="MigrateException">A migration failed.</exception>
    /// <exception cref="UserErrorException">No case is to be measured.</exception>
    public MigrateBenchReport Measure()
    {
        IReadOnlyList<MigrateCase> cases = Chosen();
        string[] managers = ["--manager", ManagerNqn];
        using var one = new BenchTarget(plan.SourceCore, plan.Size, null, null, [.. managers, "--controller-ids", "1-255"]);
        using var other = new BenchTarget(plan.OtherCore, plan.Size, null, null, [.. managers, "--controller-ids", "256-511", "--standby"]);
        Yield(other);
        FillWhole(one.Address);
        var drives = new Ends(one.Address, other.Address);
        var rows = new List<MigrateCaseReport>();
        foreach (MigrateCase load in cases)
            rows.Add(Measure(load, drives));
        File.Delete(_journal);
        return new MigrateBenchReport { Size = plan.Size, Seed = plan.Seed, Cases = rows };
    }

    private List<MigrateCase> Chosen()
    {
        int few = Math.Min(plan.Runs, FewRuns);
        MigrateCase[] cases =
        [
            new("2 MiB/s, free link", LightThinks, 0, plan.Runs),
            new("as a guest under TCG, free link", GuestThinks, 0, plan.Runs),
            new("as a guest under TCG, 400 Mbit/s", GuestThinks, SlowLink, few),
            new("one after the other without a pause, free link", 0, 0, few),
            new("as a guest under TCG, free link, through the host", GuestThinks, 0, few, MoveThrough.Host),
            new("as a guest under TCG, 400 Mbit/s, through the host", GuestThinks, SlowLink, few, MoveThrough.Host),
        ];
        List<MigrateCase> chosen = [.. cases.Where(load => load.Name.Contains(plan.Only, StringComparison.Ordinal))];
        return chosen.Count > 0
            ? chosen
            : throw new UserErrorException(
                $"--only: no case has '{plan.Only}' in its name; cases are {string.Join("; ", cases.Select(load => load.Name))}");
    }

    private MigrateCaseReport Measure(MigrateCase load, Ends drives)
    {
        using MultipathLoad vm = Connect(load, drives, out ushort id, out ushort idThere);
        var moves = new List<MeasuredMove>();
        int notConverged = 0;

        // The first compiles the code and does not count.
        for (int run = 0; run <= load.Runs; run++)
        {
            MeasuredMove move;
            try
            {
                move = Move(load, drives, vm, id, idThere);
            }
            catch (MigrateException e) when (e.ExitCode == ExitCode.NotConverging)
            {
                tell($"{load.Name}, run {run} of {load.Runs}: {e.Message}");
                notConverged += run > 0 ? 1 : 0;
                continue;
            }

            tell(string.Create(
                CultureInfo.InvariantCulture,
                $"{load.Name}, run {run} of {load.Runs}: gap {move.GapMs:F2} ms, black-out {move.BlackoutMs:F2} ms, predicted {move.PredictedMs:F2}, "
                + $"{move.IopsBefore:F0} IOPS before, {move.IopsDuring:F0} during {move.Seconds:F1} s, {move.Rounds} rounds, {(move.HeldToPercent is { } held ? $"held to {held:F0}%, " : "")}moved {move.MovedRatio:F3} of what had to"));
            if (run > 0)
                moves.Add(move);
            Move(load with { LinkBytesPerSecond = 0, Through = MoveThrough.Drive }, new Ends(drives.To, drives.From), vm, idThere, id, isBack: true);
        }

        return MigrateCaseReport.From(load, moves, notConverged);
    }

    private MeasuredMove Move(MigrateCase load, Ends drives, MultipathLoad vm, ushort id, ushort idThere, bool isBack = false)
    {
        Thread.Sleep(plan.WarmUp);
        double before = Iops(vm, () => Thread.Sleep(plan.WarmUp));
        long writesAtBind = 0, writesAtHalt = 0, boundAt = 0, haltedAt = 0;
        var options = new MigrateOptions
        {
            From = drives.From.ToString(),
            To = drives.To.ToString(),
            Subsystem = DriveOptions.DefaultSubsystemNqn,
            Manager = ManagerNqn,
            Vm = id.ToString(CultureInfo.InvariantCulture),
            VmThere = idThere.ToString(CultureInfo.InvariantCulture),
            MaxDowntimeMs = GoalMs,
            BytesPerSecond = load.LinkBytesPerSecond,
            Through = load.Through,
            HoldBackPercent = plan.HoldBackPercent,
            ForceSwitch = isBack,
            PatienceSeconds = isBack ? SecondsBack : PatienceSeconds,
        };
        using var run = new MigrationRun(options, false, new NoDisplay(), () => false)
        {
            AtStep = step =>
            {
                if (step == "source")
                    (writesAtBind, boundAt) = (vm.Writes, Stopwatch.GetTimestamp());
                else if (step == "halt")
                    (writesAtHalt, haltedAt, _) = (vm.Writes, Stopwatch.GetTimestamp(), vm.TakeLongestGap());
            },
        };
        using (MigrationJournal journal = run.Prepare(_journal))
            run.Execute(journal);
        long after = vm.Writes;
        while (vm.Writes < after + 2)
        {
            vm.Check();
            Thread.Sleep(1);
        }

        double seconds = Stopwatch.GetElapsedTime(boundAt, haltedAt).TotalSeconds;
        ulong written = (ulong)(writesAtHalt - writesAtBind) * 4096;
        return new MeasuredMove
        {
            GapMs = vm.TakeLongestGap() * 1e3 / Stopwatch.Frequency,
            BlackoutMs = run.Report.BlackoutMs ?? 0,
            PredictedMs = run.Report.PredictedBlackoutMs ?? 0,
            IopsBefore = before,
            IopsDuring = (writesAtHalt - writesAtBind) / seconds,
            Seconds = seconds,
            Rounds = run.Report.Rounds,
            MovedRatio = run.Report.BytesMoved / (double)(run.Report.FirstPassBytes + written),
            MovedOverSize = run.Report.BytesMoved / (double)run.Report.FirstPassBytes,
            HeldToPercent = run.Report.HeldBackToShare * 100,
        };
    }

    private static void Yield(BenchTarget drive)
    {
        using var renice = Process.Start("renice", [LeastPriority.ToString(CultureInfo.InvariantCulture), "-p", drive.ProcessId.ToString(CultureInfo.InvariantCulture)]);
        renice.WaitForExit();
    }

    private static double Iops(MultipathLoad vm, Action wait)
    {
        (long writes, long at) = (vm.Writes, Stopwatch.GetTimestamp());
        wait();
        vm.Check();
        return (vm.Writes - writes) / Stopwatch.GetElapsedTime(at).TotalSeconds;
    }

    private MultipathLoad Connect(MigrateCase load, Ends drives, out ushort id, out ushort idThere)
    {
        HostController[] paths = [.. new[] { drives.From, drives.To }.Select(address => HostController.ConnectWithQueues(HostOf(address)))];
        (id, idThere) = (paths[0].Id, paths[1].Id);
        return new MultipathLoad(paths, (ulong)ByteSize.Parse(plan.Size).Bytes / 4096, plan.Seed, load.ThinkMicroseconds);
    }

    private void FillWhole(IPEndPoint address)
    {
        tell("filling the namespace");
        ulong blocks = (ulong)ByteSize.Parse(plan.Size).Bytes / 4096;
        var generator = new LoadGenerator(Fill, 1, 4096, blocks, plan.Seed);
        using HostController host = HostController.Connect(HostOf(address) with { IoDepth = Fill.Depth, IoBufferBytes = Fill.Bytes });
        host.Enable();
        host.RequestQueues(1);
        HostQueue queue = host.ConnectIoQueue(generator);
        generator.Start(queue);
        while (generator.Latencies.Count < (long)blocks * 4096 / Fill.Bytes && queue.IsConnected)
            queue.Poll();
        generator.Finish(queue);
    }

    private static HostOptions HostOf(IPEndPoint address) => new()
    {
        EndPoint = address,
        SubsystemNqn = DriveOptions.DefaultSubsystemNqn,
        HostNqn = VmNqn,
        IoDepth = 1,
        IoBufferBytes = 4096,
    };

    /// <summary>Where the storage is, and where it goes.</summary>
    private readonly record struct Ends(IPEndPoint From, IPEndPoint To);

    private sealed class NoDisplay : IMigrateDisplay
    {
        public void Begin(MigratePhase phase)
        {
        }

        public void Show(MigrateSample sample)
        {
        }

        public void Say(string line)
        {
        }
    }
}
