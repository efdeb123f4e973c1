using Emulator.Simulation.Plots;

namespace Emulator.Host.Migrate;

/// <summary>A migration over time: what moves, what is left, and what the VM notices.</summary>
internal static class MigratePlot
{
    private const double Mebibyte = 1 << 20;

    public static string Draw(MigrateReport report) => StackedPlot.Draw(
        $"VM {report.Options.Vm} from {report.Options.From} to {report.Options.To}",
        [.. report.Phases.Select(phase => (NameOf(phase), phase.BeganAtSeconds))],
        report.Phases[^1].BeganAtSeconds,
        [
            new("MiB/s",
            [
                Series(report, "moves", sample => sample.BytesPerSecond / Mebibyte),
                Series(report, "the VM changes", sample => sample.DirtyBytesPerSecond / Mebibyte),
                Series(report, "the VM may write", sample => sample.WriteLimit / Mebibyte),
            ]),
            new("MiB",
            [
                Series(report, "to do", sample => sample.BytesToDo / Mebibyte),
                Series(report, "dirty", sample => sample.BytesDirty / Mebibyte),
            ]),
            new("commands/s", [Series(report, "commands of the VM", sample => sample.GuestCommandsPerSecond)]),
            new("us",
            [
                Series(report, "mean latency of the VM's commands in the drive", sample => sample.GuestLatencyUs),
            ]),
        ]);

    private static string NameOf(PhaseReport phase) =>
        $"{MigrateText.Name(phase.Phase)} from {MigrateText.Seconds(phase.BeganAtSeconds)}";

    private static PlottedSeries Series(MigrateReport report, string name, Func<MigrateSample, double?> value) =>
        new(name, [.. report.Samples.Select(sample => (sample.Seconds, value(sample)))]);
}
