using System.Diagnostics;
using System.Runtime.InteropServices;
using Emulator.Device;
using Emulator.Flash;
using Emulator.Host.Configuration;
using Emulator.Host.Serving;
using Emulator.Simulation;
using Emulator.Simulation.Plots;
using Emulator.Simulation.Reports;
using Emulator.Simulation.Workloads;
using Emulator.Transforms;
using Spectre.Console;

namespace Emulator.Host.Simulate;

/// <summary>One simulation from its options to its report.</summary>
internal sealed class SimulateProcess(SimulateOptions options)
{
    /// <summary>A larger drive keeps no contents, which would take as much memory as it has.</summary>
    private const long LargestWithContents = 4L << 30;

    private volatile bool _interrupted;

    /// <returns>The exit code of the process.</returns>
    /// <exception cref="UserErrorException">Something in the options is wrong; the message says what.</exception>
    /// <exception cref="WorkloadException">The workload is at fault.</exception>
    public int Run()
    {
        OutputFile? json = Output("--json", options.JsonFile);
        OutputFile? plot = Output("--plot", options.PlotFile);
        WorkloadChoice choice = WorkloadChoice.From(options);
        using PageCodecFactory? codecs = CodecsOf(choice, out DriveOptions driveOptions);

        using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Interrupt);
        using MemoryMedium? medium = MediumOf(driveOptions);
        using Drive drive = Build(driveOptions, medium);
        using var simulator = new Simulator(drive);
        var target = new WorkloadTarget(simulator.NamespaceBytes, simulator.BlockBytes, simulator.MostOutstanding, options.Seed);
        using Workload workload = choice.On(target);
        CheckThatItEnds(workload, driveOptions);
        try
        {
            SimulationReport report = Simulate(drive, simulator, workload, out RunRecorder recorder);
            ReportTable.Print(AnsiConsole.Console, report);
            json?.Write(report.ToJson());
            plot?.Write(LatencyPlot.Draw(recorder.Series, report));
            return ExitCode.Success;
        }
        catch (OperationCanceledException)
        {
            Console.Error.WriteLine("emulator: interrupted");
            return ExitCode.Interrupted;
        }
    }

    /// <summary>Null for the drive's own, which keeps the contents of its pages; nothing in virtual time depends on those.</summary>
    private static MemoryMedium? MediumOf(DriveOptions drive) => drive.CapacityBytes <= LargestWithContents || drive.Codecs != null
        ? null
        : new MemoryMedium(drive.EffectiveGeometry(), keepsData: false);

    private static Drive Build(DriveOptions options, MemoryMedium? medium)
    {
        try
        {
            return new Drive(options, medium);
        }
        catch (LibraryMissingException e)
        {
            throw new UserErrorException(e.Message);
        }
    }

    private OutputFile? Output(string option, string? path)
    {
        if (path == null)
            return null;
        var file = new OutputFile(option, path, options.Force);
        file.Check();
        return file;
    }

    /// <summary>The drive, and what transforms its pages; null if nothing does.</summary>
    private PageCodecFactory? CodecsOf(WorkloadChoice choice, out DriveOptions drive)
    {
        drive = DriveOptionsOf(choice, out DriveSettings settings);
        if (!settings.HasTransforms)
            return null;
        if (PlanValidation.SecretProblem(settings) is { } problem)
            throw new UserErrorException(problem);
        var codecs = new PageCodecFactory(settings.Secret?.Read());
        drive = drive with { Codecs = codecs };
        return codecs;
    }

    private DriveOptions DriveOptionsOf(WorkloadChoice choice, out DriveSettings settings)
    {
        settings = options.ConfigFile is { } path ? SingleDrive(path) : new DriveSettings();
        int? blockSize = options.BlockSize ?? (options.ConfigFile == null ? choice.BlockBytes : null);
        settings = settings with
        {
            Size = options.Size ?? settings.Size,
            Namespaces = blockSize is { } bytes
                ? [.. settings.Namespaces.Select(ns => ns with { BlockSize = bytes })]
                : settings.Namespaces,
        };
        DriveOptions drive = DriveProfiles.Apply(options.Profile, settings);
        if (DriveOptionsValidation.Problem(drive) is { } problem)
            throw new UserErrorException(problem);
        return drive.Namespaces.Count > 0 ? drive : throw new UserErrorException("the drive has no namespace");
    }

    private static DriveSettings SingleDrive(string path)
    {
        IReadOnlyList<DriveSettings> drives = SettingsFile.Read(path).Drives;
        return drives.Count == 1
            ? drives[0]
            : throw new UserErrorException($"{Path.GetFileName(path)}: has {drives.Count} drives; one is simulated");
    }

    /// <summary>Time alone ends no closed loop on a drive whose operations take none.</summary>
    private void CheckThatItEnds(Workload workload, DriveOptions drive)
    {
        if (drive.Timing == DriveTiming.Model || options.Commands != null)
            return;
        if (workload.Jobs.FirstOrDefault(job => job.Source is { Count: null, IsOpenLoop: false }) is { } endless)
        {
            throw new UserErrorException(
                $"{workload.Name}: job '{endless.Name}' is ended by time alone, and operations of the drive take none; "
                + "--commands ends it");
        }
    }

    private SimulationReport Simulate(Drive drive, Simulator simulator, Workload workload, out RunRecorder recorder)
    {
        var run = new SimulationRun(drive, simulator, workload);
        long limit = options.Commands ?? long.MaxValue;
        using var progress = new ProgressLine(() => _interrupted);
        long begin = Stopwatch.GetTimestamp();
        run.Precondition(progress.Begin("precondition", null));
        TimeSpan precondition = Stopwatch.GetElapsedTime(begin);
        double preconditionSimulated = simulator.Now.Nanoseconds / 1e9;

        begin = Stopwatch.GetTimestamp();
        run.Measure(limit, progress.Begin(workload.Name, workload.Count is { } count ? Math.Min(limit, count) : options.Commands));
        double wallSeconds = Stopwatch.GetElapsedTime(begin).TotalSeconds;
        recorder = run.Recorder!;
        return new SimulationReport
        {
            Profile = options.Profile,
            Workload = options.Workload,
            Seed = options.Seed,
            CapacityBytes = drive.Options.CapacityBytes,
            BlockBytes = simulator.BlockBytes,
            TraceHash = recorder.Hash,
            Commands = recorder.Latencies.Count,
            WallSeconds = wallSeconds,
            SimulatedSeconds = (recorder.End - recorder.Begin).Nanoseconds / 1e9,
            Precondition = new PreconditionReport(
                workload.Precondition, run.PreconditionCommands, precondition.TotalSeconds, preconditionSimulated, run.IsSteady),
            LatencyUs = new OverallLatency(recorder),
            Throughput = ThroughputReport.Of(recorder, wallSeconds),
            WriteAmplification = run.FtlCounters.WriteAmplification,
            Errors = ErrorReport.Of(recorder),
            Ftl = SimulationReport.CountersOf(run.FtlCounters),
            Wear = WearReport.Of(simulator.ReadHealth()),
        };
    }

    private void Interrupt(PosixSignalContext context)
    {
        context.Cancel = true;
        _interrupted = true;
    }
}
