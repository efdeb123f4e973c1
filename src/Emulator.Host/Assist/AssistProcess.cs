using System.Runtime.InteropServices;
using System.Text.Json;
using Emulator.Device;
using Emulator.Host.Configuration;
using Emulator.Host.Simulate;
using Emulator.Simulation.Migrations;
using Emulator.Simulation.Workloads;
using Spectre.Console;

namespace Emulator.Host.Assist;

/// <summary>The same migration again and again, each time with more help of the drives.</summary>
internal sealed class AssistProcess(AssistOptions options)
{
    private const MigrationAssist Ranges = MigrationAssist.WrittenRanges | MigrationAssist.DirtyRanges;
    private const MigrationAssist Cache = Ranges | MigrationAssist.Retention | MigrationAssist.Prefetch;

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    private static readonly MigrationAssist[] Steps =
    [
        MigrationAssist.None,
        MigrationAssist.WrittenRanges,
        Ranges,
        Ranges | MigrationAssist.Retention,
        Cache,
        Cache | MigrationAssist.DirectTransfer,
    ];

    private volatile bool _interrupted;

    /// <returns>The exit code of the process.</returns>
    /// <exception cref="UserErrorException">Something in the options is wrong; the message says what.</exception>
    public int Run()
    {
        OutputFile? json = options.JsonFile == null ? null : new OutputFile("--json", options.JsonFile, options.Force);
        json?.Check();
        MigrationScenario scenario = ScenarioOf();
        using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Interrupt);
        try
        {
            List<MigrationReport> reports = Measure(scenario);
            AssistTable.Print(AnsiConsole.Console, options, scenario, reports);
            json?.Write(JsonSerializer.Serialize(reports.Select(report => new AssistRow(report)), Json) + "\n");
            return ExitCode.Success;
        }
        catch (OperationCanceledException)
        {
            Console.Error.WriteLine("emulator: interrupted");
            return ExitCode.Interrupted;
        }
    }

    private List<MigrationReport> Measure(MigrationScenario scenario)
    {
        var reports = new List<MigrationReport>();
        using var progress = new ProgressLine(() => _interrupted);
        foreach (MigrationAssist assist in Steps)
        {
            using var run = new MigrationRun(scenario);
            reports.Add(run.Run(assist, progress.Begin(AssistTable.NameOf(assist), null)));
        }

        return reports;
    }

    private MigrationScenario ScenarioOf()
    {
        if (options.UsedPercent is < 1 or > 100)
            throw new UserErrorException($"--used: {options.UsedPercent} must be 1 to 100");
        if (options.LinkMegabits is < 1 or > 1_000_000)
            throw new UserErrorException($"--link: {options.LinkMegabits} must be 1 to 1000000");
        if (options.CopyDepth is < 1 or > 128)
            throw new UserErrorException($"--copy-depth: {options.CopyDepth} must be 1 to 128");
        if (BuiltInWorkloads.Find(options.Workload) is not { } workload)
        {
            throw new UserErrorException(
                $"--workload: there is no workload '{options.Workload}'; workloads are "
                + string.Join(", ", BuiltInWorkloads.All.Select(entry => entry.Workload.Name)));
        }

        DriveOptions source = DriveOf("--profile", options.Profile);
        DriveOptions destination = options.To == null ? source : DriveOf("--to", options.To);
        return new MigrationScenario
        {
            Source = source,
            Destination = destination with { FirstControllerId = 0x100, LastControllerId = 0x1FF },
            Workload = workload with { WorkingSet = options.UsedPercent, Rate = options.Rate },
            LinkBytesPerSecond = options.LinkMegabits * 125_000L,
            CopyDepth = options.CopyDepth,
            ConvergedBytes = options.Converged.Bytes,
            KeepsContents = false,
            Seed = options.Seed,
        };
    }

    private DriveOptions DriveOf(string option, string profile)
    {
        if (profile == DriveProfiles.Default)
            throw new UserErrorException($"{option}: a drive without a profile takes no time");
        DriveOptions drive = DriveProfiles.Apply(profile, new DriveSettings { Size = options.Size }, option);
        return DriveOptionsValidation.Problem(drive) is { } problem ? throw new UserErrorException(problem) : drive;
    }

    private void Interrupt(PosixSignalContext context)
    {
        context.Cancel = true;
        _interrupted = true;
    }
}
