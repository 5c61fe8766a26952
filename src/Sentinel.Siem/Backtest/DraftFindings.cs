using Sentinel.Siem.Correlation;

namespace Sentinel.Siem.Backtest;

/// <summary>
/// What a draft finds, from what its correlator says: matches that the watermark withdraws are gone, later
/// matches are counted on their finding, and none is kept with its events.
/// </summary>
sealed class DraftFindings(IReadOnlySet<string> rules, TimeRange range, int findingsMax)
{
    const int EventIdsMax = 10;

    readonly Dictionary<Guid, Kept> findings = [];
    readonly Dictionary<Guid, Guid> findingOf = [];

    public bool IsFull { get; private set; }

    /// <summary>Matches in that time that an exception of their rule means to be.</summary>
    public long Excepted { get; private set; }

    /// <summary>Events behind the watermark: only matches on arrival see them.</summary>
    public long Late { get; private set; }

    /// <summary>In the order of the matches that raised them.</summary>
    public IReadOnlyList<BacktestFinding> InOrder() =>
        [
            .. findings
                .Values.Where(kept => kept.Matches > 0 && range.Holds(kept.Finding.Last))
                .Select(kept => kept.Finding with { LaterMatches = kept.Matches - 1 })
                .OrderBy(one => one.Last)
                .ThenBy(one => one.Rule, StringComparer.Ordinal)
                .ThenBy(one => one.FindingId),
        ];

    public void Accept(CorrelationOutcome outcome)
    {
        Late += outcome.Late.Count(late => range.Holds(late.Event.KeyTime));
        Excepted += outcome.Excepted.Count(h => rules.Contains(h.RuleName) && range.Holds(h.Last));
        foreach (var change in outcome.Changes)
            Accept(change);
    }

    void Accept(HitChange change)
    {
        switch (change)
        {
            case HitChange.Provisional { Hit: var hit }:
                Add(hit);
                break;
            case HitChange.Final { Hit: var hit }:
                Add(hit);
                break;
            case HitChange.Confirmed:
                break;
            case HitChange.Corrected { Hit: var hit }:
                if (findingOf.Remove(hit.Id, out var before))
                    Remove(before);
                Add(hit);
                break;
            case HitChange.Retracted { HitId: var id }:
                if (findingOf.Remove(id, out var raisedBy))
                    Remove(raisedBy);
                break;
            default:
                throw new System.Diagnostics.UnreachableException();
        }
    }

    void Add(CorrelationHit hit)
    {
        if (!rules.Contains(hit.RuleName))
            return;
        findingOf[hit.Id] = hit.FindingId;
        if (!findings.TryGetValue(hit.FindingId, out var kept))
        {
            if (findings.Count == findingsMax)
            {
                IsFull = true;
                return;
            }
            findings.Add(hit.FindingId, kept = new Kept(Of(hit)));
        }
        else if (!hit.Suppressed || kept.Matches == 0)
            kept.Finding = Of(hit) with { LastMatch = Later(kept.Finding.LastMatch, hit.Last) };
        kept.Finding = kept.Finding with { LastMatch = Later(kept.Finding.LastMatch, hit.Last) };
        kept.Matches++;
    }

    void Remove(Guid findingId)
    {
        if (findings.TryGetValue(findingId, out var kept))
            kept.Matches--;
    }

    static DateTimeOffset Later(DateTimeOffset a, DateTimeOffset b) => a > b ? a : b;

    static BacktestFinding Of(CorrelationHit hit) =>
        new()
        {
            FindingId = hit.FindingId,
            Rule = hit.RuleName,
            Type = hit.FindingType,
            Severity = hit.Severity,
            Confidence = hit.Confidence,
            Message = hit.Message,
            Key = hit.Key.ToDictionary(part => part.Key, part => part.Value),
            First = hit.First,
            Last = hit.Last,
            LastMatch = hit.Last,
            Count = hit.Count,
            EventIds = [.. hit.Events.TakeLast(EventIdsMax).Select(found => found.EventId)],
        };

    sealed class Kept(BacktestFinding finding)
    {
        public BacktestFinding Finding { get; set; } = finding;
        public long Matches { get; set; }
    }
}
