using System.Text.Json;
using Npgsql;
using Sentinel.Postgres.Access;
using Sentinel.Siem.Findings;

namespace Sentinel.Siem.Explain;

/// <summary>What became of a finding's hit, and of the finding.</summary>
static class ExplainStore
{
    const int LaterListedMax = 100;
    const string MatchColumns = "h.id, r.name, h.last_time, h.canonical::jsonb ->> 'message'";

    const string Matches = """
        FROM siem.correlation_hits h
        JOIN siem.correlation_rules r ON r.organisation_id = h.organisation_id AND r.id = h.rule_id
        """;

    /// <summary>The id itself, or that of the finding on which a hit of this id is counted.</summary>
    public static async Task<Guid> FindingOfAsync(
        PresentedTransaction work,
        Guid id,
        CancellationToken cancellation
    )
    {
        const string sql = """
            SELECT finding_id FROM siem.correlation_hits WHERE organisation_id = $1 AND id = $2
            """;
        await using var command = work.Command(sql);
        command.Parameters.AddWithValue(work.Actor.OrganisationId);
        command.Parameters.AddWithValue(id);
        return await command.ExecuteScalarAsync(cancellation) is Guid finding ? finding : id;
    }

    /// <summary>The set of policies that ran when the hit fired.</summary>
    public static async Task<string> PolicySetAsync(
        PresentedTransaction work,
        Guid hitId,
        CancellationToken cancellation
    )
    {
        const string sql = """
            SELECT b.policy_set_sha256 FROM siem.correlation_hits h
            JOIN siem.batches b ON b.organisation_id = h.organisation_id AND b.number = h.batch_number
            WHERE h.organisation_id = $1 AND h.id = $2
            """;
        await using var command = work.Command(sql);
        command.Parameters.AddWithValue(work.Actor.OrganisationId);
        command.Parameters.AddWithValue(hitId);
        return (string)(await command.ExecuteScalarAsync(cancellation))!;
    }

    /// <summary>How many later matches are counted on a finding, and the first of them.</summary>
    public static async Task<(long Count, IReadOnlyList<StoredMatch> Listed)> LaterMatchesAsync(
        PresentedTransaction work,
        Finding finding,
        CancellationToken cancellation
    )
    {
        const string count = """
            SELECT count(*) FROM siem.correlation_hits
            WHERE organisation_id = $1 AND finding_id = $2 AND id <> $3
            """;
        const string list =
            $"SELECT {MatchColumns} {Matches} "
            + """
                WHERE h.organisation_id = $1 AND h.finding_id = $2 AND h.id <> $3
                ORDER BY h.last_time, h.id LIMIT $4
                """;
        await using var counting = Command(count);
        var all = (long)(await counting.ExecuteScalarAsync(cancellation))!;
        await using var listing = Command(list);
        listing.Parameters.AddWithValue(LaterListedMax);
        return (all, await ReadMatchesAsync(listing, cancellation));

        NpgsqlCommand Command(string sql)
        {
            var command = work.Command(sql);
            command.Parameters.AddWithValue(work.Actor.OrganisationId);
            command.Parameters.AddWithValue(finding.Id);
            command.Parameters.AddWithValue(finding.HitId);
            return command;
        }
    }

    /// <summary>The hits of other rules that a hit is made of.</summary>
    public static async Task<IReadOnlyList<StoredMatch>> CausesAsync(
        PresentedTransaction work,
        string hitJson,
        CancellationToken cancellation
    )
    {
        const string sql =
            $"SELECT {MatchColumns} {Matches} "
            + "WHERE h.organisation_id = $1 AND h.id = ANY ($2) ORDER BY h.last_time, h.id";
        using var hit = JsonDocument.Parse(hitJson);
        if (!hit.RootElement.TryGetProperty("from", out var from))
            return [];
        await using var command = work.Command(sql);
        command.Parameters.AddWithValue(work.Actor.OrganisationId);
        command.Parameters.AddWithValue(from.EnumerateArray().Select(id => id.GetGuid()).ToArray());
        return await ReadMatchesAsync(command, cancellation);
    }

    static async Task<IReadOnlyList<StoredMatch>> ReadMatchesAsync(
        NpgsqlCommand command,
        CancellationToken cancellation
    )
    {
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var matches = new List<StoredMatch>();
        while (await reader.ReadAsync(cancellation))
            matches.Add(
                new StoredMatch(
                    reader.GetGuid(0),
                    reader.GetString(1),
                    reader.GetFieldValue<DateTimeOffset>(2),
                    reader.GetString(3)
                )
            );
        return matches;
    }

