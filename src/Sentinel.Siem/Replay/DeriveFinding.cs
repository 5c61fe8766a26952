using Npgsql;
using Sentinel.Siem.Correlation;
using Sentinel.Siem.Enrichment;
using Sentinel.Siem.Evidence;
using Sentinel.Siem.Findings;
using Sentinel.Siem.Ingestion;
using Sentinel.Siem.Rules;

namespace Sentinel.Siem.Replay;

/// <summary>
/// Derives a finding once more: raw events in order of acceptance, the policies and the enrichment of
/// their time. Runs on a connection of a role that cannot see hits, findings or packages.
/// </summary>
sealed class DeriveFinding(
    NpgsqlConnection connection,
    Guid organisationId,
    PolicySets policies,
    IRawEventStore rawEvents
)
{
    readonly FeedBatch stored = new(connection, organisationId, policies, rawEvents);
    readonly Dictionary<long, StoredBatch> batches = [];
    readonly HashSet<Guid> raised = [];

    /// <summary>The package's contents as they derive, or null where no such finding does.</summary>
    public async Task<PackageContents?> RunAsync(
        Guid findingId,
        IProgress<long>? progress,
        CancellationToken cancellation
    )
    {
        var records = 0L;
        foreach (var batch in await BatchStore.ListAsync(connection, organisationId, cancellation))
        {
            batches.Add(batch.Number, batch);
            var outcome = await stored.RunAsync(batch, cancellation);
            foreach (var hit in outcome.Changes.Select(RaiseFinding.HitOf))
                if (hit is not null && raised.Add(hit.FindingId) && hit.FindingId == findingId)
                    return await ContentsAsync(hit, batch, cancellation);
            records += batch.RawEvents;
            progress?.Report(records);
        }
        return null;
    }

    async Task<PackageContents> ContentsAsync(
        CorrelationHit hit,
        StoredBatch batch,
        CancellationToken cancellation
    )
    {
        var finding = Finding.From(
            hit with
            {
                Suppressed = false,
            },
            organisationId,
            batch.CorrelationId,
            batch.ReceivedAt
        )!;
        var raw = await rawEvents
            .ReadAsync(
                connection,
                organisationId,
                [.. hit.Events.Select(one => (one.RawEventId, one.KeyTime))],
                cancellation
            )
            .ToListAsync(cancellation);
        var rows = new List<EventRow>();
        foreach (var group in raw.GroupBy(row => row.BatchNumber))
        {
            var from = batches[group.Key];
            var used = await policies.UsedAsync(
                connection,
                organisationId,
                from.PolicySetSha256,
                cancellation
            );
            var enriched = await stored.EnrichedAsync(used, from, [.. group], cancellation);
            rows.AddRange(enriched.Select(one => EventRow.From(one, used.Policy.Fields)));
        }
        var rule = await policies.TextAsync(
            connection,
            organisationId,
            hit.PolicySha256,
            cancellation
        );
        return new PackageContents(finding, HitJson.Of(hit), rule.Text, raw, rows);
    }
}
