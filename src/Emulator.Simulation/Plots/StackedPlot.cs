namespace Emulator.Simulation.Plots;

/// <summary>A quantity over time; null where there is no value.</summary>
public sealed record PlottedSeries(string Name, IReadOnlyList<(double Seconds, double? Value)> Points);

/// <summary>Quantities of one unit, in a coordinate system of their own.</summary>
public sealed record PlottedPanel(string Unit, IReadOnlyList<PlottedSeries> Series);

/// <summary>Panels beneath one another over the same time, as an SVG document.</summary>
public static class StackedPlot
{
    private const int Width = 960;
    private const int Left = 84;
    private const int Top = 92;
    private const int PanelHeight = 150;
    private const int PanelStep = PanelHeight + 80;

    private static readonly string[] Colours = ["#1f6fb4", "#c8372d", "#2c8a3d", "#7a5ab5"];

    public static string Draw(string title, string subtitle, double seconds, IReadOnlyList<PlottedPanel> panels)
    {
        var svg = new SvgText(Width, Top + (panels.Count * PanelStep));
        svg.Text(Left, 26, title, size: 17);
        svg.Text(Left, 46, subtitle);
        var time = Axis.Exact(Math.Max(seconds, 1e-3));
        for (int i = 0; i < panels.Count; i++)
        {
            PlottedPanel panel = panels[i];
            double largest = panel.Series.SelectMany(series => series.Points).Max(point => point.Value) ?? 0;
            new Panel(Left, Top + (i * PanelStep), Width - Left - 30, PanelHeight)
            {
                X = time,
                XTitle = "time, s",
                Y = Axis.Linear(largest > 0 ? largest * 1.05 : 1),
                YTitle = panel.Unit,
                Curves = [.. panel.Series.Select((series, j) => new Curve(series.Name, Colours[j % Colours.Length], series.Points))],
            }.Draw(svg);
        }

        return svg.ToString();
    }
}
