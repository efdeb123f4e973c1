using System.Diagnostics;
using System.Globalization;
using Emulator.Core;
using Emulator.Device;
using Emulator.Flash;
using Emulator.Host.Configuration;
using Emulator.Migration;
using Emulator.Tcp;
using Emulator.Wire;

namespace Emulator.Host.Bench;

/// <summary>
/// What tracking of dirty granules costs whoever writes. Off and on take turns, since a machine drifts further within a minute
/// than the difference is large. Each turn begins a migration, which captures a state and leaves other things in the processor's
/// cache; on a turn without tracking it is cancelled at once.
/// </summary>
internal sealed class TrackingBench(AssistBenchPlan plan, Action<string> tell)
{
    /// <summary>Turns are short and many, for the machine does other things now and then.</summary>
    private const int TurnsPerRun = 32;
    private const int TurnsPerLargeRun = 4;
    private const int CommandsPerTurn = 32 * 1024;

    /// <summary>Commands of a turn before those that count.</summary>
    private const int CommandsBefore = 16 * 1024;
    private const int CommandsPerAdvance = 32;

    /// <summary>
    /// Blocks from one to the next that may be written on the large drive: a million in all, for beginning a migration takes the
    /// longer the more is allocated.
    /// </summary>
    private const ulong LargeStep = 256;

    private const int RecordsPerTurn = 1024 * 1024;
    private const long SmallBytes = 1L << 30;
    private const long LargeBytes = 1L << 40;

    /// <summary>A migration without any policy for the cache, so that tracking is all that it does.</summary>
    private const VmMigrationFlags Alone = VmMigrationFlags.Active | VmMigrationFlags.PolicyMask;

    private static readonly LoadCase Load = new("randwrite", 4096, 32);

    /// <exception cref="HostConnectionException">A connection was lost, or a command failed.</exception>
    public IReadOnlyList<TurnsReport> Measure() =>
    [
        .. MeasureServed(),
        .. MeasureLocal(SmallBytes, isFull: true),
        .. MeasureLocal(LargeBytes, isFull: false),
        MeasureRecording(SmallBytes),
        MeasureRecording(LargeBytes),
    ];

    /// <summary>A drive behind NVMe/TCP; the load goes on while migrations begin and are cancelled.</summary>
    private IReadOnlyList<TurnsReport> MeasureServed()
    {
        tell("random writes to a served drive");
        using var target = new BenchTarget(plan.TargetCore, new ByteSize(SmallBytes).ToString(), profile: null);
        var options = new HostOptions
        {
            EndPoint = target.Address,
            SubsystemNqn = DriveOptions.DefaultSubsystemNqn,
            IoDepth = Load.Depth,
            IoBufferBytes = Load.Bytes,
        };
        var generator = new LoadGenerator(Load, LocalHost.Nsid, LocalHost.BlockBytes, (ulong)(SmallBytes / LocalHost.BlockBytes), plan.Seed);
        using HostController controller = HostController.Connect(options);
        controller.Enable();
        controller.RequestQueues(1);
        HostQueue queue = controller.ConnectIoQueue(generator);
        generator.Start(queue);
        RunUntilSteady(generator, queue);
        const string what = "served over NVMe/TCP, 1 GiB, depth 32";
        TurnsReport[] reports = [Measure(what, Alone), Measure(what + ", with policies", VmMigrationFlags.Active)];
        generator.Finish(queue);
        if (!queue.IsConnected || generator.Failures > 0)
            throw new HostConnectionException($"{generator.Failures} writes failed {queue.Failure}");
        return reports;

        TurnsReport Measure(string row, VmMigrationFlags flags) => Take(row, "IOPS", plan.Runs * TurnsPerRun, isOn =>
        {
            SetMigration(flags);
            if (!isOn)
                SetMigration(VmMigrationFlags.None);
            generator.RunFor(queue, plan.WarmUp / TurnsPerRun);
            TimeSpan elapsed = generator.RunFor(queue, plan.Duration / TurnsPerRun);
            double rate = generator.Latencies.Count / elapsed.TotalSeconds;
            SetMigration(VmMigrationFlags.None);
            return rate;
        });

        void SetMigration(VmMigrationFlags flags) =>
            controller.Succeed("Set Features D0h", HostCommands.SetFeatures(FeatureId.VmMigration, (uint)flags));
    }

    /// <summary>Every block three times over, so that the collector is at work.</summary>
    private static void RunUntilSteady(LoadGenerator generator, HostQueue queue)
    {
        while (generator.Latencies.Count < 3 * SmallBytes / LocalHost.BlockBytes && queue.IsConnected)
            queue.Poll();
    }

