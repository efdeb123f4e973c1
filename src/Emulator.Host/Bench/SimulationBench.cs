using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using Emulator.Device;
using Emulator.Host.Configuration;
using Emulator.Host.Simulate;
using Emulator.Simulation;
using Emulator.Simulation.Workloads;
using Spectre.Console;

namespace Emulator.Host.Bench;

/// <summary>What a measurement of the simulator is made of.</summary>
internal sealed record SimulationBenchPlan
{
    public required string Profile { get; init; }

    public required long CapacityBytes { get; init; }

    /// <summary>Commands of a run.</summary>
    public required long Commands { get; init; }

    public required int Runs { get; init; }

    public required ulong Seed { get; init; }
}

/// <summary>
/// How fast this machine simulates: commands in virtual time for each second of its own, on one core. The drive is
/// preconditioned once for each case, and run once before what is measured so that the code is compiled and the memory touched.
/// </summary>
internal sealed class SimulationBench(SimulationBenchPlan plan, Action<string> tell)
{
    private static readonly SyntheticWorkload[] Cases =
    [
        new() { Name = "randread 4 KiB, depth 32" },
        new() { Name = "write 4 KiB, depth 32", Read = 0, Sequential = 100 },
        new() { Name = "randwrite 4 KiB, depth 32, at steady state", Read = 0, Precondition = Precondition.Random },
        new() { Name = "70% randread, 30% randwrite, at steady state", Read = 70, Precondition = Precondition.Random },
    ];

    public SimulationBenchReport Measure() => new()
    {
        Profile = plan.Profile,
        CapacityBytes = plan.CapacityBytes,
        CommandsPerRun = plan.Commands,
        Runs = plan.Runs,
        Seed = plan.Seed,
        Cases = [.. Cases.Select(Measure)],
    };

    private SimulationBenchCase Measure(SyntheticWorkload load)
    {
        tell($"preconditioning for {load.Name}");
        using var drive = new Drive(DriveProfiles.Apply(plan.Profile, new DriveSettings { Size = new ByteSize(plan.CapacityBytes) }));
        using var simulator = new Simulator(drive);
        using (Workload first = load.On(Target(simulator, run: 0), plan.Commands))
        {
            var preparation = new SimulationRun(drive, simulator, first);
            preparation.Precondition(poll: null);
            preparation.Measure(long.MaxValue, poll: null);
        }

        var rates = new List<double>();
        double amplification = 0;
        for (int run = 1; run <= plan.Runs; run++)
        {
            using Workload workload = load.On(Target(simulator, run), plan.Commands);
            var measured = new SimulationRun(drive, simulator, workload);
            long begin = Stopwatch.GetTimestamp();
            measured.Measure(long.MaxValue, poll: null);
            rates.Add(plan.Commands / Stopwatch.GetElapsedTime(begin).TotalSeconds);
            amplification = measured.FtlCounters.WriteAmplification;
            tell($"run {run} of {plan.Runs}: {load.Name}: {rates[^1]:F0} commands/s");
        }

        rates.Sort();
        return new SimulationBenchCase(load.Name, rates[rates.Count / 2], rates[0], rates[^1], amplification);
    }

    private WorkloadTarget Target(Simulator simulator, int run) =>
        new(simulator.NamespaceBytes, simulator.BlockBytes, simulator.MostOutstanding, plan.Seed + (ulong)run);
}

/// <summary>A measurement of the simulator, as it is printed and written to a file.</summary>
internal sealed record SimulationBenchReport : IBenchReport
{
    public string Processor { get; init; } = BenchReport.ProcessorName();

    public string Runtime { get; init; } = RuntimeInformation.FrameworkDescription;

    public required string Profile { get; init; }

    public required long CapacityBytes { get; init; }

    public required long CommandsPerRun { get; init; }

    public required int Runs { get; init; }

    public required ulong Seed { get; init; }

    public required IReadOnlyList<SimulationBenchCase> Cases { get; init; }

    public void Print(IAnsiConsole console)
    {
        console.Profile.Width = Math.Max(console.Profile.Width, BenchReport.LineWidth);
        var table = new Table().Border(TableBorder.Simple);
        table.AddColumn(new TableColumn("simulated workload").NoWrap());
        foreach (string column in new[] { "commands/s", "spread", "write amplification" })
            table.AddColumn(new TableColumn(column).RightAligned());
        foreach (SimulationBenchCase row in Cases)
        {
            double spread = (row.Highest - row.Lowest) / row.CommandsPerSecond * 100;
            table.AddRow(row.Workload, Number(row.CommandsPerSecond, "F0"), $"{Number(spread, "F0")}%", Number(row.WriteAmplification, "F2"));
        }

        console.WriteLine($"{Processor}, {Runtime}; {new ByteSize(CapacityBytes)}, profile {Profile}, one core");
        console.WriteLine($"medians of {Runs} runs of {CommandsPerRun} commands, seed {Seed}");
        console.Write(table);
    }

    private static string Number(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}

/// <summary>A case over all its runs, in commands for each second of wall-clock time.</summary>
internal sealed record SimulationBenchCase(
    string Workload, double CommandsPerSecond, double Lowest, double Highest, double WriteAmplification);
