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
    private readonly Drive _drive;
    private readonly Simulator _simulator;

    /// <param name="options">Those of the drive that is measured.</param>
    /// <param name="fill">How it was filled.</param>
    public ModelReference(DriveOptions options, LoadCase fill, ulong seed)
    {
        _drive = new Drive(options);
        _simulator = new Simulator(_drive);
        Run(fill, seed, commands: _simulator.NamespaceBytes / fill.Bytes);
    }

    /// <summary>Latencies of a load.</summary>
    /// <param name="warmUp">How long it runs before they count.</param>
    public LatencyHistogram Measure(LoadCase load, TimeSpan warmUp, TimeSpan duration, ulong seed)
    {
        var recorder = new RunRecorder(_simulator.Now + Duration(warmUp));
        Run(load, seed, Duration(warmUp + duration), recorder: recorder);
        return recorder.Latencies;
    }

    public void Dispose()
    {
        _simulator.Dispose();
        _drive.Dispose();
    }

    private static SimDuration Duration(TimeSpan time) => new((long)(time.TotalMicroseconds * 1000));

    private void Run(LoadCase load, ulong seed, SimDuration? runtime = null, long? commands = null, RunRecorder? recorder = null)
    {
        using var source = new LoadSource(load, _simulator.NamespaceBytes, seed, commands);
        _simulator.Run([new JobPlan { Name = load.Name, Depth = load.Depth, Source = source, Runtime = runtime }], recorder);
    }
}
