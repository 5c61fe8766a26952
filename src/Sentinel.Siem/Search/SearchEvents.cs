using Sentinel.Policies;
using Sentinel.Policies.Model;
using Sentinel.Postgres;
using Sentinel.Postgres.Access;
using Sentinel.Siem.Enrichment;
using Sentinel.Siem.Ingestion;
using Sentinel.Siem.Rules;

namespace Sentinel.Siem.Search;

public abstract record SearchOutcome
{
    /// <param name="Events">The latest first.</param>
    /// <param name="Scanned">How many stored events were looked at.</param>
    /// <param name="More">Whether the limit ended the search.</param>
    public sealed record EventsFound(IReadOnlyList<FoundEvent> Events, long Scanned, bool More)
        : SearchOutcome;

    /// <param name="Diagnostics">All that is wrong with the query, with places in it.</param>
    public sealed record Unclear(IReadOnlyList<Diagnostic> Diagnostics) : SearchOutcome;

    public sealed record Refused(string Reason) : SearchOutcome;
}

public sealed record FoundEvent(EventRow Event, StoredRawEvent Raw);

/// <summary>Stored events by a condition of the policy language, as it would stand behind <c>where</c>.</summary>
public sealed class SearchEvents(
    SentinelDatabase database,
    PolicySets policies,
    IRawEventStore rawEvents
)
{
    public const int EventsMax = 10_000;

    /// <param name="query">
    /// Empty for every event that is online; the id of an event or of its raw event, wherever it is.
    /// </param>
    /// <param name="from">The first time that counts, or null; times that are not credible count as received.</param>
    /// <param name="to">The first time that counts no more, or null.</param>
    public async Task<SearchOutcome> RunAsync(
        Secret secret,
        string query,
        DateTimeOffset? from,
        DateTimeOffset? to,
        int limit,
        CancellationToken cancellation
    )
    {
        await using var work = await PresentedTransaction.BeginAsync(
            database.Siem,
            secret,
            cancellation
        );
        if (await PermissionStore.RefusalAsync(work, "event.search", cancellation) is { } refusal)
            return new SearchOutcome.Refused(refusal);
        if (Guid.TryParse(query, out var id))
            return await ByIdAsync(work, id, cancellation);
        var set = await policies.ActiveAsync(work, cancellation);
        IReadOnlyList<Condition> conditions = [];
        if (!string.IsNullOrWhiteSpace(query))
        {
            var load = Query.Load(query, set.Policy.Fields, set.Policy.Lists);
            if (load is QueryLoad.Rejected rejected)
                return new SearchOutcome.Unclear(rejected.Diagnostics);
            conditions = ((QueryLoad.Loaded)load).Conditions;
        }
        return await ScanAsync(
            work,
            conditions,
            (from ?? DateTimeOffset.MinValue, to ?? DateTimeOffset.MaxValue),
            Math.Clamp(limit, 1, EventsMax),
            cancellation
        );
    }

    // One event, also of an archived day.
    async Task<SearchOutcome> ByIdAsync(
        PresentedTransaction work,
        Guid id,
        CancellationToken cancellation
    )
    {
        var keys = await EventStore.KeysAsync(work, id, cancellation);
        return new SearchOutcome.EventsFound(
            await LoadAsync(work, keys, cancellation),
            keys.Count,
            More: false
        );
    }

    async Task<SearchOutcome> ScanAsync(
        PresentedTransaction work,
        IReadOnlyList<Condition> conditions,
        (DateTimeOffset From, DateTimeOffset To) range,
        int limit,
        CancellationToken cancellation
    )
    {
        Field[] reads = [.. conditions.SelectMany(one => one.Reads).DistinctBy(f => f.Ordinal)];
        var keys = new List<(Guid Id, DateTimeOffset KeyTime)>();
        var scanned = 0L;
        var more = false;
        await foreach (var stored in EventStore.ScanAsync(work, range, cancellation))
        {
            scanned++;
            var values = new StoredValues(stored.FieldsJson, reads);
            if (!conditions.All(condition => condition.Holds(values)))
                continue;
            if (keys.Count == limit)
            {
                more = true;
                break;
            }
            keys.Add((stored.Id, stored.KeyTime));
        }
        return new SearchOutcome.EventsFound(
            await LoadAsync(work, keys, cancellation),
            scanned,
            more
        );
    }

    async Task<IReadOnlyList<FoundEvent>> LoadAsync(
        PresentedTransaction work,
        IReadOnlyList<(Guid Id, DateTimeOffset KeyTime)> keys,
        CancellationToken cancellation
    )
    {
        var organisationId = work.Actor.OrganisationId;
        var rows = await EventStore
            .ReadAsync(work.Connection, organisationId, keys, cancellation)
            .ToListAsync(cancellation);
        var raw = await rawEvents
            .ReadAsync(
                work.Connection,
                organisationId,
                [.. rows.Select(row => (row.RawEventId, row.KeyTime))],
                cancellation
            )
            .ToDictionaryAsync(row => row.Id, cancellationToken: cancellation);
        return
        [
            .. rows.Where(row => raw.ContainsKey(row.RawEventId))
                .OrderByDescending(row => row.KeyTime)
                .ThenByDescending(row => row.Id)
                .Select(row => new FoundEvent(row, raw[row.RawEventId])),
        ];
    }
}
