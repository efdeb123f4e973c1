using System.Globalization;
using System.Net;
using System.Runtime.InteropServices;
using Emulator.Device;
using Emulator.Tcp;
using Emulator.Wire;
using Spectre.Console;

namespace Emulator.Host.Bench;

/// <summary>What a measurement of direct transfer is made of.</summary>
internal sealed record TransferBenchPlan
{
    /// <summary>Of the source and of the destination, one each.</summary>
    public required string Size { get; init; }

    public required TimeSpan WarmUp { get; init; }

    public required TimeSpan Duration { get; init; }

    public required int Runs { get; init; }

    public required ulong Seed { get; init; }

    public required int SourceCore { get; init; }

    public required int DestinationCore { get; init; }
}

/// <summary>
/// How fast a drive moves a full namespace to another one by itself, beside what a host reads from the one and writes to the
/// other, in sequence. Each drive has a core of its own; a host that measures a drive has the other's.
/// </summary>
internal sealed class TransferBench(TransferBenchPlan plan, Action<string> tell)
{
    private const uint Nsid = 1;

    private static readonly LoadCase Read = new("read", 128 * 1024, 32);
    private static readonly LoadCase Write = new("write", 128 * 1024, 32);
    private static readonly TimeSpan LongestTransfer = TimeSpan.FromMinutes(2);

    /// <exception cref="HostConnectionException">A connection was lost, or the transfer failed.</exception>
    public TransferBenchReport Measure()
    {
        using var source = new BenchTarget(plan.SourceCore, plan.Size, profile: null);
        using var destination = new BenchTarget(plan.DestinationCore, plan.Size, profile: null);
        var reads = new List<double>();
        var writes = new List<double>();
        var transfers = new List<double>();
        for (int run = 1; run <= plan.Runs; run++)
        {
            reads.Add(Sequential(source.Address, Read, plan.DestinationCore));
            writes.Add(Sequential(destination.Address, Write, plan.SourceCore));
            transfers.Add(Transfer(source.Address, destination.Address));
            tell(string.Create(
                CultureInfo.InvariantCulture,
                $"run {run} of {plan.Runs}: read {reads[^1]:F0}, write {writes[^1]:F0}, transfer {transfers[^1]:F0} MiB/s"));
        }

        return new TransferBenchReport
        {
            Processor = BenchReport.ProcessorName(),
            Size = plan.Size,
            Runs = plan.Runs,
            Read = Rate.From(reads),
            Write = Rate.From(writes),
            Transfer = Rate.From(transfers),
        };
    }

    private double Sequential(IPEndPoint address, LoadCase load, int core)
    {
        BenchCores.Bind(core);
        var run = new BenchRun(
            new BenchPlan
            {
                Target = address,
                Subsystem = DriveOptions.DefaultSubsystemNqn,
                Nsid = Nsid,
                Cases = [load],
                WarmUp = plan.WarmUp,
                Duration = plan.Duration,
                Runs = 1,
                Seed = plan.Seed,
            },
            _ => { });
        return run.Measure()[0].MebibytesPerSecond;
    }

    /// <returns>MiB a second, from the start to the moment at which the destination had everything durably.</returns>
    private static double Transfer(IPEndPoint source, IPEndPoint destination)
    {
        using HostController host = HostController.Connect(new HostOptions { EndPoint = source, SubsystemNqn = DriveOptions.DefaultSubsystemNqn });
        host.Enable();
        host.Succeed("Set Features D0h", HostCommands.SetFeatures(FeatureId.VmMigration, (uint)VmMigrationFlags.Active));
        DirectTransferRequest request = RequestTo(destination, host.Options.HostNqn);
        host.Succeed(
            "Direct Transfer Start", new SubmissionEntry { Opcode = (byte)AdminOpcode.DirectTransferStart }, WireStruct.Bytes(ref request));
        DirectTransferProgress progress = WaitForFirstPass(host);
        host.Succeed("Set Features D0h", HostCommands.SetFeatures(FeatureId.VmMigration, (uint)VmMigrationFlags.None));
        return (double)(ulong)progress.FirstPassBytes / (1 << 20) / (progress.FirstPassMicroseconds / 1e6);
    }

