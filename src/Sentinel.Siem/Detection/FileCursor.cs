using Sentinel.Siem.Correlation;
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
    RecordReader reader,
    RawEvent alike,
    RecordPositions positions,
    long duplicates,
    TimeSpan latenessMax,
    EventReader events,
    DetectTally tally
)
{
    const int BatchRecordsMax = 1024;

    readonly MatchQueue waiting = new();
    readonly List<RuleMatch> matches = [];
    DateTimeOffset latest = DateTimeOffset.MinValue;
    long index;
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
        var records = reader.Read(BatchRecordsMax);
        ended = records.Count == 0;
        events.Begin(alike, positions);
        foreach (var record in records)
        {
            if (index++ < duplicates)
            {
                tally.Duplicates++;
                continue;
            }
            matches.Clear();
            var read = events.Read(record, index - 1, matches, out var reason);
            if (read is null)
                tally.AddUnparsed(reason!);
            else
                Place(read);
        }
    }

    void Place(NormalisedEvent read)
    {
        tally.Normalised++;
        if (read.EventTime > latest)
            latest = read.EventTime;
        if (latest - read.EventTime > read.Source.Lateness)
        {
            tally.Late++;
            return;
        }
        foreach (var match in matches)
            waiting.Add(match);
    }
}
