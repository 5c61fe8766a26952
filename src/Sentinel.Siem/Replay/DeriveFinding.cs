using Npgsql;
using Sentinel.Siem.Correlation;
using Sentinel.Siem.Enrichment;
using Sentinel.Siem.Evidence;
using Sentinel.Siem.Findings;
using Sentinel.Siem.Ingestion;
using Sentinel.Siem.Normalisation;
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
    readonly Dictionary<long, StoredBatch> batches = [];
    readonly HashSet<Guid> raised = [];

    PolicySet? set;
    LiveCorrelator? correlator;

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
            await UseAsync(batch.PolicySetSha256, cancellation);
            var outcome = batch.Tick
                ? correlator!.Advance(batch.ReceivedAt)
                : correlator!.Correlate(await EventsOfAsync(batch, cancellation));
            foreach (var hit in outcome.Changes.Select(RaiseFinding.HitOf))
                if (hit is not null && raised.Add(hit.FindingId) && hit.FindingId == findingId)
                    return await ContentsAsync(hit, batch, cancellation);
            records += batch.RawEvents;
            progress?.Report(records);
        }
        return null;
    }

    /// <summary>As in life: a new set of policies takes over the state of the rules that remain.</summary>
    async Task UseAsync(string setSha256, CancellationToken cancellation)
    {
        if (set?.Sha256 == setSha256)
            return;
        var state = correlator?.Save();
        set = await policies.UsedAsync(connection, organisationId, setSha256, cancellation);
        correlator = new LiveCorrelator(set.Policy.Fields, set.Policy.Rules, organisationId);
        if (state is not null)
            correlator.Restore(state);
    }

    async Task<IReadOnlyList<EnrichedEvent>> EventsOfAsync(
        StoredBatch batch,
        CancellationToken cancellation
    )
    {
        var raw = await rawEvents
            .ReadBatchAsync(connection, organisationId, batch.Number, cancellation)
            .ToListAsync(cancellation);
        return await EnrichedAsync(set!, batch, raw, cancellation);
    }

    async Task<IReadOnlyList<EnrichedEvent>> EnrichedAsync(
        PolicySet policySet,
        StoredBatch batch,
        IReadOnlyList<StoredRawEvent> raw,
        CancellationToken cancellation
    )
    {
        var fields = policySet.Policy.Fields;
        var normaliser = new Normaliser(
            fields,
            policySet.Policy.Sources,
            ReadingOptions.From(batch.ReadAs)
        );
        var events = normaliser
            .Normalise([.. raw.Select(row => row.Raw)])
            .OfType<Reading.Normalised>()
            .Select(reading => reading.Event)
            .ToList();
        var stored = await EventStore.EnrichmentAsync(
            connection,
            organisationId,
            [.. events.Select(one => (one.Id, one.KeyTime))],
            cancellation
        );
        var enricher = new Enricher(fields, KnownThings.None);
        return
        [
            .. events.Select(one =>
                enricher.Restore(one, stored.TryGetValue(one.Id, out var rows) ? rows : [])
            ),
        ];
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
            var enriched = await EnrichedAsync(used, from, [.. group], cancellation);
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
