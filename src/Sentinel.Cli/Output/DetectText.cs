using System.Globalization;
using Sentinel.Siem.Detection;

namespace Sentinel.Cli.Output;

/// <summary>The hits of <c>detect</c>: as lines for people.</summary>
static class DetectText
{
    public static string Line(DetectedHit detected)
    {
        var hit = detected.Hit;
        var meant = hit.Excepted is { } because ? $" (excepted: {Printable(because)})" : "";
        var later = detected.Suppressed > 0 ? $", {detected.Suppressed} later matches" : "";
        return $"{Time(hit.Last)}  {hit.Severity, 2}/10 {hit.Confidence, 3}%  {hit.RuleName}: "
            + $"{Printable(hit.Message)}{later}{meant}";
    }

    public static void WriteSummary(TextWriter output, DetectSummary summary)
    {
        output.WriteLine(
            $"{summary.Events} records: {summary.Normalised} events, {summary.Unparsed} unparsed, "
                + $"{summary.Duplicates} duplicates, {summary.Late} late; {summary.Rules} rules, "
                + $"{summary.Hits} hits in {summary.Elapsed.TotalSeconds:0.00} s."
        );
        if (summary.Excepted > 0)
            output.WriteLine(
                $"{summary.Excepted, 8}  matches fall under an exception of their rule"
            );
        foreach (var (reason, count) in summary.UnparsedReasons)
            output.WriteLine($"{count, 8}  {reason}");
    }

    internal static string Time(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFF'Z'", CultureInfo.InvariantCulture);

    internal static string Printable(string text) =>
        string.Concat(text.Select(c => char.IsControl(c) ? '·' : c));
}
