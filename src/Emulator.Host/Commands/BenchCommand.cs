using System.CommandLine;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Emulator.Device;
using Emulator.Host.Bench;
using Emulator.Host.Configuration;
using Emulator.Host.Migrate;
using Emulator.Host.Simulate;
using Emulator.Host.Snapshots;
using Emulator.Tcp;
using Spectre.Console;

namespace Emulator.Host.Commands;

/// <summary>bench: puts a load on a drive and measures it.</summary>
public static partial class BenchCommand
{
    private const int LargestCommandBytes = 512 * 1024;

    private static readonly Option<IPEndPoint?> Target = TextOption.Create(
        "--target", "drive to measure; its data is overwritten [default: one that is started for it]", "ADDRESS:PORT",
        text => (IPEndPoint?)EndpointText.ParseEndpoint(text));

    private static readonly Option<string> Subsystem = new("--subsystem")
    {
        Description = "subsystem of the target",
        HelpName = "NQN",
        DefaultValueFactory = _ => DriveOptions.DefaultSubsystemNqn,
    };

    private static readonly Option<uint> Namespace = new("--namespace")
    {
        Description = "namespace of the target",
        HelpName = "NSID",
        DefaultValueFactory = _ => 1,
    };

    private static readonly Option<LoadCase[]> Cases = new("--case")
    {
        Description = "randread, randwrite, read or write, bytes and queue depth, repeatable: randread:4KiB:32 "
            + "[default: 4 KiB at random at depth 1, 32 and 128, and 128 KiB in sequence at depth 32]",
        HelpName = "WORKLOAD:SIZE:DEPTH",
        CustomParser = result => TextOption.ParseEach(result, ParseCase),
    };

    private static readonly Option<string> Size = new("--size")
    {
        Description = "capacity of the drive that is started",
        HelpName = "SIZE",
        DefaultValueFactory = _ => "1GiB",
    };

    private static readonly Option<string> Profile = new("--profile")
    {
        Description = "kind of device that is started, with its timing; its model is simulated too, to compare with",
        HelpName = "NAME|FILE",
    };

    private static readonly Option<string> Medium = new("--medium")
    {
        Description = "file for the drive that is started, which is formatted",
        HelpName = "FILE",
    };

    private static readonly Option<bool> Flushes = new("--flushes")
    {
        Description = "another host writes and flushes all the time meanwhile",
    };

    private static readonly Option<double> Seconds = Number("--seconds", "length of a run", 3.0);
    private static readonly Option<double> WarmUp = Number("--warm-up", "seconds before a run that do not count", 1.0);
    private static readonly Option<int> Runs = Number("--runs", "runs of each case, interleaved; medians are told", 3);
    private static readonly Option<ulong> Seed = Number("--seed", "seed of the addresses", 1UL);
    private static readonly Option<int> TargetCore = Number("--target-core", "core of the drive that is started", 0);
    private static readonly Option<int> LoadCore = Number("--load-core", "core of the load generator", 1);

    private static readonly Option<bool> NoFlowControl = new("--no-flow-control")
    {
        Description = "ask for no submission queue flow control, so that reads end without a response capsule",
    };

    private static readonly Option<bool> Simulation = new("--simulation")
    {
        Description = "measure the simulator instead: simulated commands a second, with and without garbage collection",
    };

    private static readonly Option<bool> Transfer = new("--transfer")
    {
        Description = "measure direct transfer between two drives that are started, beside sequential reads and writes of them",
    };

    private static readonly Option<bool> Snapshots = new("--snapshots")
    {
        Description = "measure the commands about snapshots",
    };

    private static readonly Option<string> JsonFile = new("--json")
    {
        Description = "also write the report to a file",
        HelpName = "FILE",
    };

    public static Command Create()
    {
        var command = new Command("bench", "Measure a drive under load: throughput, latency, processor time, memory.")
        {
            Target, Subsystem, Namespace, Cases, Size, Profile, Medium, Flushes, Seconds, WarmUp, Runs, Seed, TargetCore, LoadCore, NoFlowControl,
            Simulation, Transfer, Snapshots, Assist, Migration, OnlyCases, HoldBackTo, Doors, NvmfTgt, JsonFile,
        };
        command.SetAction(Run);
        return command;
    }

