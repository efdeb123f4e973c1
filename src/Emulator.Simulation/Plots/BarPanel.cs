namespace Emulator.Simulation.Plots;

/// <summary>Bars of one colour, one in each group of a panel; null where there is none.</summary>
internal sealed record Bars(string Name, string Colour, IReadOnlyList<double?> Values);

/// <summary>Groups of bars side by side, from 0.</summary>
internal sealed record BarPanel(double Left, double Top, double Width, double Height)
{
    private const string GridColour = "#ddd";
    private const string FrameColour = "#666";

    /// <summary>The share of a group's width that is left free.</summary>
    private const double Gap = 0.2;

    public required string YTitle { get; init; }

    public required IReadOnlyList<string> Groups { get; init; }

    public required IReadOnlyList<Bars> Series { get; init; }

    public void Draw(SvgText svg)
    {
        var y = Axis.Linear(Series.SelectMany(bars => bars.Values).Max() ?? 1);
        foreach (double tick in y.Ticks)
        {
            double at = Top + ((1 - y.PositionOf(tick)) * Height);
            svg.Line(Left, at, Left + Width, at, GridColour);
            svg.Text(Left - 6, at + 4, Axis.Label(tick), "end");
        }

        for (int group = 0; group < Groups.Count; group++)
            DrawGroup(svg, y, group);
        svg.Rectangle(Left, Top, Width, Height, "none", FrameColour);
        svg.Text(Left - 50, Top + (Height / 2), YTitle, "middle", turn: -90);
        DrawLegend(svg);
    }

    private void DrawGroup(SvgText svg, Axis y, int group)
    {
        double groupWidth = Width / Groups.Count;
        double barWidth = groupWidth * (1 - Gap) / Series.Count;
        for (int bar = 0; bar < Series.Count; bar++)
        {
            double left = Left + (group * groupWidth) + (groupWidth * Gap / 2) + (bar * barWidth);
            if (Series[bar].Values[group] is not { } value)
            {
                svg.Text(left + (barWidth / 2), Top + Height - 4, "×", "middle");
                continue;
            }

            double height = y.PositionOf(value) * Height;
            svg.Rectangle(left, Top + Height - height, barWidth, height, Series[bar].Colour, "none");
        }

        svg.Text(Left + ((group + 0.5) * groupWidth), Top + Height + 16, Groups[group], "middle");
    }

    private void DrawLegend(SvgText svg)
    {
        double x = Left;
        foreach (Bars bars in Series)
        {
            svg.Rectangle(x, Top - 16, 12, 10, bars.Colour, "none");
            svg.Text(x + 16, Top - 6, bars.Name);
            x += 32 + (7 * bars.Name.Length);
        }
    }
}
