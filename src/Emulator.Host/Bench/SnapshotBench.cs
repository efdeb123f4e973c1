using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using Emulator.Core;
using Emulator.Host.Configuration;
using Emulator.Host.Snapshots;
using Emulator.Tcp;
using Emulator.Wire;
using Spectre.Console;

namespace Emulator.Host.Bench;

/// <summary>What a measurement of snapshots is made of.</summary>
internal sealed record SnapshotBenchPlan
{
    public required SnapshotTarget Target { get; init; }

    public required int Runs { get; init; }

    public required ulong Seed { get; init; }
}

/// <summary>
/// How long the commands about snapshots take, as a host sees them, on a namespace with data in it. Before each snapshot blocks
/// are written at random, so that the drive's cache is full of what has to belong to it.
/// </summary>
internal sealed class SnapshotBench(SnapshotBenchPlan plan, Action<string> tell)
{
    private const ulong MostFilledBytes = 1UL << 30;
    private const int CommandBytes = 128 * 1024;
    private const int PageBytes = 4096;
    private const int WritesBetween = 5000;
    private const int RestoredPages = 256;

    private readonly SeededRandom _random = new(plan.Seed);
    private readonly byte[] _data = new byte[CommandBytes];

    public SnapshotBenchReport Measure()
    {
        using var client = new SnapshotClient(plan.Target);
        using HostController host = HostController.ConnectWithQueues(new HostOptions
        {
            EndPoint = plan.Target.EndPoint,
            SubsystemNqn = plan.Target.Subsystem,
            HostNqn = plan.Target.HostNqn,
        });
        (ulong blocks, uint blockBytes) = client.ReadGeometry();
        ulong filled = Math.Min(blocks * blockBytes / 2, MostFilledBytes);
        tell("filling a part of the namespace");
        _random.Fill(_data);
        for (ulong at = 0; at + CommandBytes <= filled; at += CommandBytes)
            Write(host, at, CommandBytes, blockBytes);

        var creations = new List<double>();
        var deltas = new List<double>();
        var restores = new List<double>();
        var deletions = new List<double>();
        for (int run = 0; run <= plan.Runs; run++)
        {
            WriteAtRandom(host, WritesBetween, filled, blockBytes);
            ushort id = 0;
            double creation = Microseconds(() => id = client.Execute(SnapshotAction.Create));
            WriteAtRandom(host, RestoredPages, filled, blockBytes);
            double delta = Microseconds(() => client.ReadDelta(id));
            double restore = Microseconds(() => client.Execute(SnapshotAction.Restore, id));
            double deletion = Microseconds(() => client.Execute(SnapshotAction.Delete, id));

            // The first of everything compiles code.
            if (run == 0)
                continue;
            creations.Add(creation);
            deltas.Add(delta);
            restores.Add(restore);
            deletions.Add(deletion);
        }

        return new SnapshotBenchReport
        {
            NamespaceBytes = (long)(blocks * blockBytes),
            FilledBytes = (long)filled,
            Runs = plan.Runs,
            Create = Rate.From(creations),
            ReadDelta = Rate.From(deltas),
            Restore = Rate.From(restores),
            Delete = Rate.From(deletions),
        };
    }

    private void WriteAtRandom(HostController host, int count, ulong within, uint blockBytes)
    {
        for (int i = 0; i < count; i++)
            Write(host, _random.Below(within / PageBytes) * PageBytes, PageBytes, blockBytes);
    }

    private void Write(HostController host, ulong at, int bytes, uint blockBytes)
    {
        SubmissionEntry write = HostCommands.Write(plan.Target.Nsid, at / blockBytes, bytes / (int)blockBytes);
        HostCompletion completion = host.IoQueues[0].Execute(write, _data.AsSpan(0, bytes));
        if (!completion.IsSuccess)
            throw new HostCommandException("Write", completion);
    }

    private static double Microseconds(Action action)
    {
        long begin = Stopwatch.GetTimestamp();
        action();
        return Stopwatch.GetElapsedTime(begin).TotalMicroseconds;
    }
}

/// <summary>Commands about snapshots, as they are printed and written to a file. Microseconds.</summary>
internal sealed record SnapshotBenchReport : IBenchReport
{
    public string Processor { get; init; } = BenchReport.ProcessorName();

    public string Runtime { get; init; } = RuntimeInformation.FrameworkDescription;

    public required long NamespaceBytes { get; init; }

    public required long FilledBytes { get; init; }

    public required int Runs { get; init; }

    public required Rate Create { get; init; }

    public required Rate ReadDelta { get; init; }

    public required Rate Restore { get; init; }

    public required Rate Delete { get; init; }

    public void Print(IAnsiConsole console)
    {
        console.Profile.Width = Math.Max(console.Profile.Width, BenchReport.LineWidth);
        console.WriteLine(
            $"{Processor}, {Runtime}; namespace of {new ByteSize(NamespaceBytes)} with {new ByteSize(FilledBytes)} written, medians of {Runs} runs");
        var table = new Table().Border(TableBorder.Simple);
        table.AddColumn("microseconds, as the host sees it");
        foreach (string column in new[] { "median", "lowest", "highest" })
            table.AddColumn(new TableColumn(column).RightAligned());
        AddRow(table, "create, after 5000 writes at random", Create);
        AddRow(table, "read the delta, 256 pages written since", ReadDelta);
        AddRow(table, "restore", Restore);
        AddRow(table, "delete", Delete);
        console.Write(table);
    }

    private static void AddRow(Table table, string what, Rate rate) => table.AddRow(
        what,
        rate.Median.ToString("F0", CultureInfo.InvariantCulture),
        rate.Lowest.ToString("F0", CultureInfo.InvariantCulture),
        rate.Highest.ToString("F0", CultureInfo.InvariantCulture));
}