    private static int Run(ParseResult parsed)
    {
        BenchCores.Bind(parsed.GetValue(LoadCore));
        if (parsed.GetValue(Simulation))
            return RunSimulation(parsed);
        if (parsed.GetValue(Transfer))
            return RunTransfer(parsed);
        if (parsed.GetValue(Snapshots))
            return RunSnapshots(parsed);
        if (parsed.GetValue(Assist))
            return RunAssist(parsed);
        if (parsed.GetValue(Migration))
            return RunMigration(parsed);
        if (parsed.GetValue(Doors))
            return RunDoors(parsed);
        return RunLoad(parsed);
    }

    /// <summary>Prints what is measured, and writes it to the file that was asked for.</summary>
    private static int Tell(ParseResult parsed, Func<IBenchReport> measure)
    {
        if (parsed.GetValue(Runs) < 1)
            throw new UserErrorException("--runs: must be at least 1");
        try
        {
            IBenchReport report = measure();
            report.Print(AnsiConsole.Console);
            if (parsed.GetValue(JsonFile) is { } file)
                File.WriteAllText(file, JsonSerializer.Serialize(report, report.GetType(), BenchReport.Json) + "\n");
            return ExitCode.Success;
        }
        catch (Exception e) when (e is HostConnectionException or HostCommandException or MigrateException or TimeoutException
            or SocketException or IOException)
        {
            throw new UserErrorException($"bench: {e.Message}");
        }
    }

    private static int RunLoad(ParseResult parsed)
    {
        if (parsed.GetValue(Profile) is { } profile)
            DriveProfiles.Apply(profile, new DriveSettings());
        return Tell(parsed, () =>
        {
            using BenchTarget? own = OwnTarget(parsed);
            BenchPlan plan = PlanOf(parsed, own);
            IReadOnlyList<CaseReport> cases = new BenchRun(plan, Console.Error.WriteLine).Measure();
            return Report(plan, cases, own);
        });
    }

    /// <summary>The drive that is started, unless there is one to measure already.</summary>
    private static BenchTarget? OwnTarget(ParseResult parsed) => parsed.GetValue(Target) == null
        ? new BenchTarget(parsed.GetValue(TargetCore), parsed.GetValue(Size)!, parsed.GetValue(Profile), parsed.GetValue(Medium))
        : null;

    private static int RunSimulation(ParseResult parsed)
    {
        ByteSize size = SizeOf(parsed);
        if (DriveOptionsValidation.Problem(DriveProfiles.Apply(DriveProfiles.Default, new DriveSettings { Size = size })) is { } problem)
            throw new UserErrorException(problem);
        var plan = new SimulationBenchPlan
        {
            Profile = DriveProfiles.Default,
            CapacityBytes = size.Bytes,
            Commands = 2_000_000,
            Runs = parsed.GetValue(Runs),
            Seed = parsed.GetValue(Seed),
        };
        return Tell(parsed, new SimulationBench(plan, Console.Error.WriteLine).Measure);
    }

    private static int RunTransfer(ParseResult parsed)
    {
        var plan = new TransferBenchPlan
        {
            Size = parsed.GetValue(Size)!,
            WarmUp = TimeSpan.FromSeconds(parsed.GetValue(WarmUp)),
            Duration = TimeSpan.FromSeconds(parsed.GetValue(Seconds)),
            Runs = parsed.GetValue(Runs),
            Seed = parsed.GetValue(Seed),
            SourceCore = parsed.GetValue(TargetCore),
            DestinationCore = parsed.GetValue(LoadCore),
        };
        return Tell(parsed, new TransferBench(plan, Console.Error.WriteLine).Measure);
    }

