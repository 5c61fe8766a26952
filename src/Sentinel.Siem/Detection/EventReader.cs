using Sentinel.Siem.Correlation;
using Sentinel.Siem.Enrichment;
using Sentinel.Siem.Ingestion;
using Sentinel.Siem.Normalisation;

namespace Sentinel.Siem.Detection;

/// <summary>
/// One record after the other as far as it can be taken alone: read, enriched, and asked which rules take
/// it. Objects are used again, so that what no rule takes leaves nothing behind. For one thread.
/// </summary>
sealed class EventReader(Normaliser normaliser, Enricher enricher, EventMatcher matcher)
{
    public void Begin(RawEvent alike, RecordPositions positions) =>
        normaliser.Hand.Begin(alike, positions);

    /// <summary>The event, good until the next is read, and its matches; null, with the reason, for none.</summary>
    public NormalisedEvent? Read(
        in ReceivedRecord record,
        long index,
        List<RuleMatch> matches,
        out string? reason
    )
    {
        normaliser.Hand.Take(record, index);
        var read = normaliser.Read(null, out var refusal);
        reason = refusal.Reason;
        if (read is not null)
            matcher.Match(enricher.EnrichPassing(read), late: false, matches);
        return read;
    }
}
