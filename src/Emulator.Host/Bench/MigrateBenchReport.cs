using System.Globalization;
using System.Runtime.InteropServices;
using Spectre.Console;

namespace Emulator.Host.Bench;

/// <summary>One migration as the host that writes saw it.</summary>
internal sealed record MeasuredMove
{
    /// <summary>Longest time between two completed writes from the fence on.</summary>
    public required double GapMs { get; init; }

    /// <summary>As the orchestrator measured it, and predicted it.</summary>
    public required double BlackoutMs { get; init; }

    public required double PredictedMs { get; init; }

    public required double IopsBefore { get; init; }

    /// <summary>From the beginning to the fence.</summary>
    public required double IopsDuring { get; init; }

    public required double Seconds { get; init; }

    public required ulong Rounds { get; init; }

    /// <summary>Bytes moved over the data and what was written meanwhile.</summary>
    public required double MovedRatio { get; init; }

    /// <summary>Bytes moved over the data.</summary>
    public required double MovedOverSize { get; init; }

    /// <summary>The least that the host was held to, of what it wrote before; null if it was not held back.</summary>
    public required double? HeldToPercent { get; init; }
}

/// <summary>A case over all its runs.</summary>
internal sealed record MigrateCaseReport
{
    public required string Name { get; init; }

    public required int Runs { get; init; }

    /// <summary>
    /// Of the runs, those that did not come under the goal and were taken back. The other figures are of the rest, null if there
    /// is none.
    /// </summary>
    public required int NotConverged { get; init; }

    public required Rate? GapMs { get; init; }

    public required Rate? BlackoutMs { get; init; }

    public required Rate? IopsBefore { get; init; }

    /// <summary>IOPS while data moves over IOPS before, in percent.</summary>
    public required Rate? IopsPercent { get; init; }

    public required Rate? Seconds { get; init; }

    public required Rate? MovedRatio { get; init; }

    public required Rate? MovedOverSize { get; init; }

    /// <summary>Of the runs in which the host was held back; null if there is none.</summary>
    public required Rate? HeldToPercent { get; init; }

    public static MigrateCaseReport From(MigrateCase load, IReadOnlyList<MeasuredMove> moves, int notConverged) => new()
    {
        Name = load.Name,
        Runs = moves.Count + notConverged,
        NotConverged = notConverged,
        GapMs = Over(moves, move => move.GapMs),
        BlackoutMs = Over(moves, move => move.BlackoutMs),
        IopsBefore = Over(moves, move => move.IopsBefore),
        IopsPercent = Over(moves, move => move.IopsDuring / move.IopsBefore * 100),
        Seconds = Over(moves, move => move.Seconds),
        MovedRatio = Over(moves, move => move.MovedRatio),
        MovedOverSize = Over(moves, move => move.MovedOverSize),
        HeldToPercent = Over([.. moves.Where(move => move.HeldToPercent != null)], move => move.HeldToPercent!.Value),
    };

    private static Rate? Over(IReadOnlyList<MeasuredMove> moves, Func<MeasuredMove, double> figure) =>
        moves.Count == 0 ? null : Rate.From([.. moves.Select(figure)]);
}

/// <summary>What migrations cost the host whose storage moves, as it is printed and written to a file.</summary>
internal sealed record MigrateBenchReport : IBenchReport
{
    private static readonly string[] Columns =
    [
        "runs", "gap at the switch, ms", "black-out, ms", "IOPS before", "while it moves, %", "seconds", "moved of what had to",
        "of the data", "held to, %",
    ];

    public string Processor { get; init; } = BenchReport.ProcessorName();

    public string Runtime { get; init; } = RuntimeInformation.FrameworkDescription;

    public required string Size { get; init; }

    public required ulong Seed { get; init; }

    public required IReadOnlyList<MigrateCaseReport> Cases { get; init; }

    public void Print(IAnsiConsole console)
    {
        console.Profile.Width = Math.Max(console.Profile.Width, BenchReport.LineWidth);
        console.WriteLine(
            $"{Processor}, {Runtime}; {Size}, all of it data, to the other drive and back; medians, lowest and highest; seed {Seed}");
        Table table = new Table().Border(TableBorder.Simple);
        table.AddColumn(new TableColumn("random writes of 4 KiB").NoWrap());
        foreach (string column in Columns)
            table.AddColumn(new TableColumn(column).RightAligned());
        foreach (MigrateCaseReport row in Cases)
        {
            table.AddRow(
                row.Name,
                row.NotConverged == 0 ? $"{row.Runs}" : $"{row.Runs}, {row.NotConverged} without an end",
                Text(row.GapMs, "F2"),
                Text(row.BlackoutMs, "F2"),
                Text(row.IopsBefore, "F0"),
                Text(row.IopsPercent, "F0"),
                Text(row.Seconds, "F2"),
                Text(row.MovedRatio, "F3"),
                Text(row.MovedOverSize, "F2"),
                Text(row.HeldToPercent, "F0"));
        }

        console.Write(table);
    }

    private static string Text(Rate? rate, string format)
    {
        return rate == null ? "-" : $"{Figure(rate.Median)} ({Figure(rate.Lowest)}-{Figure(rate.Highest)})";

        string Figure(double value) => value.ToString(format, CultureInfo.InvariantCulture);
    }
}
