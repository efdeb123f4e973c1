using System.Globalization;
using Spectre.Console;

namespace Emulator.Host.Migrate;

/// <summary>The report for people.</summary>
internal static class MigrateTable
{
    private const int LineWidth = 160;

    public static void Print(IAnsiConsole console, MigrateReport report)
    {
        // Lines stay in one piece also where the output goes to a file, which has no width.
        console.Profile.Width = Math.Max(console.Profile.Width, LineWidth);
        var phases = new Table().Border(TableBorder.Simple);
        phases.AddColumn("phase");
        phases.AddColumn(new TableColumn("seconds").RightAligned());
        foreach (PhaseReport phase in report.Phases.SkipLast(1))
            phases.AddRow(MigrateText.Name(phase.Phase), phase.Seconds.ToString("F3", CultureInfo.InvariantCulture));
        console.Write(phases);
        if (report.Phase != MigratePhase.Done)
            return;
        console.WriteLine(
            $"moved {MigrateText.Bytes(report.BytesMoved)} in {report.Rounds} rounds, the first in {MigrateText.Seconds(report.FirstPassSeconds)}; "
            + $"{MigrateText.Bytes(report.BytesZeroed)} were deallocated, {MigrateText.Bytes(report.StateBytes)} are storage state");
        if (report.MovedRatio is { } ratio)
        {
            console.WriteLine(
                $"the VM wrote {MigrateText.Bytes(report.BytesWrittenMeanwhile)} meanwhile; moved over what had to move: "
                + ratio.ToString("F3", CultureInfo.InvariantCulture));
        }

        console.WriteLine(
            $"black-out {MigrateText.Ms(report.BlackoutMs)}, predicted {MigrateText.Ms(report.PredictedBlackoutMs)}"
            + (report.QemuDowntimeMs is { } downtime ? $"; QEMU's downtime {MigrateText.Ms(downtime)}" : ""));
        if (report.HeldBackToShare is { } share)
        {
            console.WriteLine(
                $"the VM was held back from {MigrateText.Seconds(report.HeldBackAtSeconds!.Value)} on, to {MigrateText.Rate(report.HeldBackToBytesPerSecond!.Value)} and "
                + $"{MigrateText.Percent(share)} of what it wrote: {report.CommandsHeld} writes, {MigrateText.Ms(report.SecondsHeld * 1e3)} in all");
        }

        if (report.Snapshots is { } snapshots)
            console.WriteLine("as it was at the switch: " + string.Join(", ", snapshots.Select(of => $"snapshot {of.Id} of namespace {of.Nsid}")));
        if (report.PagesErased is { } erased)
            console.WriteLine($"erased at the source: {erased} pages of 4 KiB held data, {report.PagesLeft} do");
    }
}
