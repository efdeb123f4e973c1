using System.Globalization;
using Emulator.Simulation.Reports;

namespace Emulator.Simulation.Plots;

/// <summary>Latency and throughput of a run over virtual time, as an SVG document.</summary>
public static class LatencyPlot
{
    private const int Width = 960;
    private const int Height = 640;
    private const int Left = 84;
    private const int PanelWidth = Width - Left - 30;
    private const int PanelHeight = 205;

    /// <param name="series">Of the run that <paramref name="report"/> is about.</param>
    public static string Draw(IntervalSeries series, SimulationReport report)
    {
        var svg = new SvgText(Width, Height);
        svg.Text(Left, 26, $"{report.Workload} on {report.Profile}", size: 17);
        string commands = report.Commands.ToString("N0", CultureInfo.InvariantCulture);
        if (report.SimulatedSeconds == 0)
        {
            svg.Text(Left, 46, $"{commands} commands, seed {report.Seed}");
            svg.Text(Width / 2, Height / 2, "No virtual time passed: every operation of this drive takes none.", "middle", 15);
            return svg.ToString();
        }

        IntervalPoint[] points = [.. Enumerable.Range(0, series.Count).Select(i => series[i])];
        (double unit, string unitName) = TimeUnit(report.SimulatedSeconds);
        double width = series.Width.Nanoseconds / 1e9;
        (double widthUnit, string widthName) = TimeUnit(width);
        svg.Text(Left, 46, $"{commands} commands, seed {report.Seed}; "
            + $"each point is an interval of {Axis.Label(Math.Round(width / widthUnit, 2))} {widthName}");

        // A point stands in the middle of its interval; the last one may not be over.
        double end = Math.Min(report.SimulatedSeconds, points[^1].Seconds + width);
        double[] middles = [.. points.Select(point => Math.Min(end, point.Seconds + (width / 2)) / unit)];
        var time = Axis.Exact(end / unit);
        string timeTitle = $"virtual time, {unitName}";
        LatencyPanel(points, middles, time, timeTitle).Draw(svg);
        ThroughputPanel(points, middles, time, timeTitle, end, series).Draw(svg);
        return svg.ToString();
    }

    private static Panel LatencyPanel(IntervalPoint[] points, double[] middles, Axis time, string timeTitle)
    {
        double longest = points.Max(point => point.P99Microseconds ?? 0);
        (double unit, string name) = longest >= 10_000 ? (1000, "ms") : (1, "us");
        Curve mean = new("mean", "#1f6fb4", [.. points.Select((point, i) => (middles[i], point.MeanMicroseconds / unit))]);
        Curve p99 = new("99th percentile", "#c8372d", [.. points.Select((point, i) => (middles[i], point.P99Microseconds / unit))]);
        return new Panel(Left, 92, PanelWidth, PanelHeight)
        {
            X = time,
            XTitle = timeTitle,
            Y = Axis.Fitting(mean.Points.Concat(p99.Points).Select(point => point.Y ?? 0)),
            YTitle = $"latency, {name}",
            Curves = [mean, p99],
        };
    }

    private static Panel ThroughputPanel(
        IntervalPoint[] points, double[] middles, Axis time, string timeTitle, double end, IntervalSeries series)
    {
        // The last interval is shorter than the others, by so much.
        double width = series.Width.Nanoseconds / 1e9;
        double lastShare = Math.Max(1e-9, Math.Min(1, (end - points[^1].Seconds) / width));
        double[] rates = [.. points.Select((point, i) => point.CommandsPerSecond / (i == points.Length - 1 ? lastShare : 1))];

        // Of a sliver of an interval no rate can be told.
        if (rates.Length > 1 && lastShare < 0.2)
            rates = rates[..^1];
        (double unit, string name) = rates.Max() switch
        {
            >= 2e6 => (1e6, "million commands/s"),
            >= 2e3 => (1e3, "thousand commands/s"),
            _ => (1, "commands/s"),
        };
        return new Panel(Left, 382, PanelWidth, PanelHeight)
        {
            X = time,
            XTitle = timeTitle,
            Y = Axis.Linear(rates.Max() * 1.05 / unit),
            YTitle = name,
            Curves = [new Curve("throughput", "#2c8a3d", [.. rates.Select((rate, i) => (middles[i], (double?)(rate / unit)))])],
        };
    }

    private static (double Unit, string Name) TimeUnit(double seconds) => seconds switch
    {
        >= 2 => (1, "s"),
        >= 2e-3 => (1e-3, "ms"),
        _ => (1e-6, "us"),
    };
}