    private static DirectTransferProgress WaitForFirstPass(HostController host)
    {
        byte[] page = new byte[DirectTransferProgress.Size];
        long started = System.Diagnostics.Stopwatch.GetTimestamp();
        while (System.Diagnostics.Stopwatch.GetElapsedTime(started) < LongestTransfer)
        {
            Thread.Sleep(20);
            host.Succeed("Get Log Page D8h", HostCommands.GetLogPage(LogPageId.DirectTransferProgress, page.Length), page);
            DirectTransferProgress progress = WireStruct.Read<DirectTransferProgress>(page);
            if (progress.FirstPassMicroseconds != 0)
                return progress;
            if (progress.Phase is (byte)DirectTransferPhase.Failed or (byte)DirectTransferPhase.Cancelled)
                throw new HostConnectionException($"the transfer failed: {TextField.ReadPadded(progress.Text)}");
        }

        throw new TimeoutException("the transfer does not end");
    }

    private static DirectTransferRequest RequestTo(IPEndPoint destination, string hostNqn)
    {
        var request = new DirectTransferRequest
        {
            Version = 1,
            StructureSize = DirectTransferRequest.Size,
            Mode = (byte)DirectTransferMode.WholeCapacity,
            Trtype = (byte)TransportType.Tcp,
            Adrfam = (byte)Wire.AddressFamily.Ipv4,
            Flags = (uint)(DirectTransferFlags.Activate | DirectTransferFlags.NoState),
        };
        TextField.WritePadded(request.Traddr, destination.Address.ToString());
        TextField.WritePadded(request.Trsvcid, destination.Port.ToString(CultureInfo.InvariantCulture));
        TextField.TryWriteTerminated(request.Subnqn, DriveOptions.DefaultSubsystemNqn);
        TextField.TryWriteTerminated(request.Hostnqn, hostNqn);
        return request;
    }
}

/// <summary>MiB a second over all runs.</summary>
internal sealed record Rate(double Median, double Lowest, double Highest)
{
    public static Rate From(IReadOnlyList<double> runs)
    {
        double[] sorted = [.. runs.Order()];
        double median = (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
        return new Rate(median, sorted[0], sorted[^1]);
    }
}

/// <summary>Direct transfer beside sequential reads and writes, as it is printed and written to a file.</summary>
internal sealed record TransferBenchReport : IBenchReport
{
    public required string Processor { get; init; }

    public string Runtime { get; init; } = RuntimeInformation.FrameworkDescription;

    public required string Size { get; init; }

    public required int Runs { get; init; }

    /// <summary>A host reads from the source, 128 KiB in sequence at depth 32.</summary>
    public required Rate Read { get; init; }

    /// <summary>A host writes to the destination, likewise.</summary>
    public required Rate Write { get; init; }

    public required Rate Transfer { get; init; }

    /// <summary>The transfer's rate over that of the slower of reads and writes.</summary>
    public double Ratio => Transfer.Median / Math.Min(Read.Median, Write.Median);

    public void Print(IAnsiConsole console)
    {
        console.Profile.Width = Math.Max(console.Profile.Width, BenchReport.LineWidth);
        console.WriteLine($"{Processor}, {Runtime}; two drives of {Size} on a core each, medians of {Runs} interleaved runs");
        var table = new Table().Border(TableBorder.Simple);
        table.AddColumn("what");
        foreach (string column in new[] { "MiB/s", "lowest", "highest" })
            table.AddColumn(new TableColumn(column).RightAligned());
        AddRow(table, "read from the source, 128 KiB, depth 32", Read);
        AddRow(table, "write to the destination, 128 KiB, depth 32", Write);
        AddRow(table, "direct transfer, whole capacity", Transfer);
        console.Write(table);
        console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"transfer: {Ratio * 100:F0}% of the slower of the two"));
    }

    private static void AddRow(Table table, string what, Rate rate) => table.AddRow(
        what,
        rate.Median.ToString("F0", CultureInfo.InvariantCulture),
        rate.Lowest.ToString("F0", CultureInfo.InvariantCulture),
        rate.Highest.ToString("F0", CultureInfo.InvariantCulture));
}
