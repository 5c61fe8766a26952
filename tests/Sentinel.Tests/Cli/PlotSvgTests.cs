using System.Globalization;
using System.Xml.Linq;
using Sentinel.Cli.Benchmarks;

namespace Sentinel.Tests.Cli;

public sealed class PlotSvgTests
{
    [Fact]
    public void A_drawing_is_well_formed_and_higher_is_faster()
    {
        var svg = new PlotSvg(
            "Throughput & <more>",
            "keys",
            "events a second",
            "some machine"
        ).Draw([new(10, 100_000), new(1_000, 400_000), new(1_000_000, 200_000)]);

        XNamespace ns = "http://www.w3.org/2000/svg";
        var root = XDocument.Parse(svg).Root!;
        var circles = root.Elements(ns + "circle").ToList();
        double At(int i, string name) =>
            double.Parse(circles[i].Attribute(name)!.Value, CultureInfo.InvariantCulture);
        Assert.Equal(3, circles.Count);
        Assert.True(At(0, "cx") < At(1, "cx") && At(1, "cx") < At(2, "cx"));
        Assert.True(At(1, "cy") < At(2, "cy") && At(2, "cy") < At(0, "cy"));
        var texts = root.Elements(ns + "text").Select(t => t.Value).ToList();
        Assert.Contains("Throughput & <more>", texts);
        Assert.Contains("1 M", texts);
        Assert.Contains("500 k", texts);
    }

    [Fact]
    public void One_point_is_drawn_too() =>
        Assert.Contains("<circle", new PlotSvg("a", "b", "c", "d").Draw([new(1, 0)]));
}
