using System.Net;
using Emulator.Core;
using Emulator.Device;
using Emulator.Tcp;
using Emulator.Wire;

namespace Emulator.Host.Bench;

/// <summary>What a measurement is made of.</summary>
internal sealed record BenchPlan
{
    public required IPEndPoint Target { get; init; }

    public required string Subsystem { get; init; }

    public required uint Nsid { get; init; }

    public required IReadOnlyList<LoadCase> Cases { get; init; }

    public required TimeSpan WarmUp { get; init; }

    public required TimeSpan Duration { get; init; }

    public required int Runs { get; init; }

    public required ulong Seed { get; init; }

    /// <summary>Ask for no submission queue flow control, as a host may that does not follow the head.</summary>
    public bool DisableFlowControl { get; init; }

    /// <summary>Whether another host writes and flushes all the time meanwhile.</summary>
    public bool HasFlushes { get; init; }

    /// <summary>The process of the drive, if it is on this machine.</summary>
    public int? TargetProcessId { get; init; }

    /// <summary>The drive as it was started, if it has a model to compare with.</summary>
    public DriveOptions? Modelled { get; init; }
}

/// <summary>Measures every case as often as asked, the cases interleaved so that what drifts hits all alike.</summary>
internal sealed class BenchRun(BenchPlan plan, Action<string> tell)
{
    private const string FlushingHost = "nqn.2026-11.io.emulator:bench-flushes";

    /// <summary>Writes every block, so that reads read data and writes find a drive in its steady state.</summary>
    private static readonly LoadCase Fill = new("write", 128 * 1024, 8);

    private readonly Dictionary<LoadCase, List<LoadResult>> _results = plan.Cases.ToDictionary(load => load, _ => new List<LoadResult>());

    /// <exception cref="HostConnectionException">The connection was lost.</exception>
    public IReadOnlyList<CaseReport> Measure()
    {
        (int blockBytes, ulong blockCount) = ReadGeometry();
        FillOnce(blockBytes, blockCount);
        for (int run = 1; run <= plan.Runs; run++)
        {
            foreach (LoadCase load in plan.Cases)
            {
                LoadResult result = MeasureOnce(load, blockBytes, blockCount, plan.Seed + (ulong)run);
                _results[load].Add(result);
                tell($"run {run} of {plan.Runs}: {load}: {result.Iops:F0} IOPS");
            }
        }

        if (plan.Modelled is { } modelled)
            AddModel(modelled);
        return [.. plan.Cases.Select(load => CaseReport.From(load, _results[load]))];
    }

    private void AddModel(DriveOptions modelled)
    {
        tell("simulating the same");
        using var model = new ModelReference(modelled, Fill, plan.Seed);
        for (int run = 1; run <= plan.Runs; run++)
        {
            foreach (LoadCase load in plan.Cases)
            {
                LatencyHistogram latencies = model.Measure(load, plan.WarmUp, plan.Duration, plan.Seed + (ulong)run);
                _results[load][run - 1] = _results[load][run - 1] with
                {
                    ModelMicroseconds = latencies.Mean.Nanoseconds / 1e3,
                    ModelP50Microseconds = latencies.Percentile(50).Nanoseconds / 1e3,
                };
            }
        }
    }

    private (int BlockBytes, ulong BlockCount) ReadGeometry()
    {
        using HostController controller = HostController.Connect(Options(1, 4096));
        controller.Enable();
        byte[] data = new byte[IdentifyNamespace.Size];
        controller.Succeed("Identify Namespace", HostCommands.Identify(IdentifyCns.Namespace, plan.Nsid), data);
        ref readonly IdentifyNamespace identity = ref WireStruct.Read<IdentifyNamespace>(data);
        if (identity.Nsze == 0)
            throw new UserErrorException($"namespace {plan.Nsid} of {plan.Subsystem} does not exist or is not attached");
        return (1 << identity.Lbaf[identity.Flbas & 0xF].Lbads, identity.Nsze);
    }

    private void FillOnce(int blockBytes, ulong blockCount)
    {
        tell("filling the namespace");
        var generator = new LoadGenerator(Fill, plan.Nsid, blockBytes, blockCount, plan.Seed);
        using HostController controller = HostController.Connect(Options(Fill.Depth, Fill.Bytes));
        HostQueue queue = OpenQueue(controller, generator);
        generator.Start(queue);
        long commands = (long)(blockCount * (ulong)blockBytes / (ulong)Fill.Bytes);
        while (generator.Latencies.Count < commands && queue.IsConnected)
            queue.Poll();
        generator.Finish(queue);
        CheckOutcome(generator, queue, Fill);
    }

    private LoadResult MeasureOnce(LoadCase load, int blockBytes, ulong blockCount, ulong seed)
    {
        var generator = new LoadGenerator(load, plan.Nsid, blockBytes, blockCount, seed);
        using HostController controller = HostController.Connect(Options(load.Depth, load.Bytes));
        HostQueue queue = OpenQueue(controller, generator);
        using FlushLoad? flushes = plan.HasFlushes
            ? new FlushLoad(Options(1, FlushLoad.Bytes) with { HostNqn = FlushingHost }, plan.Nsid, blockBytes, blockCount, seed)
            : null;
        generator.Start(queue);
        generator.RunFor(queue, plan.WarmUp);

        TimeSpan? cpuBefore = TargetCpu();
        TimeSpan elapsed = generator.RunFor(queue, plan.Duration);
        TimeSpan? cpuAfter = TargetCpu();
        long completed = generator.Latencies.Count;
        LoadResult result = new()
        {
            Iops = completed / elapsed.TotalSeconds,
            MeanMicroseconds = generator.Latencies.Mean.Nanoseconds / 1e3,
            P50Microseconds = generator.Latencies.Percentile(50).Nanoseconds / 1e3,
            P99Microseconds = generator.Latencies.Percentile(99).Nanoseconds / 1e3,
            P999Microseconds = generator.Latencies.Percentile(99.9).Nanoseconds / 1e3,
            LongestMicroseconds = generator.Latencies.Longest.Nanoseconds / 1e3,
            TargetCpuMicrosecondsPerIo = (cpuAfter - cpuBefore)?.TotalMicroseconds / completed,
        };
        generator.Finish(queue);
        CheckOutcome(generator, queue, load);
        flushes?.Stop();
        return flushes == null ? result : result with
        {
            FlushMicroseconds = flushes.Latencies.Mean.Nanoseconds / 1e3,
            LongestFlushMicroseconds = flushes.Latencies.Longest.Nanoseconds / 1e3,
        };
    }

    private static void CheckOutcome(LoadGenerator generator, HostQueue queue, LoadCase load)
    {
        if (!queue.IsConnected)
            throw new HostConnectionException($"connection lost during {load}: {queue.Failure}");
        if (generator.Failures > 0)
            throw new HostConnectionException($"{generator.Failures} commands failed during {load}");
    }

    private static HostQueue OpenQueue(HostController controller, LoadGenerator generator)
    {
        controller.Enable();
        controller.RequestQueues(1);
        return controller.ConnectIoQueue(generator);
    }

    private TimeSpan? TargetCpu() => plan.TargetProcessId is { } id ? ProcessUsage.CpuTime(id) : null;

    private HostOptions Options(int depth, int bytes) => new()
    {
        EndPoint = plan.Target,
        SubsystemNqn = plan.Subsystem,
        IoDepth = depth,
        IoBufferBytes = Math.Max(bytes, 4096),
        DisableFlowControl = plan.DisableFlowControl,
    };
}
