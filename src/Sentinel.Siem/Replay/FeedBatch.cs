using Npgsql;
using Sentinel.Siem.Correlation;
using Sentinel.Siem.Enrichment;
using Sentinel.Siem.Ingestion;
using Sentinel.Siem.Rules;

namespace Sentinel.Siem.Replay;

/// <summary>
/// Feeds a correlator with what was accepted, as in life: the raw events in their order, read by the
/// policies of their batch, with the enrichment that was stored with them.
/// </summary>
sealed class FeedBatch(
    NpgsqlConnection connection,
    Guid organisationId,
    PolicySets policies,
    IRawEventStore rawEvents
)
{
    readonly ReadStoredEvents events = new(connection, organisationId);
    PolicySet? set;
    LiveCorrelator? correlator;

    /// <summary>Begins where a correlator of that set stood; else with the first batch, from nothing.</summary>
    public void BeginWith(PolicySet reachedWith, LiveCorrelator reached)
    {
        set = reachedWith;
        correlator = reached;
    }

    /// <summary>Where the batches have brought it; null before the first.</summary>
    public (PolicySet Set, LiveCorrelator Correlator)? Reached =>
        correlator is null ? null : (set!, correlator);

    public async Task<CorrelationOutcome> RunAsync(
        StoredBatch batch,
        CancellationToken cancellation
    )
    {
        if (set?.Sha256 != batch.PolicySetSha256)
        {
            set = await policies.UsedAsync(
                connection,
                organisationId,
                batch.PolicySetSha256,
                cancellation
            );
            correlator = Successor(correlator, set, organisationId);
        }
        if (batch.Tick)
            return correlator!.Advance(batch.ReceivedAt);
        var raw = await rawEvents
            .ReadBatchAsync(connection, organisationId, batch.Number, cancellation)
            .ToListAsync(cancellation);
        return correlator!.Correlate(await EnrichedAsync(set, batch, raw, cancellation));
    }

    /// <summary>A new set of policies takes over the state of the rules that remain.</summary>
    public static LiveCorrelator Successor(
        LiveCorrelator? predecessor,
        PolicySet set,
        Guid organisationId
    )
    {
        var next = new LiveCorrelator(set.Policy.Fields, set.Policy.Rules, organisationId);
        if (predecessor is not null)
            next.Restore(predecessor.Save());
        return next;
    }

    /// <summary>The events of some raw events of a batch, as they were then.</summary>
    public Task<IReadOnlyList<EnrichedEvent>> EnrichedAsync(
        PolicySet policySet,
        StoredBatch batch,
        IReadOnlyList<StoredRawEvent> raw,
        CancellationToken cancellation
    ) => events.RunAsync(policySet.Policy, batch.ReadAs, raw, cancellation);
}
