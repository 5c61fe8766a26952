using System.CommandLine;
using System.Text.Json;
using Sentinel.Cli.Output;
using Sentinel.Cli.Sessions;
using Sentinel.Server.Api;
using Sentinel.Siem.Explain;

namespace Sentinel.Cli.Commands;

/// <summary>This is what we saw, this is how we reasoned, this is what we passed on.</summary>
static class ExplainCommand
{
    const int LinesMax = 20;

    public static Command Build()
    {
        var id = CommandResults.Id("Of the finding.");
        var json = CommandResults.Json();
        var command = new Command("explain", "Say why a finding exists.") { id, json };
        command.SetAction(
            async (parsed, cancellation) =>
            {
                await using var session = await CommandSession.OpenAsync(cancellation);
                var outcome = await session
                    .Use<ExplainFinding>()
                    .RunAsync(session.Secret, parsed.GetValue(id), cancellation);
                var error = parsed.InvocationConfiguration.Error;
                return outcome switch
                {
                    ExplainOutcome.Explained { Explanation: var explanation } => Explain(
                        parsed.InvocationConfiguration.Output,
                        explanation,
                        parsed.GetValue(json)
                    ),
                    ExplainOutcome.NotFound => error.Refuse(
                        $"there is no finding {parsed.GetValue(id)}"
                    ),
                    ExplainOutcome.Refused refused => error.Refuse(refused.Reason),
                    _ => throw new System.Diagnostics.UnreachableException(),
                };
            }
        );
        return command;
    }

    static int Explain(TextWriter output, FindingExplanation explanation, bool json)
    {
        if (json)
            output.WriteJson(ExplanationShape.Of(explanation));
        else
            Tell(output, explanation);
        return ExitCodes.Yes;
    }

    static void Tell(TextWriter output, FindingExplanation explanation)
    {
        var finding = explanation.Finding;
        output.WriteLine(finding.Summary);
        output.WriteLine(
            $"{finding.Type}, severity {finding.Severity} of 10, confidence {finding.Confidence} of 100"
        );
        output.WriteLine();
        output.WriteLine($"What we saw: {explanation.Seen.Count} events");
        foreach (var seen in explanation.Seen.Take(LinesMax))
            output.WriteLine($"  {seen.Place}:{seen.Raw.Raw.Line}  {Printable(seen.Line)}");
        if (explanation.Seen.Count > LinesMax)
            output.WriteLine($"  and {explanation.Seen.Count - LinesMax} more");
        output.WriteLine();
        output.WriteLine(
            $"How we reasoned: rule {finding.RuleName}, {explanation.RulePath}, "
                + $"sha256 {finding.PolicySha256}"
        );
        using var hit = JsonDocument.Parse(explanation.HitJson);
        if (hit.RootElement.TryGetProperty("reasons", out var reasons))
            foreach (var reason in reasons.EnumerateArray())
                output.WriteLine($"  {reason.GetString()}");
        if (explanation.Settlement is { } settlement)
            output.WriteLine($"  {settlement} when the watermark passed");
        if (explanation.LaterMatches > 0)
            output.WriteLine($"  {explanation.LaterMatches} later matches are counted on it");
        output.WriteLine();
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

    // A log line may hold anything; a terminal should not obey it.
    static string Printable(string line) =>
        string.Concat(line.Select(c => char.IsControl(c) ? '·' : c));
}
