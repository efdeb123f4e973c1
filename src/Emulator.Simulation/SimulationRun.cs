using System.Reflection;
using Emulator.Device;
using Emulator.Ftl;
using Emulator.Simulation.Reports;
using Emulator.Simulation.Workloads;

namespace Emulator.Simulation;

/// <summary>One workload on one drive: preconditioning, then the run that is measured.</summary>
/// <param name="drive">Fresh; the caller disposes of it after the run.</param>
/// <param name="simulator">The owner of that drive.</param>
/// <param name="workload">Made for that drive.</param>
public sealed class SimulationRun(Drive drive, Simulator simulator, Workload workload)
{
    private const int FillBytes = 128 << 10;

    /// <summary>So much may the write amplification differ between two windows at steady state.</summary>
    private const double SteadyWithin = 0.02;

    private const int MostWindows = 8;

    private FtlCounters _before;

    /// <summary>Commands that preconditioning took.</summary>
    public long PreconditionCommands { get; private set; }

    /// <summary>Whether write amplification settled; null where nothing was overwritten to that end.</summary>
    public bool? IsSteady { get; private set; }

    /// <summary>What was measured; null before <see cref="Measure"/>.</summary>
    public RunRecorder? Recorder { get; private set; }

    /// <summary>What the translation layer counted while the workload ran.</summary>
    public FtlCounters FtlCounters => Difference(drive.FtlCounters, _before);

    /// <param name="poll">Called now and then with the number of commands done; may throw to end the run.</param>
    public void Precondition(Action<long>? poll)
    {
        if (workload.Precondition == Workloads.Precondition.None)
            return;
        Overwrite(FillOnce(), poll);
        if (workload.Precondition == Workloads.Precondition.Random)
            OverwriteUntilSteady(poll);
    }

    /// <param name="commandLimit">Ends the workload early after so many commands.</param>
    public void Measure(long commandLimit, Action<long>? poll)
    {
        _before = drive.FtlCounters;
        Recorder = new RunRecorder(simulator.Now);
        simulator.Run(workload.Jobs, Recorder, commandLimit, poll);
    }

    private SyntheticOptions FillOnce()
    {
        SyntheticOptions fill = workload.Fill;
        var size = SizeMix.Of((int)Math.Min(FillBytes, fill.Bytes));
        return fill with { WriteSizes = size, SequentialPercent = 100, ZipfTheta = 0, ByteLimit = fill.Bytes };
    }

    /// <summary>Windows of half the range each, until two in succession agree.</summary>
    private void OverwriteUntilSteady(Action<long>? poll)
    {
        double last = 0;
        for (int window = 1; window <= MostWindows && IsSteady != true; window++)
        {
            FtlCounters before = drive.FtlCounters;
            Overwrite(workload.Fill with { ByteLimit = workload.Fill.Bytes / 2, Seed = workload.Fill.Seed + (ulong)window }, poll);
            double amplification = Difference(drive.FtlCounters, before).WriteAmplification;

            // Up to the third window free space may hide that there is a collector.
            IsSteady = window > 3 && Math.Abs(amplification - last) <= last * SteadyWithin;
            last = amplification;
        }
    }

    private void Overwrite(SyntheticOptions options, Action<long>? poll)
    {
        long done = PreconditionCommands;
        using var source = new SyntheticSource(options);
        var job = new JobPlan { Name = "precondition", Depth = 32, Source = source };
        PreconditionCommands += simulator.Run([job], recorder: null, poll: poll == null ? null : submitted => poll(done + submitted));
    }

    /// <summary>Every counter less what it was before, whichever counters there are.</summary>
    private static FtlCounters Difference(in FtlCounters now, in FtlCounters before)
    {
        object difference = new FtlCounters();
        foreach (FieldInfo field in typeof(FtlCounters).GetFields(BindingFlags.Public | BindingFlags.Instance))
        {
            if (field.FieldType == typeof(long))
                field.SetValue(difference, (long)field.GetValue(now)! - (long)field.GetValue(before)!);
        }

        return (FtlCounters)difference;
    }
}
