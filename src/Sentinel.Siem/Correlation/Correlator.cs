using Sentinel.Policies.Model;
using Sentinel.Siem.Enrichment;

namespace Sentinel.Siem.Correlation;

public sealed record CorrelatorLimits
{
    /// <summary>
    /// Keys that a rule remembers; beyond it the newest are kept and the dropped counted. As many as the
    /// addresses that a large network meets within a window; a count rule then holds half a gigabyte.
    /// </summary>
    public int KeysMax { get; init; } = 2_000_000;

    /// <summary>Events that a key remembers for one selector of one rule.</summary>
    public int EventsPerKeyMax { get; init; } = 10_000;

    /// <summary>Of each step, the newest that a later match under <c>once per</c> lists.</summary>
    public int SuppressedHitEventsMax { get; init; } = 100;

    /// <summary>How far behind the watermark a late event still gets its place in the final hits.</summary>
    public int RebuildMinutesMax { get; init; } = 60;

    /// <summary>How many matches behind the watermark are kept for that.</summary>
    public int RebuildMatchesMax { get; init; } = 20_000;
}

/// <summary>
/// One deterministic fold of events over all rules: the same events in the same order give the same hits
/// with the same ids, whatever the batches, wherever it was saved and restored, and however many
/// partitions share its keys.
/// </summary>
public sealed class Correlator
{
    readonly EventMatcher matcher;
    readonly RuleFolds folds;
    readonly List<RuleMatch> matches = [];

    public Correlator(
        FieldTable fields,
        IReadOnlyList<RuleDeclaration> rules,
        Guid organisationId,
        CorrelatorLimits? limits = null,
        int partitionsCount = 1
    )
    {
        matcher = new EventMatcher(fields, rules);
        var context = new FoldContext(organisationId, limits ?? new(), InOrder: true);
        folds = new RuleFolds(fields, matcher.Rules, context, partitionsCount);
    }

    /// <summary>Keys and events that had to be forgotten before their window was over.</summary>
    public long Dropped => folds.Dropped;

    /// <summary>Events in their order: by time, then by input and the place in it.</summary>
    public IReadOnlyList<CorrelationHit> Correlate(IReadOnlyList<EnrichedEvent> batch)
    {
        var hits = new List<CorrelationHit>();
        foreach (var enriched in batch)
        {
            matches.Clear();
            matcher.Match(enriched, late: false, matches);
            foreach (var match in matches)
                folds.Accept(match, hits);
        }
        folds.Follow(hits);
        return hits;
    }

    /// <summary>The matches of a matcher of this correlator's, in the order of their events.</summary>
    internal void Accept(in RuleMatch match, List<CorrelationHit> hits) =>
        folds.Accept(match, hits);

    /// <summary>
    /// Asks of events what the rules ask of each alone: a part of the work that needs no order. One thread
    /// uses one matcher.
    /// </summary>
    internal EventMatcher NewMatcher() => matcher.ForAnotherThread();

    /// <summary>Nothing before this time will come any more: absences that are certain now fire.</summary>
    public IReadOnlyList<CorrelationHit> Advance(DateTimeOffset watermark)
    {
        var hits = new List<CorrelationHit>();
        folds.Advance(watermark, hits);
        return hits;
    }

    public byte[] Save()
    {
        var state = new StateWriter();
        folds.Save(state);
        return state.ToArray();
    }

    /// <summary>State of rules that no longer exist is dropped; new rules start empty.</summary>
    public void Restore(byte[] state) => folds.Restore(new StateReader(state));
}
