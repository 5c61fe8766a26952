using System.Globalization;
using Sentinel.Siem.Correlation;
using Sentinel.Siem.Detection;
using Sentinel.Siem.Explain;

namespace Sentinel.Cli.Output;

/// <summary>Explanations over files, for people and as JSON.</summary>
static class ExplainText
{
    const int EventsMax = 5;
    const int SuppressedMax = 5;

    public static void Write(TextWriter output, HitExplanation explained)
    {
        var hit = explained.Hit;
        output.WriteLine($"{hit.RuleName}: {Printable(hit.Message)}");
        output.WriteLine(
            $"  {hit.FindingType}, severity {hit.Severity} of 10, confidence {hit.Confidence} of 100"
        );
        output.WriteLine($"  hit {hit.Id}");
        output.WriteLine($"  rule {explained.RulePath}, version {hit.RuleId}");
        output.WriteLine($"  policy sha256 {hit.PolicySha256}");
        if (hit.Key.Count > 0)
            output.WriteLine($"  key {Printable(Said(hit.Key))}");
        output.WriteLine(
            $"  from {Time(hit.First)} to {Time(hit.Last)}"
                + (explained.Window is { } window ? $", {window}" : "")
        );
        foreach (var step in explained.Steps)
            Write(output, step);
        foreach (var cause in hit.From)
            output.WriteLine(
                $"  from hit {cause.HitId} of {cause.Rule}"
                    + (cause.Risk is { } risk ? $", risk {risk}" : "")
            );
        output.WriteLine("  confidence");
        foreach (var reason in hit.Reasons)
            output.WriteLine($"    {reason}");
        Write(output, explained.Exceptions);
        if (hit.Excepted is { } because)
            output.WriteLine($"  it is meant to be so, and raises nothing: {Printable(because)}");
        if (explained.Suppressed.Count > 0)
            output.WriteLine($"  later matches counted on it: {explained.Suppressed.Count}");
        foreach (var later in explained.Suppressed.Take(SuppressedMax))
            output.WriteLine($"    {Time(later.Last)} {Printable(later.Message)}");
        output.WriteLine();
    }

    internal static void Write(TextWriter output, IReadOnlyList<ExplainedException> exceptions)
    {
        foreach (var one in exceptions)
            output.WriteLine(
                $"  except where {Printable(one.Where)}"
                    + (one.Until is { } day ? $" until {day:yyyy-MM-dd}" : "")
                    + $": {Printable(one.Because)}"
            );
    }

    internal static void Write(TextWriter output, ExplainedStep step)
    {
        output.WriteLine(
            step.Absent ? $"  no {step.Selection} came" : $"  {step.Selection}: {step.Events.Count}"
        );
        // The latest say most; all of them are in the JSON.
        if (step.Events.Count > EventsMax)
            output.WriteLine($"    {step.Events.Count - EventsMax} before");
        foreach (var one in step.Events.TakeLast(EventsMax))
            output.WriteLine(
                one.File is null
                    ? $"    hit {one.EventId}"
                    : $"    {one.File}:{one.Line}  {Printable(one.Text)}"
            );
        foreach (var predicate in step.Events.LastOrDefault()?.Predicates ?? [])
            output.WriteLine($"      {Printable(predicate.Said)}");
    }

    public static void Write(TextWriter output, NotExplanation not)
    {
        output.WriteLine($"{not.Rule} ({not.RulePath}) and {not.File}:{not.Line}");
        output.WriteLine($"  {Printable(not.Text)}");
        if (not.Unread is { } unread)
        {
            output.WriteLine($"  It is no event: {unread}");
            return;
        }
        output.WriteLine($"  {not.EventType} at {Time(not.EventTime!.Value)}");
        if (not.Late)
            output.WriteLine("  It came later than its source allows: final hits leave it out.");
        foreach (var selection in not.Selections)
        {
            output.WriteLine(
                $"  {selection.Selection} {(selection.Takes ? "takes" : "does not take")} it"
            );
            foreach (var predicate in selection.Predicates)
                output.WriteLine($"    {Printable(predicate.Said)}");
        }
        foreach (var hit in not.Hits)
            output.WriteLine(
                $"  The rule did fire with it: hit {hit.Id} at {Time(hit.Last)}"
                    + (hit.Suppressed ? ", which 'once per' counted on an earlier one" : "")
            );
        if (not.Shortfall.Count > 0)
            output.WriteLine(
                not.Key.Count == 0
                    ? "  The rule did not fire:"
                    : $"  The rule did not fire for {Printable(Said(not.Key))}:"
            );
        foreach (var sentence in not.Shortfall)
            output.WriteLine($"    {sentence}");
    }

    public static object Shape(HitExplanation explained) =>
        new
        {
            Kind = "explanation",
            explained.Hit.Id,
            Rule = explained.Hit.RuleName,
            explained.RulePath,
            explained.Hit.RuleId,
            explained.Hit.PolicySha256,
            Type = explained.Hit.FindingType,
            explained.Hit.Severity,
            explained.Hit.Confidence,
            explained.Hit.Message,
            Key = explained.Hit.Key.ToDictionary(pair => pair.Key, pair => pair.Value),
            explained.Window,
            First = Time(explained.Hit.First),
            Last = Time(explained.Hit.Last),
            explained.Hit.Count,
            explained.Steps,
            From = explained.Hit.From.Select(cause => new
            {
                Id = cause.HitId,
                cause.Rule,
                cause.Risk,
            }),
            explained.Hit.Reasons,
            explained.Exceptions,
            explained.Hit.Excepted,
            Suppressed = explained.Suppressed.Select(Shape),
        };

    public static object Shape(NotExplanation not) =>
        new
        {
            Kind = "not",
            not.Rule,
            not.RulePath,
            not.PolicySha256,
            not.File,
            not.Line,
            not.Text,
            not.Unread,
            not.EventType,
            EventTime = not.EventTime is { } time ? Time(time) : null,
            not.Late,
            not.Selections,
            Key = not.Key.ToDictionary(pair => pair.Key, pair => pair.Value),
            not.Shortfall,
            Hits = not.Hits.Select(Shape),
        };

    static object Shape(CorrelationHit hit) =>
        new
        {
            hit.Id,
            Last = Time(hit.Last),
            hit.Message,
            IsSuppressed = hit.Suppressed,
            Events = hit.Events.Select(e => new { File = e.InputKey, e.Line }),
        };

    static string Said(IEnumerable<KeyValuePair<string, string>> key) =>
        string.Join(", ", key.Select(part => $"{part.Key} {part.Value}"));

    internal static string Time(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFF'Z'", CultureInfo.InvariantCulture);

    // A log line may hold anything; a terminal should not obey it.
    internal static string Printable(string text) =>
        string.Concat(text.Select(c => char.IsControl(c) ? '·' : c));
}
