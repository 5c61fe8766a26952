using Spectre.Console;

namespace Sentinel.Cli.Demonstration;

/// <summary>The story in under a screen: sentences, with colour where there is a terminal.</summary>
static class DemoText
{
    const int ReasonCharsMax = 110;

    public static void Write(IAnsiConsole console, DemoStory story, TimeSpan took)
    {
        void Line(string head, string text) =>
            console.MarkupLine($"[teal]{Markup.Escape(head), -9}[/] {text}");
        void More(string text) => console.MarkupLine($"{"", -9} {text}");

        var (counts, found, sealedCase) = (story.Counts, story.Chosen, story.Case.Case);
        Line(
            "lines",
            $"{counts.RawEvents} received and kept as they came: {counts.Events} events, "
                + $"{counts.Unparsed} that no source could read, {counts.Duplicates} delivered twice."
        );
        Line(
            "rules",
            $"{counts.Hits} hits, {story.Findings.Count} findings, "
                + $"{story.Findings.Count(f => f.PsaCaseId is not null)} escalated. One of them:"
        );
        Line("finding", $"[bold]{Markup.Escape(found.Summary)}[/]");
        More(
            $"{found.Type}, severity {found.Severity} of 10, confidence {found.Confidence} of 100: "
                + Markup.Escape(Short(string.Join(", ", story.Reasons)))
        );
        Line(
            "package",
            $"sealed, sha256 {story.PackageSha256[..16]}…, and carried across the dock."
        );
        Line(
            "case",
            $"[bold]{sealedCase.Number}[/] opened by policy "
                + $"{Markup.Escape(sealedCase.PolicyName ?? "")}, severity {sealedCase.Severity}"
                + (story.Case.Sla is { } sla ? $", clock {Markup.Escape(sla.Name)}" : "")
                + (sealedCase.Queue is { } queue ? $", queue {Markup.Escape(queue)}" : "")
                + "."
        );
        foreach (var task in story.Case.Tasks)
            Line(
                "task",
                $"{Markup.Escape(task.Description)} [grey]{task.Status.ToString().ToLowerInvariant()}"
                    + $" by {Markup.Escape(story.NameOf(task.CompletedBy))}[/]"
            );
        foreach (var approval in story.Case.Approvals)
            Line(
                "asked",
                $"{Markup.Escape(approval.Request)} [grey]{approval.Status.ToString().ToLowerInvariant()}"
                    + $" by {Markup.Escape(story.NameOf(approval.DecidedBy))}[/]"
            );
        foreach (var refusal in story.Refusals)
            Line(
                "refused",
                $"[red]{Markup.Escape(refusal.Actor)} wanted to {refusal.Action}:[/] "
                    + Markup.Escape(Short(refusal.Reason))
            );
        foreach (var attestation in story.Case.Attestations)
            Line(
                "attested",
                $"by {Markup.Escape(story.NameOf(attestation.AttestedBy))} as "
                    + $"{Markup.Escape(attestation.AsRole)}, who did none of the work."
            );
        Line(
            "closed",
            $"[green]by {Markup.Escape(story.NameOf(sealedCase.ClosedBy))}[/]: "
                + $"{Pieces(story.Case.Evidence.Count)} of evidence, {story.Audit.Entries} audit entries, "
                + $"root {story.Audit.Root[..16]}…"
        );
        Line("verified", "with the signed head that is kept outside the database:");
        More(Markup.Escape(story.Audit.Head));
        console.MarkupLine(
            $"[grey]From the first line to the seal in {took.TotalSeconds:0.0} s.[/]"
        );
    }

    static string Pieces(int count) => count == 1 ? "1 piece" : $"{count} pieces";

    static string Short(string text) =>
        text.Length <= ReasonCharsMax ? text : text[..(ReasonCharsMax - 1)] + "…";
}
