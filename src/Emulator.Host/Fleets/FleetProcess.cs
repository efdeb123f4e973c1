using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using Emulator.Host.Planning;
using Emulator.Host.Simulate;
using Emulator.Simulation.Fleets;
using Emulator.Simulation.Schemes;
using Spectre.Console;

namespace Emulator.Host.Fleets;

/// <summary>Plans a fleet, runs it in virtual time, and reports.</summary>
internal sealed class FleetProcess(FleetOptions options)
{
    private const int MostVms = 1_000_000;

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    private volatile bool _interrupted;

    /// <returns>The exit code of the process.</returns>
    /// <exception cref="UserErrorException">Something in the options or the file is wrong; the message says what.</exception>
    public int Run()
    {
        OutputFile? json = options.JsonFile == null ? null : new OutputFile("--json", options.JsonFile, options.Force);
        json?.Check();
        Fleet fleet = FleetOf();
        using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Interrupt);
        try
        {
            FleetReport report = Report(fleet);
            FleetTable.Print(AnsiConsole.Console, report);
            json?.Write(JsonSerializer.Serialize(new FleetDocument(report), Json) + "\n");
            return ExitCode.Success;
        }
        catch (OperationCanceledException)
        {
            Console.Error.WriteLine("emulator: interrupted");
            return ExitCode.Interrupted;
        }
    }

    private FleetReport Report(Fleet fleet)
    {
        using var progress = new FleetProgress(() => _interrupted);
        long begin = Stopwatch.GetTimestamp();
        IReadOnlyList<PlannedMigration> plans = FleetPlanner.Plan(
            fleet, SchemeNames.Of, progress: done => progress.Planned(done, fleet.Vms.Count));
        TimeSpan planning = Stopwatch.GetElapsedTime(begin);
        begin = Stopwatch.GetTimestamp();
        IReadOnlyList<FleetOutcome> outcomes = options.PlansOnly ? [] : new FleetRun(fleet, plans).Run(progress.Ran);
        TimeSpan running = Stopwatch.GetElapsedTime(begin);
        IReadOnlyList<FleetSample> samples = options.Simulated == 0
            ? []
            : FleetSampler.Simulate(fleet, plans, options.Simulated, options.Seed, progress.Poll);
        return new FleetReport(fleet, plans, outcomes, samples, planning, running);
    }

    private Fleet FleetOf()
    {
        InRange("--simulate", options.Simulated, 0, 1000);
        InRange("--same", options.SamePercent, 0, 100);
        if (options.File != null && options.Vms != null)
            throw new UserErrorException("--vms: a fleet at random and one of a file contradict each other");
        Fleet fleet = options.File == null ? Generated() : FleetReader.Read(options.File);
        fleet = fleet with
        {
            Order = options.Order == null ? fleet.Order : Parsed("--order", options.Order, FleetReader.ParseOrder),
            Schemes = options.Schemes == null ? fleet.Schemes : Parsed("--schemes", options.Schemes, PlanChoice.ParseSchemes),
            MostMigrations = options.Migrations ?? fleet.MostMigrations,
            Pools = [.. fleet.Pools.Select(Limited)],
            Vms = options.Gamma is { } gamma && options.File != null ? [.. fleet.Vms.Select(vm => vm with { Gamma = gamma })] : fleet.Vms,
        };
        if (options.Simulated > 0 && fleet.Pools.FirstOrDefault(pool => pool.Drive == null) is { } stated)
            throw new UserErrorException($"--simulate: pool {stated.Name} has stated figures alone, and nothing can run on these");
        return FleetCheck.Problem(fleet) is { } problem ? throw new UserErrorException(problem) : fleet;
    }

    private Fleet Generated()
    {
        int vms = options.Vms ?? 1000;
        InRange("--vms", vms, 1, MostVms);
        if (options.Gamma is { } gamma && !(gamma >= 0 && gamma <= 1))
            throw new UserErrorException(string.Create(CultureInfo.InvariantCulture, $"--gamma: {gamma} must be 0 to 1"));
        return FleetGenerator.Generate(
            PoolOf(PlannedMedium.Of(options.Ssd, "--ssd", isSsd: true), "ssd"), PoolOf(PlannedMedium.Of(options.Hdd, "--hdd", isSsd: false), "hdd"),
            vms, options.SamePercent, options.Gamma ?? 0.5, options.Seed);
    }

    /// <summary>Half of what a device does is left to the VMs that stay on it.</summary>
    private static FleetPool PoolOf(PlannedMedium medium, string name) => new()
    {
        Name = name,
        Medium = medium.Traits,
        Drive = medium.Drive,
        Devices = 1,
        DeviceBytes = 16L << 40,
        MostMigrations = medium.Traits.IsSsd ? 4 : 2,
        BytesPerSecond = medium.Traits.BytesPerSecond / 2,
    };

    private FleetPool Limited(FleetPool pool) => pool with
    {
        MostMigrations = options.DeviceMigrations ?? pool.MostMigrations,
        BytesPerSecond = options.DeviceBandwidth?.Bytes ?? pool.BytesPerSecond,
    };

    private static T Parsed<T>(string option, string text, Func<string, T> parse)
    {
        try
        {
            return parse(text);
        }
        catch (FormatException e)
        {
            throw new UserErrorException($"{option}: {e.Message}");
        }
    }

    private static void InRange(string option, int value, int least, int most)
    {
        if (value < least || value > most)
            throw new UserErrorException($"{option}: {value} must be {least} to {most}");
    }

    private void Interrupt(PosixSignalContext context)
    {
        context.Cancel = true;
        _interrupted = true;
    }
}

/// <summary>All that is known at the end.</summary>
/// <param name="Outcomes">Empty if it was only planned.</param>
/// <param name="Samples">Empty if nothing was simulated.</param>
/// <param name="Planning">On this machine's clock.</param>
internal sealed record FleetReport(
    Fleet Fleet, IReadOnlyList<PlannedMigration> Plans, IReadOnlyList<FleetOutcome> Outcomes, IReadOnlyList<FleetSample> Samples,
    TimeSpan Planning, TimeSpan Running);
