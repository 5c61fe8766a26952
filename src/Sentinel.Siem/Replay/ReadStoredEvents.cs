using Npgsql;
using Sentinel.Policies;
using Sentinel.Siem.Enrichment;
using Sentinel.Siem.Ingestion;
using Sentinel.Siem.Normalisation;

namespace Sentinel.Siem.Replay;

/// <summary>Raw events as the events that some sources make of them, with the enrichment of their time.</summary>
sealed class ReadStoredEvents(NpgsqlConnection connection, Guid organisationId)
{
    (Policy Policy, string ReadAs, Normaliser Normaliser)? last;

    public async Task<IReadOnlyList<EnrichedEvent>> RunAsync(
        Policy policy,
        string readAs,
        IReadOnlyList<StoredRawEvent> raw,
        CancellationToken cancellation
    )
    {
        if (last is not { } kept || kept.Policy != policy || kept.ReadAs != readAs)
        {
            var options = ReadingOptions.From(readAs);
            var normaliser = new Normaliser(policy.Fields, policy.Sources, options);
            last = kept = (policy, readAs, normaliser);
        }
        var events = kept
            .Normaliser.Normalise([.. raw.Select(row => row.Raw)])
            .OfType<Reading.Normalised>()
            .Select(reading => reading.Event)
            .ToList();
        var stored = await EventStore.EnrichmentAsync(
            connection,
            organisationId,
            [.. events.Select(one => (one.Id, one.KeyTime))],
            cancellation
        );
        var enricher = new Enricher(policy.Fields, KnownThings.None);
        return
        [
            .. events.Select(one =>
                enricher.Restore(one, stored.TryGetValue(one.Id, out var rows) ? rows : [])
            ),
        ];
    }
}