    /// <summary>A drive that is called in this process, without a transport and without a timing model.</summary>
    /// <param name="bytes">Its capacity.</param>
    /// <param name="isFull">Written before, into the steady state of the collector; otherwise blank, without contents.</param>
    private IReadOnlyList<TurnsReport> MeasureLocal(long bytes, bool isFull)
    {
        tell($"random writes to a drive of {new ByteSize(bytes)} in this process");
        var options = new DriveOptions { CapacityBytes = bytes };
        using var medium = new MemoryMedium(options.EffectiveGeometry(), keepsData: isFull);
        using var drive = new Drive(options, medium);
        var host = new LocalHost(drive);
        var random = new SeededRandom(plan.Seed);
        ulong step = isFull ? 1 : LargeStep;
        if (isFull)
        {
            for (ulong block = 0; block < host.Blocks; block += 32)
                host.Write(block, 32);
            WriteAtRandom(host, random, step, (long)host.Blocks * 2);
        }

        string what = $"in this process, {new ByteSize(bytes)}{(isFull ? "" : ", blank")}";
        return [Measure(what, Alone), Measure(what + ", with policies", VmMigrationFlags.Active)];

        TurnsReport Measure(string row, VmMigrationFlags flags) => Take(row, "ns/command", plan.Runs * (isFull ? TurnsPerRun : TurnsPerLargeRun), isOn =>
        {
            SetMigration(flags);
            if (!isOn)
                SetMigration(VmMigrationFlags.None);
            WriteAtRandom(host, random, step, CommandsBefore);
            long begin = Stopwatch.GetTimestamp();
            WriteAtRandom(host, random, step, CommandsPerTurn);
            double nanoseconds = Stopwatch.GetElapsedTime(begin).TotalNanoseconds / CommandsPerTurn;
            SetMigration(VmMigrationFlags.None);
            return nanoseconds;
        });

        void SetMigration(VmMigrationFlags flags) => host.Admin(HostCommands.SetFeatures(FeatureId.VmMigration, (uint)flags));
    }

    private static void WriteAtRandom(LocalHost host, SeededRandom random, ulong step, long commands)
    {
        for (long i = 0; i < commands; i++)
        {
            host.Write(random.Below(host.Blocks / step) * step, 1);
            if (i % CommandsPerAdvance == 0)
                host.Advance();
        }
    }

    /// <summary>Nothing but what a write calls to have its blocks recorded: for the VM's life, and then for the round too.</summary>
    private TurnsReport MeasureRecording(long bytes)
    {
        ulong blocks = (ulong)(bytes / LocalHost.BlockBytes);
        using var vm = new VmMonitor(LocalHost.BlockBytes, new NoEvents());
        ChangeTracker tracker = vm.Track(new BareNamespace(blocks));
        var random = new SeededRandom(plan.Seed);
        return Take($"recording alone, {new ByteSize(bytes)}", "ns/command", plan.Runs * TurnsPerLargeRun, isOn =>
        {
            vm.Set(isOn ? Alone : VmMigrationFlags.None, threshold: 0, hostIsOwnManager: true);
            long begin = Stopwatch.GetTimestamp();
            for (int i = 0; i < RecordsPerTurn; i++)
                tracker.Record(random.Below(blocks), 1, vm);
            double nanoseconds = Stopwatch.GetElapsedTime(begin).TotalNanoseconds / RecordsPerTurn;
            vm.Set(VmMigrationFlags.None, threshold: 0, hostIsOwnManager: true);
            return nanoseconds;
        });
    }

    private TurnsReport Take(string what, string unit, int turns, Func<bool, double> measure)
    {
        TurnsReport report = Turns.Take(what, unit, turns, measure);
        tell(string.Create(CultureInfo.InvariantCulture, $"{what}: {report.Off.Median:F1} {unit}, tracking {report.Difference.Median:F1} more"));
        return report;
    }

    private sealed class NoEvents : IVmEvents
    {
        public void ThresholdExceeded(VmMonitor vm)
        {
        }
    }

    private sealed class BareNamespace(ulong blocks) : ITrackedNamespace
    {
        public uint Nsid => LocalHost.Nsid;

        public int BlockShift => 12;

        public ulong BlockCount => blocks;

        public ulong GranulesAlike(ulong first, ulong count, int granuleShift, out bool readAsZero)
        {
            readAsZero = false;
            return count;
        }
    }
}
