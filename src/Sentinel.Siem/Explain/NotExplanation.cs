using System.Text;
using Sentinel.Policies.Model;
using Sentinel.Siem.Correlation;
using Sentinel.Siem.Enrichment;
using Sentinel.Siem.Ingestion;

namespace Sentinel.Siem.Explain;

/// <summary>Why a rule did not fire on an event.</summary>
/// <param name="Unread">Why the record is no event; null where it is one.</param>
/// <param name="Selections">What each selection of the rule says of the event.</param>
/// <param name="Key">Of the selections that take it.</param>
/// <param name="Shortfall">How far the events of this key came.</param>
/// <param name="Hits">Of the rule with this event: then it did fire.</param>
public sealed record NotExplanation(
    string Rule,
    string RulePath,
    string PolicySha256,
    string File,
    long Line,
    string Text,
    string? Unread,
    string? EventType,
    DateTimeOffset? EventTime,
    bool Late,
    IReadOnlyList<SelectionReasons> Selections,
    IReadOnlyList<KeyValuePair<string, string>> Key,
    IReadOnlyList<string> Shortfall,
    IReadOnlyList<CorrelationHit> Hits
);

/// <summary>The record that is asked about.</summary>
/// <param name="Event">Null where it is none, for the reason given.</param>
sealed record AskedRecord(
    RawEvent Raw,
    string File,
    EnrichedEvent? Event,
    string? Unread,
    bool Late
);

/// <summary>The events that a rule, or a rule that it builds on, takes: those of one key decide.</summary>
sealed class TakenEvents(
    FieldTable fields,
    RuleDeclaration rule,
    IReadOnlyList<RuleDeclaration> rules
)
{
    readonly EventMatcher matcher = new(fields, rule.With(rules));
    readonly List<(EnrichedEvent Event, IReadOnlyList<RuleKey> Keys)> events = [];
    readonly List<RuleMatch> matches = [];

    public int Count => events.Count;

    public void Add(EnrichedEvent enriched)
    {
        matches.Clear();
        matcher.Match(enriched, late: false, matches);
        if (matches.Count > 0)
            events.Add((enriched, [.. matches.Where(m => m.Rule == 0).Select(m => m.Key)]));
    }

    public NotExplanation Explain(AskedRecord about)
    {
        var asker = new SelectionAsker(rule.Pattern);
        var keys = events
            .Where(e => e.Event.Event.Id == about.Event?.Event.Id)
            .SelectMany(e => e.Keys)
            .ToList();
        var texts = keys.Select(key => key.Text).ToHashSet(StringComparer.Ordinal);
        // What other rules found has keys of its own: then all of it is looked at.
        EnrichedEvent[] ofKey =
        [
            .. events
                .Where(e => rule.Pattern.TakesHits || e.Keys.Any(k => texts.Contains(k.Text)))
                .Select(e => e.Event)
                .OrderBy(RuleMatcher.OrderOf),
        ];
        var correlator = new Correlator(fields, rule.With(rules), about.Raw.OrganisationId);
        CorrelationHit[] hits = about.Late
            ? []
            :
            [
                .. correlator
                    .Correlate(ofKey)
                    .Concat(correlator.Advance(DateTimeOffset.MaxValue))
                    .Where(h => h.RuleId == rule.Id)
                    .Where(h => h.Events.Any(e => e.EventId == about.Event?.Event.Id)),
            ];
        var takes = keys.Count > 0 && hits.Length == 0 && !about.Late;
        return new NotExplanation(
            rule.Name,
            rule.Text.Path,
            rule.Text.Sha256,
            about.File,
            about.Raw.Line,
            Encoding.UTF8.GetString(about.Raw.PayloadBytes.Span),
            about.Unread,
            about.Event is { } e ? $"{e.Event.Category}.{e.Event.Type}" : null,
            about.Event?.Event.EventTime,
            about.Late,
            about.Event is null ? [] : [.. asker.Ask(about.Event)],
            keys is [var key, ..]
                ? [.. key.Parts.Select((p, i) => KeyValuePair.Create(rule.Pattern.KeyNames[i], p))]
                : [],
            takes ? new Shortfall(fields, rule, rules, ofKey).Tell() : [],
            hits
        );
    }
}
