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
    private const int Right = 30;

    /// <summary>Of a line of the subtitle, and what one takes of its width on average and no more.</summary>
    private const int LineHeight = 16;
    private const double PixelsOfCharacter = 6.6;
    private const int PanelHeight = 150;
    private const int PanelStep = PanelHeight + 80;

    private static readonly string[] Colours = ["#1f6fb4", "#c8372d", "#2c8a3d", "#7a5ab5"];

    /// <param name="title">On one line.</param>
    /// <param name="moments">What began when; told beneath the title, and marked in every panel.</param>
    /// <param name="seconds">The end.</param>
    /// <param name="panels">From top to bottom.</param>
    public static string Draw(string title, IReadOnlyList<(string Text, double Seconds)> moments, double seconds, IReadOnlyList<PlottedPanel> panels)
    {
        List<string> lines = Lines([.. moments.Select(moment => moment.Text)]);
        int top = Top + ((lines.Count - 1) * LineHeight);
        var svg = new SvgText(Width, top + (panels.Count * PanelStep));
        svg.Text(Left, 26, title, size: 17);
        for (int i = 0; i < lines.Count; i++)
            svg.Text(Left, 46 + (i * LineHeight), lines[i]);
        var time = Axis.Exact(Math.Max(seconds, 1e-3));
        for (int i = 0; i < panels.Count; i++)
        {
            PlottedPanel panel = panels[i];
            double largest = panel.Series.SelectMany(series => series.Points).Max(point => point.Value) ?? 0;
            new Panel(Left, top + (i * PanelStep), Width - Left - Right, PanelHeight)
            {
                Marks = [.. moments.Select(moment => moment.Seconds)],
                X = time,
                XTitle = "time, s",
                Y = Axis.Linear(largest > 0 ? largest * 1.05 : 1),
                YTitle = panel.Unit,
                Curves = [.. panel.Series.Select((series, j) => new Curve(series.Name, Colours[j % Colours.Length], series.Points))],
            }.Draw(svg);
        }

        return svg.ToString();
    }

    /// <summary>Puts texts on as many lines as they take, none of them cut.</summary>
    private static List<string> Lines(IReadOnlyList<string> texts)
    {
        int most = (int)((Width - Left - Right) / PixelsOfCharacter);
        var lines = new List<string> { "" };
        for (int i = 0; i < texts.Count; i++)
        {
            string text = i < texts.Count - 1 ? texts[i] + "," : texts[i];
            if (lines[^1].Length == 0)
                lines[^1] = text;
            else if (lines[^1].Length + 1 + text.Length <= most)
                lines[^1] += " " + text;
            else
                lines.Add(text);
        }

        return lines;
    }
}
