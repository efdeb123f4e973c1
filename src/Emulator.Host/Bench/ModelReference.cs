using Emulator.Core;
using Emulator.Device;
using Emulator.Simulation;
using Emulator.Simulation.Reports;
using Emulator.Simulation.Workloads;

namespace Emulator.Host.Bench;

/// <summary>
/// The drive that is measured, under a simulated clock: what its model says of the same loads in the same order, without
/// a transport and without a machine that has other things to do.
/// </summary>
internal sealed class ModelReference : IDisposable
{
    private const int FillBytes = 128 << 10;
    private const int FillDepth = 8;

    private readonly Drive _drive;
    private readonly Simulator _simulator;

    /// <param name="options">Those of the drive that is measured.</param>
    public ModelReference(DriveOptions options)
    {
        _drive = new Drive(options);
        _simulator = new Simulator(_drive);
        var fill = new LoadCase("write", FillBytes, FillDepth);
        Run(fill, seed: 0, runtime: null, recorder: null, _simulator.NamespaceBytes);
    }

    /// <summary>Mean latency of a load.</summary>
    /// <param name="warmUp">How long it runs before.</param>
    public double MeanMicroseconds(LoadCase load, TimeSpan warmUp, TimeSpan duration, ulong seed)
    {
        Run(load, seed, warmUp, recorder: null);
        var recorder = new RunRecorder(_simulator.Now);
        Run(load, seed + 1, duration, recorder);
        return recorder.Latencies.Mean.Nanoseconds / 1e3;
    }

    public void Dispose()
    {
        _simulator.Dispose();
        _drive.Dispose();
    }

    private void Run(LoadCase load, ulong seed, TimeSpan? runtime, RunRecorder? recorder, long? bytes = null)
    {
        bool isRead = load.Opcode == Wire.IoOpcode.Read;
        var sizes = SizeMix.Of(load.Bytes);
        using var source = new SyntheticSource(new SyntheticOptions
        {
            ReadPercent = isRead ? 100 : 0,
            WritePercent = isRead ? 0 : 100,
            ReadSizes = sizes,
            WriteSizes = sizes,
            SequentialPercent = load.IsRandom ? 0 : 100,
            Bytes = _simulator.NamespaceBytes,
            ByteLimit = bytes,
            Seed = seed,
        });
        var job = new JobPlan
        {
            Name = load.Name,
            Depth = load.Depth,
            Source = source,
            Runtime = runtime is { } time ? new SimDuration((long)(time.TotalMicroseconds * 1000)) : null,
        };
        _simulator.Run([job], recorder);
    }
}
