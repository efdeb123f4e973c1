using Emulator.Host.Configuration;
using Emulator.Simulation;
using Emulator.Simulation.Jobs;
using Emulator.Simulation.Traces;
using Emulator.Simulation.Workloads;

namespace Emulator.Host.Simulate;

/// <summary>The workload that was asked for, before there is a drive to run it on.</summary>
internal sealed class WorkloadChoice
{
    private const long DefaultCommands = 1_000_000;

    /// <summary>What traces address.</summary>
    private const int TraceBlockBytes = 512;

    /// <summary>As many as one queue of 256 entries holds.</summary>
    private const int TraceDepth = 255;

    private readonly Func<WorkloadTarget, Workload> _make;

    private WorkloadChoice(int? blockBytes, Func<WorkloadTarget, Workload> make)
    {
        BlockBytes = blockBytes;
        _make = make;
    }

    /// <summary>The block size that suits it best; null if it does not care.</summary>
    public int? BlockBytes { get; }

    /// <exception cref="UserErrorException">There is no such workload or file, or an option does not go with it.</exception>
    /// <exception cref="WorkloadException">Something in the file is wrong.</exception>
    public static WorkloadChoice From(SimulateOptions options)
    {
        if (options.Commands is < 1)
            throw new UserErrorException($"--commands: {options.Commands} must be at least 1");
        if (options.Format != null && !TraceFile.FormatNames.Contains(options.Format))
            throw new UserErrorException($"--format: '{options.Format}' must be one of {string.Join(", ", TraceFile.FormatNames)}");
        if (BuiltInWorkloads.Find(options.Workload) is { } builtIn)
            return Synthetic(builtIn, options);
        if (File.Exists(options.Workload))
            return FromFile(options);

        IEnumerable<string> names = BuiltInWorkloads.All.Select(entry => entry.Workload.Name);
        string? near = Spelling.Nearest(options.Workload, names);
        throw new UserErrorException(
            $"--workload: there is neither a workload nor a file '{options.Workload}'; "
            + (near == null ? $"workloads are {string.Join(", ", names)}" : $"did you mean '{near}'?"));
    }

    /// <exception cref="WorkloadException">It cannot run on such a drive.</exception>
    public Workload On(WorkloadTarget target) => _make(target);

    private static WorkloadChoice FromFile(SimulateOptions options)
    {
        string path = options.Workload;
        if (options.Format != null)
            return Trace(options);
        return FirstCharacter(path) switch
        {
            '{' or '/' => Synthetic(WorkloadSettings.FromFile(path).ToWorkload(Path.GetFileName(path)), options),
            '[' or ';' or '#' => Jobs(options),
            _ => Trace(options),
        };
    }

    private static WorkloadChoice Synthetic(SyntheticWorkload workload, SimulateOptions options)
    {
        RefuseTraceOptions(options);
        workload = workload with
        {
            Depth = options.Depth ?? workload.Depth,
            Rate = options.Rate ?? workload.Rate,
            IsEvenlySpaced = options.Rate == null && workload.IsEvenlySpaced,
            Precondition = options.Precondition ?? workload.Precondition,
        };
        return new WorkloadChoice(null, target => workload.On(target, options.Commands ?? DefaultCommands));
    }

    private static WorkloadChoice Jobs(SimulateOptions options)
    {
        RefuseTraceOptions(options);
        if (options.Depth != null || options.Rate != null)
            throw new UserErrorException("--depth and --rate: a job file says both itself, with iodepth and rate_iops");
        string[] lines = File.ReadAllLines(options.Workload);
        return new WorkloadChoice(null, target => Preconditioned(JobFile.Read(options.Workload, lines, target), options));
    }

    private static WorkloadChoice Trace(SimulateOptions options)
    {
        if (options.Rate != null)
            throw new UserErrorException("--rate: a trace says itself when requests arrive");
        TraceFile trace = TraceFile.Open(options.Workload, options.Format);
        return new WorkloadChoice(TraceBlockBytes, target =>
        {
            int depth = options.Depth ?? TraceDepth;
            if (depth < 1 || depth > target.MostOutstanding)
                throw new UserErrorException($"--depth: {depth} must be 1 to {target.MostOutstanding}");
            return Preconditioned(trace.On(target, options.Wrap, depth, options.Commands ?? long.MaxValue), options);
        });
    }

    private static Workload Preconditioned(Workload workload, SimulateOptions options) =>
        workload with { Precondition = options.Precondition ?? workload.Precondition };

    private static void RefuseTraceOptions(SimulateOptions options)
    {
        if (options.Wrap)
            throw new UserErrorException($"--wrap: '{options.Workload}' is no trace");
        if (options.Format != null)
            throw new UserErrorException($"--format: '{options.Workload}' is no trace");
    }

    /// <summary>The first that is not a blank; 0 in an empty file.</summary>
    private static char FirstCharacter(string path)
    {
        try
        {
            using var reader = new StreamReader(path);
            int character;
            while ((character = reader.Read()) >= 0)
            {
                if (!char.IsWhiteSpace((char)character))
                    return (char)character;
            }

            return '\0';
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UserErrorException($"--workload: {e.Message}");
        }
    }
}
