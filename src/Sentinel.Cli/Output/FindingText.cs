using System.Text.Json;
using Sentinel.Siem.Explain;
using Sentinel.Siem.Findings;

namespace Sentinel.Cli.Output;

/// <summary>A stored finding for people: what we saw, how we reasoned, what we passed on.</summary>
static class FindingText
{
    const int LinesMax = 20;
    const int LaterMax = 5;

    public static void Write(TextWriter output, FindingExplanation explanation)
    {
        var finding = explanation.Finding;
        output.WriteLine(finding.Summary);
        output.WriteLine(
            $"{finding.Type}, severity {finding.Severity} of 10, confidence {finding.Confidence} of 100"
        );
        output.WriteLine();
        output.WriteLine($"What we saw: {explanation.Seen.Count} events");
        foreach (var seen in explanation.Seen.Take(LinesMax))
            output.WriteLine(
                $"  {seen.Place}:{seen.Raw.Raw.Line}  {ExplainText.Printable(seen.Line)}"
            );
        if (explanation.Seen.Count > LinesMax)
            output.WriteLine($"  and {explanation.Seen.Count - LinesMax} more");
        output.WriteLine();
        WriteReasons(output, explanation);
        output.WriteLine();
        WritePassedOn(output, explanation);
    }

    public static string Line(ExceptedHit hit) =>
        $"{ExplainText.Time(hit.Last)}  {hit.Rule}: {ExplainText.Printable(hit.Message)} "
        + $"({ExplainText.Printable(hit.Because)})";

    static void WriteReasons(TextWriter output, FindingExplanation explanation)
    {
        var finding = explanation.Finding;
        output.WriteLine(
            $"How we reasoned: rule {finding.RuleName}, {explanation.RulePath}, "
                + $"sha256 {finding.PolicySha256}"
        );
        if (explanation.Window is { } window)
            output.WriteLine($"  {window}");
        foreach (var step in explanation.Steps)
            ExplainText.Write(output, step);
        foreach (var cause in explanation.Causes)
            output.WriteLine(
                $"  from hit {cause.HitId} of {cause.Rule}: {ExplainText.Printable(cause.Message)}"
            );
        output.WriteLine("  confidence");
        using var hit = JsonDocument.Parse(explanation.HitJson);
        if (hit.RootElement.TryGetProperty("reasons", out var reasons))
            foreach (var reason in reasons.EnumerateArray())
                output.WriteLine($"    {reason.GetString()}");
        if (explanation.Settlement is { } settlement)
            output.WriteLine($"  {settlement} when the watermark passed");
        ExplainText.Write(output, explanation.Exceptions);
        if (explanation.Excepted.Count > 0)
            output.WriteLine("  matches of the same key that were meant to be so:");
        foreach (var meant in explanation.Excepted.Take(LaterMax))
            output.WriteLine($"    {Line(meant)}");
        if (explanation.Excepted.Count > LaterMax)
            output.WriteLine($"    and {explanation.Excepted.Count - LaterMax} more");
        if (explanation.LaterMatches > 0)
            output.WriteLine($"  later matches counted on it: {explanation.LaterMatches}");
        foreach (var later in explanation.Later.Take(LaterMax))
            output.WriteLine(
                $"    {ExplainText.Time(later.Last)} {ExplainText.Printable(later.Message)}"
            );
    }

    static void WritePassedOn(TextWriter output, FindingExplanation explanation)
    {
        output.WriteLine("What we passed on:");
        foreach (var package in explanation.Packages)
            output.WriteLine($"  package {package.Uri}, sha256 {package.Sha256}");
        foreach (var passed in explanation.Escalations)
            output.WriteLine(
                $"  escalated by {passed.Policy} version {passed.PolicyVersion}, "
                    + (
                        passed.PsaCaseId is { } caseId
                            ? $"case {caseId} since {passed.ReceivedAt:u}"
                            : $"not yet received ({passed.LastError ?? "on its way"})"
                    )
            );
        if (explanation.Escalations.Count == 0)
            output.WriteLine("  nothing: no escalation holds for it");
    }
}
