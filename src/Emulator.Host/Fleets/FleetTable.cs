using System.Globalization;
using Emulator.Simulation.Fleets;
using Emulator.Simulation.Schemes;
using Spectre.Console;

namespace Emulator.Host.Fleets;

/// <summary>A fleet for people: who goes how from where to where, what the mix saves, how long all of it takes.</summary>
internal static class FleetTable
{
    private const int LineWidth = 160;

    public static void Print(IAnsiConsole console, FleetReport report)
    {
        console.Profile.Width = Math.Max(console.Profile.Width, LineWidth);
        PrintSchemes(console, report);
        PrintMix(console, report);
        if (report.Samples.Count > 0)
            PrintSamples(console, report);
        console.WriteLine(Invariant($"planned {report.Plans.Count:N0} VMs in {report.Planning.TotalSeconds:N2} s on {Environment.ProcessorCount} processors"));
        if (report.Outcomes.Count > 0)
            PrintOutcome(console, report);
    }

    private static void PrintSchemes(IAnsiConsole console, FleetReport report)
    {
        Table table = TableOf("way", ["VMs", .. report.Fleet.Schemes.Select(SchemeNames.Of), "cost each"]);
        foreach (var way in report.Plans.GroupBy(plan => (plan.Vm.From, plan.Vm.To)).OrderBy(way => way.Key))
        {
            string name = $"{report.Fleet.Pools[way.Key.From].Name} to {report.Fleet.Pools[way.Key.To].Name}";
            table.AddRow(
            [
                Markup.Escape(name), Invariant($"{way.Count():N0}"),
                .. report.Fleet.Schemes.Select(kind => Invariant($"{way.Count(plan => plan.Choice.Kind == kind):N0}")),
                Invariant($"{way.Average(plan => plan.Cost):0.00}"),
            ]);
        }

        console.Write(table);
    }

    private static void PrintMix(IAnsiConsole console, FleetReport report)
    {
        Table table = TableOf("one scheme for all", ["VMs it can move", "cost", "mix of the same", "mix saves"]);
        foreach (FleetMix mix in FleetMix.Of(report.Plans, report.Fleet.Schemes))
        {
            table.AddRow(
                SchemeNames.Of(mix.Kind), Invariant($"{mix.Movable:N0}"), Invariant($"{mix.Cost:N1}"), Invariant($"{mix.MixCost:N1}"),
                Invariant($"{(mix.Cost > 0 ? 1 - (mix.MixCost / mix.Cost) : 0):P0}"));
        }

        console.Write(table);
    }

    private static void PrintSamples(IAnsiConsole console, FleetReport report)
    {
        Table table = TableOf("simulated", ["way", "scheme", "time factor", "predicted", "cost", "predicted"]);
        foreach (FleetSample sample in report.Samples)
        {
            FleetVm vm = sample.Plan.Vm;
            table.AddRow(
                Markup.Escape(vm.Name), Markup.Escape($"{report.Fleet.Pools[vm.From].Name} to {report.Fleet.Pools[vm.To].Name}"),
                SchemeNames.Of(sample.Plan.Choice.Kind) + (sample.IsCompleted ? "" : " (failed)"),
                Invariant($"{sample.Simulated.MigrationTime:0.00}"), Invariant($"{sample.Predicted.MigrationTime:0.00}"),
                Invariant($"{sample.Simulated.Total(vm.Gamma):0.00}"), Invariant($"{sample.Predicted.Total(vm.Gamma):0.00}"));
        }

        console.Write(table);
    }

    private static void PrintOutcome(IAnsiConsole console, FleetReport report)
    {
        FleetOutcome[] moved = [.. report.Outcomes.Where(outcome => outcome.Times != null)];
        double end = moved.Select(outcome => outcome.Times!.End).DefaultIfEmpty(0).Max();
        double alone = moved.Sum(outcome => outcome.Plan.Forecast.Seconds);
        console.WriteLine(Invariant(
            $"{moved.Length:N0} VMs moved in {end / 3600:N2} h of virtual time ({alone / 3600:N1} h one by one), run in {report.Running.TotalSeconds:N2} s"));
        console.WriteLine(Invariant(
            $"cost {moved.Sum(outcome => outcome.Plan.Cost):N1} as planned alone, {moved.Sum(outcome => outcome.CostAsRun ?? 0):N1} beside the others"));
        if (moved.Length > 0)
        {
            double taken = moved.Sum(outcome => outcome.Times!.End - outcome.Times.Begin);
            console.WriteLine(Invariant(
                $"limits: a VM waits {moved.Average(outcome => outcome.Times!.Begin) / 3600:N2} h for its turn and takes {taken / alone:N2} times as long as alone, in the mean"));
        }

        foreach (var leftOut in report.Outcomes.Where(outcome => outcome.LeftOut != null).GroupBy(outcome => outcome.LeftOut))
            console.WriteLine(Invariant($"not moved: {leftOut.Count():N0} VMs: {leftOut.Key}"));
    }

    private static Table TableOf(string first, IEnumerable<string> columns)
    {
        Table table = new Table().Border(TableBorder.Simple);
        table.AddColumn(first);
        foreach (string column in columns)
            table.AddColumn(new TableColumn(column).RightAligned());
        return table;
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
