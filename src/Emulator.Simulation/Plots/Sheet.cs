namespace Emulator.Simulation.Plots;

/// <summary>A document with panels in rows of two.</summary>
internal sealed class Sheet
{
    private const int CellWidth = 560;
    private const int CellHeight = 320;
    private const int Left = 76;
    private const int Top = 64;
    private const int PanelWidth = CellWidth - Left - 20;
    private const int PanelHeight = CellHeight - Top - 48;

    private readonly SvgText _svg;
    private int _panels;

    public Sheet(int panels) => _svg = new SvgText(
        panels == 1 ? CellWidth : 2 * CellWidth, (panels + 1) / 2 * CellHeight);

    public void Add(string title, string yTitle, IReadOnlyList<string> groups, IReadOnlyList<Bars> series)
    {
        (int left, int top) = Next(title);
        new BarPanel(left, top, PanelWidth, PanelHeight) { YTitle = yTitle, Groups = groups, Series = series }.Draw(_svg);
    }

    public void Add(string title, string xTitle, string yTitle, IReadOnlyList<Curve> curves)
    {
        (int left, int top) = Next(title);
        var points = curves.SelectMany(curve => curve.Points).ToArray();
        new Panel(left, top, PanelWidth, PanelHeight)
        {
            X = Axis.Exact(points.Max(point => point.X)),
            XTitle = xTitle,
            Y = Axis.Linear(points.Max(point => point.Y ?? 0)),
            YTitle = yTitle,
            Curves = curves,
        }.Draw(_svg);
    }

    public override string ToString() => _svg.ToString();

    private (int Left, int Top) Next(string title)
    {
        int left = (_panels % 2 * CellWidth) + Left;
        int top = (_panels / 2 * CellHeight) + Top;
        _panels++;
        _svg.Text(left, top - 34, title, size: 14);
        return (left, top);
    }
}
