using Sentinel.Siem.Correlation;
using Sentinel.Siem.Enrichment;
using Sentinel.Siem.Ingestion;
using Sentinel.Siem.Normalisation;

namespace Sentinel.Siem.Detection;

/// <summary>What became of the records so far, over all files.</summary>
sealed class DetectTally
{
    const int ReasonsMax = 200;

    public long Normalised { get; set; }
    public long Unparsed { get; private set; }
    public long Duplicates { get; set; }
    public long Late { get; set; }

    public Dictionary<string, long> Reasons { get; } = new(StringComparer.Ordinal);

    public void AddUnparsed(string reason)
    {
        Unparsed++;
        if (Reasons.Count < ReasonsMax || Reasons.ContainsKey(reason))
            Reasons[reason] = Reasons.GetValueOrDefault(reason) + 1;
    }
}

/// <summary>
/// One file as matches in the order of their events: what comes out of order within the allowed lateness is
/// put in its place, what comes later than that is counted as late. Independent of every other file. An
/// event that no rule takes has no place to wait for, so it is only counted.
/// </summary>
sealed class FileCursor(
    FileInput input,
    long duplicates,
    TimeSpan latenessMax,
    Func<IReadOnlyList<RawEvent>, IReadOnlyList<Reading>> normalise,
    Enricher enricher,
    EventMatcher matcher,
    DetectTally tally
)
{
    const int BatchRecordsMax = 1024;

    readonly MatchQueue waiting = new();
    readonly List<RuleMatch> matches = [];
    DateTimeOffset latest = DateTimeOffset.MinValue;
    bool ended;

    /// <summary>The next match's place, or null at the end; reads on as far as that needs.</summary>
    public EventOrder? Next()
    {
        while (true)
        {
            if (waiting.TryPeek(out var order) && (ended || latest - order.Time > latenessMax))
                return order;
            if (ended)
                return null;
            Read();
        }
    }

    public RuleMatch Take() => waiting.Take();

    void Read()
    {
        var raw = input.Read(BatchRecordsMax);
        ended = raw.Count == 0;
        var readings = normalise(MarkDuplicates(raw));
        foreach (var reading in readings)
        {
            if (reading is Reading.Unreadable unreadable)
                tally.AddUnparsed(unreadable.Reason);
            else if (reading is Reading.Redelivered)
                tally.Duplicates++;
        }
        foreach (var enriched in enricher.Enrich(readings))
            Place(enriched);
    }

    void Place(EnrichedEvent enriched)
    {
        tally.Normalised++;
        var time = enriched.Event.EventTime;
        if (time > latest)
            latest = time;
        if (latest - time > enriched.Event.Source.Lateness)
        {
            tally.Late++;
            return;
        }
        matches.Clear();
        matcher.Match(enriched, late: false, matches);
        foreach (var match in matches)
            waiting.Add(match);
    }

    IReadOnlyList<RawEvent> MarkDuplicates(IReadOnlyList<RawEvent> raw) =>
        raw.Count == 0 || raw[0].Index >= duplicates
            ? raw
            : [.. raw.Select(r => r.Index < duplicates ? r with { DuplicateOf = Guid.Empty } : r)];
}