    public static async Task<string?> SettlementAsync(
        PresentedTransaction work,
        Guid hitId,
        CancellationToken cancellation
    )
    {
        const string sql = """
            SELECT outcome FROM siem.hit_settlements WHERE organisation_id = $1 AND hit_id = $2
            ORDER BY batch_number DESC LIMIT 1
            """;
        await using var command = work.Command(sql);
        command.Parameters.AddWithValue(work.Actor.OrganisationId);
        command.Parameters.AddWithValue(hitId);
        return (string?)await command.ExecuteScalarAsync(cancellation);
    }

    /// <summary>The raw event of this id, or of the event of this id; null where there is neither.</summary>
    public static async Task<(Guid Id, DateTimeOffset KeyTime)?> RawEventOfAsync(
        PresentedTransaction work,
        Guid id,
        CancellationToken cancellation
    )
    {
        const string sql = """
            SELECT raw_event_id, key_time FROM siem.all_events WHERE organisation_id = $1 AND id = $2
            UNION ALL
            SELECT id, key_time FROM siem.all_raw_events WHERE organisation_id = $1 AND id = $2
            """;
        await using var command = work.Command(sql);
        command.Parameters.AddWithValue(work.Actor.OrganisationId);
        command.Parameters.AddWithValue(id);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        return await reader.ReadAsync(cancellation)
            ? (reader.GetGuid(0), reader.GetFieldValue<DateTimeOffset>(1))
            : null;
    }

    /// <summary>Why nobody could read a raw event when it came.</summary>
    public static async Task<string?> FailureAsync(
        PresentedTransaction work,
        Guid rawEventId,
        CancellationToken cancellation
    )
    {
        const string sql = """
            SELECT reason FROM siem.all_ingest_failures WHERE organisation_id = $1 AND raw_event_id = $2
            """;
        await using var command = work.Command(sql);
        command.Parameters.AddWithValue(work.Actor.OrganisationId);
        command.Parameters.AddWithValue(rawEventId);
        return (string?)await command.ExecuteScalarAsync(cancellation);
    }

    /// <summary>Where each batch came from.</summary>
    public static async Task<Dictionary<long, string>> PlacesAsync(
        PresentedTransaction work,
        CancellationToken cancellation
    )
    {
        const string sql = """
            SELECT b.number, i.name FROM siem.batches b
            JOIN siem.inputs i ON i.organisation_id = b.organisation_id AND i.id = b.input_id
            WHERE b.organisation_id = $1
            """;
        await using var command = work.Command(sql);
        command.Parameters.AddWithValue(work.Actor.OrganisationId);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var places = new Dictionary<long, string>();
        while (await reader.ReadAsync(cancellation))
            places.Add(reader.GetInt64(0), reader.GetString(1));
        return places;
    }

    public static async Task<IReadOnlyList<PassedOn>> EscalationsAsync(
        PresentedTransaction work,
        Guid findingId,
        CancellationToken cancellation
    )
    {
        const string sql = """
            SELECT o.escalation::text, o.created_at, o.attempts, o.last_error, r.psa_case_id,
                r.received_at
            FROM siem.outbox o
            LEFT JOIN siem.escalation_receipts r ON r.organisation_id = o.organisation_id
                AND r.escalation_id = o.escalation_id
            WHERE o.organisation_id = $1 AND o.finding_id = $2
            ORDER BY o.created_at, o.escalation_id
            """;
        await using var command = work.Command(sql);
        command.Parameters.AddWithValue(work.Actor.OrganisationId);
        command.Parameters.AddWithValue(findingId);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var escalations = new List<PassedOn>();
        while (await reader.ReadAsync(cancellation))
        {
            var escalation = JsonSerializer.Deserialize<Sentinel.Contract.Escalation>(
                reader.GetString(0)
            )!;
            escalations.Add(
                new PassedOn(
                    escalation.Id,
                    escalation.DecidedBy.Name,
                    escalation.DecidedBy.Version,
                    escalation.DecidedBy.Sha256,
                    reader.GetFieldValue<DateTimeOffset>(1),
                    reader.GetInt32(2),
                    reader.IsDBNull(3) ? null : reader.GetString(3),
                    reader.IsDBNull(4) ? null : reader.GetGuid(4),
                    reader.IsDBNull(5) ? null : reader.GetFieldValue<DateTimeOffset>(5)
                )
            );
        }
        return escalations;
    }
}
