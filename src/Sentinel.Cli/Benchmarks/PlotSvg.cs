using System.Globalization;
using System.Security;
using System.Text;

namespace Sentinel.Cli.Benchmarks;

/// <param name="X">Above 0: the axis is logarithmic.</param>
readonly record struct PlotPoint(double X, double Y);

/// <summary>One curve as a drawing: small, readable without colours, the same bytes for the same numbers.</summary>
/// <param name="Note">Of which machine and command.</param>
sealed record PlotSvg(string Title, string XName, string YName, string Note)
{
    const int Width = 560;
    const int Height = 320;
    const int Left = 80;
    const int Top = 40;
    const int Right = 24;
    const int Bottom = 72;

    public string Draw(IReadOnlyList<PlotPoint> points)
    {
        var (least, most) = (points.Min(p => p.X), points.Max(p => p.X));
        var top = Round(points.Max(p => p.Y));
        var span = Math.Max(Math.Log(most / least), 1e-9);
        double X(double x) => Left + Math.Log(x / least) / span * (Width - Left - Right);
        double Y(double y) => Height - Bottom - y / top * (Height - Top - Bottom);
        var svg = new StringBuilder();
        svg.Append(CultureInfo.InvariantCulture, $"<svg xmlns=\"http://www.w3.org/2000/svg\" ");
        svg.Append(CultureInfo.InvariantCulture, $"viewBox=\"0 0 {Width} {Height}\" ");
        svg.Append("font-family=\"sans-serif\" font-size=\"12\">\n");
        svg.Append("<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n");
        Text(svg, Left, 22, "start", Title, " font-size=\"15\"");
        for (var part = 0; part <= 4; part++)
        {
            var value = top * part / 4;
            var at = Y(value);
            Line(svg, Left, at, Width - Right, at, "#ddd");
            Text(svg, Left - 8, at + 4, "end", Short(value));
        }
        foreach (var point in points)
        {
            Line(svg, X(point.X), Height - Bottom, X(point.X), Height - Bottom + 5, "#333");
            Text(svg, X(point.X), Height - Bottom + 20, "middle", Short(point.X));
        }
        var path = string.Join(' ', points.Select(p => $"{Number(X(p.X))},{Number(Y(p.Y))}"));
        svg.Append(
            $"<polyline fill=\"none\" stroke=\"#1f5fa8\" stroke-width=\"2\" points=\"{path}\"/>\n"
        );
        foreach (var point in points)
            svg.Append(
                $"<circle cx=\"{Number(X(point.X))}\" cy=\"{Number(Y(point.Y))}\" r=\"3.5\" "
                    + $"fill=\"#1f5fa8\"><title>{Short(point.X)}: {Short(point.Y)}</title></circle>\n"
            );
        Text(svg, (Left + Width - Right) / 2.0, Height - Bottom + 40, "middle", XName);
        Text(svg, Width - Right, 22, "end", YName, " fill=\"#555\"");
        Text(svg, Left, Height - 10, "start", Note, " fill=\"#555\" font-size=\"10\"");
        return svg.Append("</svg>\n").ToString();
    }

    static void Line(
        StringBuilder svg,
        double x1,
        double y1,
        double x2,
        double y2,
        string stroke
    ) =>
        svg.Append(
            $"<line x1=\"{Number(x1)}\" y1=\"{Number(y1)}\" x2=\"{Number(x2)}\" y2=\"{Number(y2)}\" "
                + $"stroke=\"{stroke}\"/>\n"
        );

    static void Text(
        StringBuilder svg,
        double x,
        double y,
        string anchor,
        string text,
        string more = ""
    ) =>
        svg.Append(
            $"<text x=\"{Number(x)}\" y=\"{Number(y)}\" text-anchor=\"{anchor}\"{more}>"
                + $"{SecurityElement.Escape(text)}</text>\n"
        );

    /// <summary>The next of 1, 2 and 5, with noughts behind.</summary>
    static double Round(double most)
    {
        var size = Math.Pow(10, Math.Floor(Math.Log10(Math.Max(most, 1))));
        return new[] { 1, 2, 5, 10 }.Select(step => step * size).First(step => step >= most);
    }

    static string Short(double value) =>
        value >= 1_000_000 ? $"{Number(value / 1_000_000)} M"
        : value >= 1_000 ? $"{Number(value / 1_000)} k"
        : Number(value);

    static string Number(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);
}
