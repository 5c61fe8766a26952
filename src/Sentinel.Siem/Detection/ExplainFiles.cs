using System.Text;
using Sentinel.Policies.Model;
using Sentinel.Siem.Correlation;
using Sentinel.Siem.Enrichment;
using Sentinel.Siem.Explain;
using Sentinel.Siem.Normalisation;

namespace Sentinel.Siem.Detection;

public abstract record ExplainFilesOutcome
{
    public sealed record Explained(IReadOnlyList<HitExplanation> Hits, DetectSummary Summary)
        : ExplainFilesOutcome;

    public sealed record NotFired(NotExplanation Explanation) : ExplainFilesOutcome;

    public sealed record BadPolicies(IReadOnlyList<Diagnostic> Diagnostics) : ExplainFilesOutcome;

    /// <param name="Reason">One sentence with what to do.</param>
    public sealed record Refused(string Reason) : ExplainFilesOutcome;
}

/// <summary>Why rules fired on files, and why one did not: without a database, as detection reads them.</summary>
public sealed class ExplainFiles(TimeProvider clock)
{
    /// <param name="id">Of one hit; null for all.</param>
    public ExplainFilesOutcome Hits(DetectRequest request, Guid? id, CancellationToken cancellation)
    {
        var outcome = new DetectFiles(clock).Run(request with { All = true }, cancellation);
        if (outcome is DetectOutcome.BadPolicies bad)
            return new ExplainFilesOutcome.BadPolicies(bad.Diagnostics);
        if (outcome is DetectOutcome.Refused refused)
            return new ExplainFilesOutcome.Refused(refused.Reason);
        var detected = (DetectOutcome.Detected)outcome;
        var asked = detected
            .Hits.Where(d => id is null ? request.All || !d.Hit.Suppressed : d.Hit.Id == id)
            .ToList();
        if (id is not null && asked.Count == 0)
            return new ExplainFilesOutcome.Refused(
                $"There is no hit {id} in these files: 'detect --json' prints the ids."
            );
        var selection = PolicySelection.Load(
            request.Shipped,
            request.Policies,
            request.Added,
            out _
        )!;
        var rules = selection.Rules.DistinctBy(r => r.Id).ToDictionary(r => r.Id);
        var events = EventsOf(request, selection, asked);
        var later = detected.Hits.Where(d => d.Hit.Suppressed).ToLookup(d => d.Hit.FindingId);
        return new ExplainFilesOutcome.Explained(
            [
                .. asked.Select(one =>
                    Explain(
                        one,
                        rules.GetValueOrDefault(one.Hit.RuleId),
                        events,
                        [.. later[one.Hit.FindingId].Select(d => d.Hit).Where(h => h != one.Hit)]
                    )
                ),
            ],
            detected.Summary
        );
    }

    Dictionary<(string, long), EnrichedEvent> EventsOf(
        DetectRequest request,
        PolicySelection selection,
        List<DetectedHit> asked
    )
    {
        var wanted = asked
            .SelectMany(d => d.Hit.Events)
            .Select(e => (e.InputKey, e.Line))
            .ToHashSet();
        var files = new FileEvents(request, selection, clock);
        return wanted
            .Select(place => place.InputKey)
            .Distinct()
            .Where(File.Exists)
            .SelectMany(files.Read)
            .Where(e => e.Event is not null && wanted.Contains((e.Raw.InputKey, e.Raw.Line)))
            .DistinctBy(e => (e.Raw.InputKey, e.Raw.Line))
            .ToDictionary(e => (e.Raw.InputKey, e.Raw.Line), e => e.Event!);
    }

    static HitExplanation Explain(
        DetectedHit detected,
        RuleDeclaration? rule,
        Dictionary<(string, long), EnrichedEvent> events,
        IReadOnlyList<CorrelationHit> suppressed
    )
    {
        var hit = detected.Hit;
        // Detection's own rules, such as a full memory, have no text.
        if (rule is null)
            return new HitExplanation(detected, "", null, [], suppressed);
        var asker = new SelectionAsker(rule.Pattern);
        var places = hit.Events.DistinctBy(e => e.EventId).ToDictionary(e => e.EventId);
        return new HitExplanation(
            detected,
            rule.Text.Path,
            WindowText.Of(rule.Pattern),
            [
                .. hit.Steps.Select(step => new ExplainedStep(
                    step.Selector,
                    step.Absent,
                    [.. step.EventIds.Select(id => Event(step.Selector, id))]
                )),
            ],
            suppressed
        )
        {
            Exceptions = ExplainedException.Of(rule),
        };

        ExplainedEvent Event(string selection, Guid id)
        {
            if (
                !places.TryGetValue(id, out var place)
                || !events.TryGetValue((place.InputKey, place.Line), out var enriched)
            )
                return new ExplainedEvent(id, null, 0, null, "", []);
            var selector = asker.Selections.First(s => s.Name == selection);
            return new ExplainedEvent(
                id,
                place.InputKey,
                place.Line,
                place.EventTime,
                Encoding.UTF8.GetString(enriched.Event.Raw.PayloadBytes.Span),
                selector.TakesHits() ? [] : asker.Ask(selector, enriched).Predicates
            );
        }
    }

    /// <summary>Over the file of the event, and the others of the request.</summary>
    public ExplainFilesOutcome Not(DetectRequest request, string ruleName, string file, long line)
    {
        var selection = PolicySelection.Load(
            request.Shipped,
            request.Policies,
            request.Added,
            out var problems
        );
        if (selection is null)
            return new ExplainFilesOutcome.BadPolicies(problems);
        if (selection.Rules.FirstOrDefault(r => r.Name == ruleName) is not { } rule)
            return new ExplainFilesOutcome.Refused(
                $"There is no rule {ruleName}: name one of "
                    + $"{string.Join(", ", selection.Rules.Select(r => r.Name).Order())}."
            );
        foreach (var path in request.Files.Append(file))
            if (!File.Exists(path))
                return new ExplainFilesOutcome.Refused($"There is no file {path}: check the name.");
        var files = new FileEvents(request, selection, clock);
        var taken = new TakenEvents(selection.Fields, rule, selection.Rules);
        var about = (FileEvent?)null;
        foreach (var read in request.Files.Append(file).Distinct().SelectMany(files.Read))
        {
            if (read.Raw.InputKey == file && read.Raw.Line == line)
                about = read;
            if (read.Event is not null && (!read.Late || read == about))
                taken.Add(read.Event);
        }
        return about is null
            ? new ExplainFilesOutcome.Refused(
                $"No record of {file} begins at line {line}: name FILE:LINE as detect prints it."
            )
            : new ExplainFilesOutcome.NotFired(taken.Explain(Asked(about, file)));
    }

    static AskedRecord Asked(FileEvent about, string file) =>
        new(
            about.Raw,
            file,
            about.Event,
            about.Event is null ? Unread(about.Reading) : null,
            about.Late
        );

    static string Unread(Reading reading) =>
        reading is Reading.Unreadable unreadable ? unreadable.Reason : "it was delivered before";
}