    private static int RunSnapshots(ParseResult parsed) => Tell(parsed, () =>
    {
        using BenchTarget? own = OwnTarget(parsed);
        var plan = new SnapshotBenchPlan
        {
            Target = new SnapshotTarget
            {
                EndPoint = own?.Address ?? parsed.GetValue(Target)!,
                Subsystem = parsed.GetValue(Subsystem)!,
                HostNqn = SnapshotTarget.DefaultHostNqn,
                Nsid = parsed.GetValue(Namespace),
                Vm = 0,
            },
            Runs = parsed.GetValue(Runs),
            Seed = parsed.GetValue(Seed),
        };
        return new SnapshotBench(plan, Console.Error.WriteLine).Measure();
    });

    private static ByteSize SizeOf(ParseResult parsed)
    {
        try
        {
            return ByteSize.Parse(parsed.GetValue(Size)!);
        }
        catch (FormatException e)
        {
            throw new UserErrorException($"--size: {e.Message}");
        }
    }

    private static IReadOnlyList<LoadCase> CasesOf(ParseResult parsed) =>
        parsed.GetValue(Cases) is { Length: > 0 } cases ? cases : LoadCase.Defaults;

    private static BenchPlan PlanOf(ParseResult parsed, BenchTarget? own) => new()
    {
        Target = own?.Address ?? parsed.GetValue(Target)!,
        Subsystem = parsed.GetValue(Subsystem)!,
        Nsid = parsed.GetValue(Namespace),
        Cases = CasesOf(parsed),
        WarmUp = TimeSpan.FromSeconds(parsed.GetValue(WarmUp)),
        Duration = TimeSpan.FromSeconds(parsed.GetValue(Seconds)),
        Runs = parsed.GetValue(Runs),
        Seed = parsed.GetValue(Seed),
        HasFlushes = parsed.GetValue(Flushes),
        DisableFlowControl = parsed.GetValue(NoFlowControl),
        TargetProcessId = own?.ProcessId,
        Modelled = own != null && parsed.GetValue(Profile) is { } profile
            ? DriveProfiles.Apply(profile, new DriveSettings { Size = SizeOf(parsed) })
            : null,
    };

    private static BenchReport Report(BenchPlan plan, IReadOnlyList<CaseReport> cases, BenchTarget? own)
    {
        var report = new BenchReport
        {
            Processor = BenchReport.ProcessorName(),
            Target = $"{plan.Subsystem} at {plan.Target}",
            Runs = plan.Runs,
            SecondsPerRun = plan.Duration.TotalSeconds,
            Seed = plan.Seed,
            Cases = cases,
        };
        if (own == null)
            return report;

        long resident = ProcessUsage.ResidentBytes(own.ProcessId);
        using JsonDocument summary = own.Stop();
        JsonElement counters = summary.RootElement[0];
        double commands = counters.GetProperty("readCommands").GetDouble() + counters.GetProperty("writeCommands").GetDouble();
        return report with
        {
            TargetResidentBytes = resident,
            TargetAllocatedBytesPerIo = counters.GetProperty("reactorAllocatedBytes").GetDouble() / commands,
            TargetWriteAmplification = counters.GetProperty("writeAmplification").GetDouble(),
        };
    }

    /// <exception cref="FormatException">The text is no case.</exception>
    private static LoadCase ParseCase(string text)
    {
        string[] parts = text.Split(':');
        if (parts.Length != 3 || !LoadCase.Names.Contains(parts[0]))
            throw new FormatException($"'{text}' is not a case such as randread:4KiB:32; workloads are {string.Join(", ", LoadCase.Names)}");
        long bytes = ByteSize.Parse(parts[1]).Bytes;
        if (bytes < 4096 || bytes > LargestCommandBytes || bytes % 4096 != 0)
            throw new FormatException($"'{parts[1]}' must be a multiple of 4KiB up to 512KiB");
        if (!int.TryParse(parts[2], NumberStyles.None, CultureInfo.InvariantCulture, out int depth) || depth is < 1 or > 255)
            throw new FormatException($"queue depth '{parts[2]}' must be 1 to 255");
        return new LoadCase(parts[0], (int)bytes, depth);
    }

    private static Option<T> Number<T>(string name, string description, T standard) => new(name)
    {
        Description = description,
        HelpName = "NUMBER",
        DefaultValueFactory = _ => standard,
    };
}
