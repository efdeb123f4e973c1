using System.Globalization;
using Emulator.Host.Configuration;
using Emulator.Migration;
using Emulator.Simulation.Schemes;
using Spectre.Console;

namespace Emulator.Host.Planning;

/// <summary>A plan for people: what every scheme is expected to do, and which one to take.</summary>
internal static class PlanTable
{
    private const int LineWidth = 160;

    private static readonly string[] Columns = ["time s", "pause ms", "IOPS", "IO penalty", "time factor", "wear-out"];

    public static void Print(
        IAnsiConsole console, PlannedMedium source, PlannedMedium destination, MigrationTask task, MigrationOutlook outlook,
        double gamma, SchemeChoice choice)
    {
        console.Profile.Width = Math.Max(console.Profile.Width, LineWidth);
        console.WriteLine(Invariant(
            $"{new ByteSize(task.ImageBytes)} from {source.Name} to {destination.Name}, gamma {gamma:0.##}; predicted:"));
        console.WriteLine(Invariant(
            $"the VM alone {outlook.IopsAtSource:N0} IOPS at the source, {outlook.IopsAtDestination:N0} at the destination; idle copy {outlook.CopySeconds:N1} s"));
        var table = new Table().Border(TableBorder.Simple);
        table.AddColumn("scheme");
        foreach (string column in Columns.Append(Invariant($"MC {gamma:0.##}")))
            table.AddColumn(new TableColumn(column).RightAligned());
        foreach (MigrationForecast forecast in outlook.Forecasts)
            table.AddRow([.. RowOf(forecast, gamma, choice)]);
        console.Write(table);
        console.WriteLine($"{SchemeNames.Of(choice.Kind)}: {choice.Reason}");
    }

    private static IEnumerable<string> RowOf(MigrationForecast forecast, double gamma, SchemeChoice choice)
    {
        yield return SchemeNames.Of(forecast.Kind) + (forecast.Kind == choice.Kind ? " <-" : "");
        yield return Invariant($"{forecast.Seconds:N1}");
        yield return Invariant($"{forecast.DowntimeSeconds * 1e3:N1}") + (forecast.Converges ? "" : " !");
        yield return Invariant($"{forecast.Iops:N0}");
        yield return Invariant($"{forecast.Cost.IoPenalty:0.00}");
        yield return Invariant($"{forecast.Cost.MigrationTime:0.00}");
        yield return Invariant($"{forecast.Cost.WearOut:0.00}");
        yield return Invariant($"{forecast.Cost.Total(gamma):0.00}");
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
