using System.Globalization;
using System.Text;

namespace Emulator.Simulation.Plots;

/// <summary>Writes the few elements of SVG that a plot takes. Lengths are in user units, of which one is a pixel.</summary>
internal sealed class SvgText
{
    private readonly StringBuilder _text = new();

    public SvgText(int width, int height)
    {
        _text.Append(CultureInfo.InvariantCulture, $"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" ");
        _text.Append(CultureInfo.InvariantCulture, $"viewBox=\"0 0 {width} {height}\" font-family=\"sans-serif\" font-size=\"12\">\n");
        Rectangle(0, 0, width, height, "white", "none");
    }

    public void Rectangle(double x, double y, double width, double height, string fill, string stroke) => _text.Append(
        $"<rect x=\"{N(x)}\" y=\"{N(y)}\" width=\"{N(width)}\" height=\"{N(height)}\" fill=\"{fill}\" stroke=\"{stroke}\"/>\n");

    public void Line(double x1, double y1, double x2, double y2, string stroke, double width = 1) => _text.Append(
        $"<line x1=\"{N(x1)}\" y1=\"{N(y1)}\" x2=\"{N(x2)}\" y2=\"{N(y2)}\" stroke=\"{stroke}\" stroke-width=\"{N(width)}\"/>\n");

    /// <summary>A line through points; a single point becomes a dot.</summary>
    public void Curve(IReadOnlyList<(double X, double Y)> points, string stroke)
    {
        if (points is [var (x, y)])
        {
            _text.Append($"<circle cx=\"{N(x)}\" cy=\"{N(y)}\" r=\"2.5\" fill=\"{stroke}\"/>\n");
            return;
        }

        string list = string.Join(' ', points.Select(point => $"{N(point.X)},{N(point.Y)}"));
        _text.Append($"<polyline points=\"{list}\" fill=\"none\" stroke=\"{stroke}\" stroke-width=\"1.5\" stroke-linejoin=\"round\"/>\n");
    }

    /// <param name="anchor">start, middle or end: which part of the text is at the position.</param>
    /// <param name="size">Of the font.</param>
    /// <param name="turn">Degrees, clockwise, about the position.</param>
    public void Text(double x, double y, string text, string anchor = "start", int size = 12, int turn = 0)
    {
        string turned = turn == 0 ? "" : $" transform=\"rotate({turn} {N(x)} {N(y)})\"";
        _text.Append($"<text x=\"{N(x)}\" y=\"{N(y)}\" text-anchor=\"{anchor}\" font-size=\"{size}\" fill=\"#222\"{turned}>");
        _text.Append(Escape(text)).Append("</text>\n");
    }

    public override string ToString() => _text + "</svg>\n";

    private static string N(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);

    private static string Escape(string text) =>
        text.Replace("&", "&amp;", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal);
}
