namespace Emulator.Simulation.Plots;

/// <summary>A curve of a panel: its values at the times of the x axis, null where there is none.</summary>
internal sealed record Curve(string Name, string Colour, IReadOnlyList<(double X, double? Y)> Points);

/// <summary>One coordinate system with its axes, grid, legend and curves.</summary>
internal sealed record Panel(double Left, double Top, double Width, double Height)
{
    private const string GridColour = "#ddd";
    private const string FrameColour = "#666";
    private const string MarkColour = "#b9a36a";

    public required Axis X { get; init; }

    public required Axis Y { get; init; }

    public required string XTitle { get; init; }

    public required string YTitle { get; init; }

    public required IReadOnlyList<Curve> Curves { get; init; }

    /// <summary>Where on the x axis something began.</summary>
    public IReadOnlyList<double> Marks { get; init; } = [];

    public void Draw(SvgText svg)
    {
        DrawGrid(svg);
        DrawMarks(svg);
        foreach (Curve curve in Curves)
            DrawCurve(svg, curve);
        DrawLegend(svg);
    }

    private void DrawGrid(SvgText svg)
    {
        foreach (double tick in X.Ticks)
        {
            double x = Left + (X.PositionOf(tick) * Width);
            svg.Line(x, Top, x, Top + Height, GridColour);
            svg.Text(x, Top + Height + 16, Axis.Label(tick), "middle");
        }

        foreach (double tick in Y.Ticks)
        {
            double y = Top + ((1 - Y.PositionOf(tick)) * Height);
            svg.Line(Left, y, Left + Width, y, GridColour);
            svg.Text(Left - 6, y + 4, Axis.Label(tick), "end");
        }

        svg.Rectangle(Left, Top, Width, Height, "none", FrameColour);
        svg.Text(Left + (Width / 2), Top + Height + 34, XTitle, "middle");
        svg.Text(Left - 58, Top + (Height / 2), YTitle, "middle", turn: -90);
    }

    private void DrawMarks(SvgText svg)
    {
        foreach (double mark in Marks)
        {
            double x = Left + (X.PositionOf(mark) * Width);
            svg.Line(x, Top, x, Top + Height, MarkColour);
        }
    }

    private void DrawCurve(SvgText svg, Curve curve)
    {
        var run = new List<(double X, double Y)>();
        foreach ((double x, double? y) in curve.Points)
        {
            if (y is { } value)
            {
                run.Add((Left + (X.PositionOf(x) * Width), Top + ((1 - Y.PositionOf(value)) * Height)));
                continue;
            }

            if (run.Count > 0)
                svg.Curve(run, curve.Colour);
            run = [];
        }

        if (run.Count > 0)
            svg.Curve(run, curve.Colour);
    }

    private void DrawLegend(SvgText svg)
    {
        double x = Left;
        foreach (Curve curve in Curves)
        {
            svg.Line(x, Top - 10, x + 24, Top - 10, curve.Colour, 3);
            svg.Text(x + 30, Top - 6, curve.Name);
            x += 44 + (7 * curve.Name.Length);
        }
    }
}
