using System.Globalization;
using Sentinel.Siem.Detection;

namespace Sentinel.Cli.Output;

/// <summary>The hits of <c>detect</c>: one JSON object a line, then a summary; or lines for people.</summary>
static class DetectText
{
    const double BytesPerMebibyte = 1024 * 1024;

    public static void Write(TextWriter output, DetectOutcome.Detected detected, bool json)
    {
        foreach (var hit in detected.Hits)
            if (json)
                output.WriteJson(Shape(hit));
            else
                output.WriteLine(Line(hit));
        if (json)
            output.WriteJson(Shape(detected.Summary));
        else
            WriteSummary(output, detected.Summary);
    }

    static object Shape(DetectedHit detected)
    {
        var hit = detected.Hit;
        return new
        {
            Kind = "hit",
            Rule = hit.RuleName,
            hit.RuleId,
            hit.PolicySha256,
            Type = hit.FindingType,
            hit.Severity,
            hit.Confidence,
            Key = hit.Key.ToDictionary(pair => pair.Key, pair => pair.Value),
            First = Time(hit.First),
            Last = Time(hit.Last),
            hit.Count,
            Events = hit.Events.Select(e => new { File = e.InputKey, e.Line }),
            hit.Reasons,
            hit.Message,
            Id = hit.Id,
            IsSuppressed = hit.Suppressed,
            detected.Suppressed,
            hit.Excepted,
            From = hit.From.Select(cause => new
            {
                Id = cause.HitId,
                cause.Rule,
                cause.Risk,
            }),
        };
    }

    static object Shape(DetectSummary summary) =>
        new
        {
            Kind = "summary",
            summary.Events,
            summary.Normalised,
            summary.Unparsed,
            summary.Duplicates,
            summary.Late,
            summary.Rules,
            summary.Hits,
            summary.Excepted,
            Seconds = Math.Round(summary.Elapsed.TotalSeconds, 3),
            EventsPerSecond = Rate(summary),
            PeakRssMib = (long)Math.Round(summary.PeakMemoryBytes / BytesPerMebibyte),
            UnparsedReasons = summary.UnparsedReasons.Select(reason => new
            {
                Reason = reason.Key,
                Count = reason.Value,
            }),
        };

    static string Line(DetectedHit detected)
    {
        var hit = detected.Hit;
        var meant = hit.Excepted is { } because ? $" (excepted: {Printable(because)})" : "";
        var later = detected.Suppressed > 0 ? $", {detected.Suppressed} later matches" : "";
        return $"{Time(hit.Last)}  {hit.Severity, 2}/10 {hit.Confidence, 3}%  {hit.RuleName}: "
            + $"{Printable(hit.Message)}{later}{meant}";
    }

    static void WriteSummary(TextWriter output, DetectSummary summary)
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

    static long Rate(DetectSummary summary) =>
        summary.Elapsed > TimeSpan.Zero
            ? (long)(summary.Events / summary.Elapsed.TotalSeconds)
            : summary.Events;

    internal static string Time(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFF'Z'", CultureInfo.InvariantCulture);

    internal static string Printable(string text) =>
        string.Concat(text.Select(c => char.IsControl(c) ? '·' : c));
}
