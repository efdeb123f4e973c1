using System.Diagnostics;
using System.Globalization;
using System.Net;
using Emulator.Core;
using Emulator.Device;
using Emulator.Flash;
using Emulator.Tcp;
using Emulator.Wire;

namespace Emulator.Host.Bench;

/// <summary>
/// How long a host takes to read which granules of a large namespace are dirty: log page D3h with ADVANCE, in pieces, and again
/// for as long as the list was truncated. The drive is in this process and keeps no contents.
/// </summary>
internal sealed class DirtyRangesBench(AssistBenchPlan plan, Action<string> tell)
{
    private const long CapacityBytes = 1L << 40;
    private const int Granules = 1_000_000;

    /// <summary>Granules of a cluster: 1 MiB.</summary>
    private const int ClusterGranules = 256;

    private const int LargestPiece = 512 * 1024;

    /// <summary>Pieces as nvme-cli reads by default, and with a longer --xfer-len.</summary>
    private static readonly int[] SmallPieces = [64 * 1024, 4096];

    private static readonly int[] Limits = [new DriveOptions().MaxReportedRanges, 1 << 20];

    private readonly List<RangesReport> _reports = [];

    /// <exception cref="HostConnectionException">The connection was lost, or a list was wrong.</exception>
    public IReadOnlyList<RangesReport> Measure()
    {
        foreach (int limit in Limits)
        {
            tell($"dirty ranges, at most {limit} in a list");
            var options = new DriveOptions { CapacityBytes = CapacityBytes, MaxReportedRanges = limit };
            using var medium = new MemoryMedium(options.EffectiveGeometry(), keepsData: false);
            using var drive = new Drive(options, medium);
            var local = new LocalHost(drive);
            MeasureLocal(local, limit);
            MeasureServed(drive, local, limit);
        }

        return _reports;
    }

    private void MeasureLocal(LocalHost local, int limit)
    {
        local.Admin(HostCommands.SetFeatures(FeatureId.VmMigration, (uint)VmMigrationFlags.Active));
        foreach (bool isClustered in new[] { false, true })
        {
            Repeat("in this process", isClustered, limit, LargestPiece, new DirtyRangesReader(local.Admin), () => MakeDirty(local, isClustered));
        }

        local.Admin(HostCommands.SetFeatures(FeatureId.VmMigration, (uint)VmMigrationFlags.None));
    }

    /// <summary>The drive is served, and written to by the local host on the thread of its reactor.</summary>
    private void MeasureServed(Drive drive, LocalHost local, int limit)
    {
        // A thread begins on the core of the one that starts it.
        BenchCores.Bind(plan.TargetCore);
        using var target = new NvmeTcpTarget(
            new TargetOptions { Listeners = [new IPEndPoint(IPAddress.Loopback, 0)], Subsystems = [drive] }, new SilentObserver());
        target.Start();
        BenchCores.Bind(plan.LoadCore);
        using HostController host = HostController.Connect(new HostOptions
        {
            EndPoint = target.Addresses[0],
            SubsystemNqn = drive.Nqn,
            AdminBufferBytes = LargestPiece,
        });
        host.Enable();
        host.Succeed("Set Features D0h", HostCommands.SetFeatures(FeatureId.VmMigration, (uint)VmMigrationFlags.Active));
        var reader = new DirtyRangesReader((in SubmissionEntry entry, Span<byte> data) => host.Succeed("Get Log Page D3h", entry, data));
        foreach (bool isClustered in new[] { false, true })
        {
            int[] pieces = isClustered || limit < Granules ? [LargestPiece] : [LargestPiece, .. SmallPieces];
            foreach (int piece in pieces)
                Repeat("over NVMe/TCP", isClustered, limit, piece, reader, () => OnReactor(target, local, () => MakeDirty(local, isClustered)));
        }
    }

    private void Repeat(string how, bool isClustered, int limit, int piece, DirtyRangesReader reader, Action makeDirty)
    {
        var times = new List<double>();
        var longest = new List<double>();
        for (int run = 0; run <= plan.Runs; run++)
        {
            makeDirty();
            long begin = Stopwatch.GetTimestamp();
            reader.ReadAll(piece);
            double milliseconds = Stopwatch.GetElapsedTime(begin).TotalMilliseconds;
            if (reader.Blocks != Granules)
                throw new HostConnectionException($"{reader.Blocks} blocks are reported as dirty, {Granules} were written");

            // The first of everything compiles code and touches memory.
            if (run == 0)
                continue;
            times.Add(milliseconds);
            longest.Add(reader.LongestCommand.TotalMilliseconds);
        }

        string what = $"{how}, {(isClustered ? "clustered" : "separate")}";
        tell(string.Create(CultureInfo.InvariantCulture, $"{what}, pieces of {piece}: {Rate.From(times).Median:F1} ms"));
        _reports.Add(new RangesReport
        {
            What = what,
            Ranges = reader.Ranges,
            MostRanges = limit,
            PieceBytes = piece,
            Milliseconds = Rate.From(times),
            LongestCommandMilliseconds = Rate.From(longest),
        });
    }

    /// <summary>One granule in each stretch of the namespace, at a random place in it, or a whole cluster.</summary>
    private void MakeDirty(LocalHost local, bool isClustered)
    {
        var random = new SeededRandom(plan.Seed);
        int perWrite = isClustered ? ClusterGranules / 2 : 1;
        int stretches = isClustered ? Granules / ClusterGranules : Granules;
        int length = isClustered ? ClusterGranules : 1;
        ulong stretch = local.Blocks / (ulong)(stretches + 1);
        for (int i = 0; i < stretches; i++)
            WriteRun(local, ((ulong)i * stretch) + random.Below(stretch - (ulong)length), length, perWrite);

        // What does not fill a cluster is one of its own.
        if (Granules - (stretches * length) is > 0 and int rest)
            WriteRun(local, (ulong)stretches * stretch, rest, perWrite);
    }

    private static void WriteRun(LocalHost local, ulong start, int blocks, int perWrite)
    {
        for (int done = 0; done < blocks; done += perWrite)
            local.Write(start + (ulong)done, Math.Min(perWrite, blocks - done));
        local.Advance();
    }

    private static void OnReactor(NvmeTcpTarget target, LocalHost local, Action action)
    {
        using var done = new ManualResetEventSlim();
        target.Post(now =>
        {
            local.Now = now;
            action();
            done.Set();
        });
        done.Wait();
    }

    private sealed class SilentObserver : ITargetObserver
    {
        public void QueueConnected(string peer, QueuePair queue, string subsystem)
        {
        }

        public void ConnectRefused(string peer, string subsystem, string host, Status status)
        {
        }

        public void ConnectionClosed(string peer, QueuePair? queue, string reason)
        {
        }

        public void ProtocolViolated(string peer, FatalErrorStatus status, string what)
        {
        }

        public void FirmwareFault(string subsystem, Exception fault) => Console.Error.WriteLine(fault);
    }
}
