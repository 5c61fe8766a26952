using System.Text.Json;
using Sentinel.Postgres.Access;
using Sentinel.Siem.Correlation;
using Sentinel.Siem.Ingestion;

namespace Sentinel.Siem.Findings;

/// <summary>Matches that their rules mean to be so, as they became final.</summary>
static class ExceptedHitStore
{
    const string Columns = """
        e.id, r.name, e.triggered_at, e.key::text, e.reason, e.canonical::jsonb ->> 'message'
        FROM siem.excepted_hits e
        JOIN siem.correlation_rules r ON r.organisation_id = e.organisation_id AND r.id = e.rule_id
        """;

    /// <summary>Within the batch's transaction; one that was listed before stays as it is.</summary>
    public static async Task AppendAsync(
        PresentedTransaction work,
        IReadOnlyList<CorrelationHit> hits,
        long batchNumber,
        CancellationToken cancellation
    )
    {
        const string sql = """
            INSERT INTO siem.excepted_hits (organisation_id, id, rule_id, triggered_at, key, reason,
                canonical, batch_number)
            SELECT $1, h.id, h.rule_id, h.triggered_at, h.key::jsonb, h.reason, h.canonical, $2
            FROM unnest($3, $4, $5, $6, $7, $8)
                AS h (id, rule_id, triggered_at, key, reason, canonical)
            ON CONFLICT (organisation_id, id) DO NOTHING
            """;
        if (hits.Count == 0)
            return;
        await using var command = work.Command(sql);
        var add = command.Parameters;
        add.AddWithValue(work.Actor.OrganisationId);
        add.AddWithValue(batchNumber);
        add.AddWithValue(hits.Select(hit => hit.Id).ToArray());
        add.AddWithValue(hits.Select(hit => hit.RuleId).ToArray());
        add.AddWithValue(hits.Select(hit => hit.Last.ToUniversalTime()).ToArray());
        add.AddWithValue(hits.Select(hit => HitJson.Of(hit.Key)).ToArray());
        add.AddWithValue(hits.Select(hit => Storable.Text(hit.Excepted!)).ToArray());
        add.AddWithValue(hits.Select(HitJson.OfLater).ToArray());
        await command.ExecuteNonQueryAsync(cancellation);
    }

    /// <summary>The latest first.</summary>
    public static async Task<IReadOnlyList<ExceptedHit>> ListAsync(
        PresentedTransaction work,
        (DateTimeOffset From, DateTimeOffset To) range,
        int limit,
        CancellationToken cancellation
    )
    {
        const string sql =
            $"SELECT {Columns} "
            + """
                WHERE e.organisation_id = $1 AND e.triggered_at >= $2 AND e.triggered_at < $3
                ORDER BY e.triggered_at DESC, e.id LIMIT $4
                """;
        await using var command = work.Command(sql);
        command.Parameters.AddWithValue(work.Actor.OrganisationId);
        command.Parameters.AddWithValue(range.From.ToUniversalTime());
        command.Parameters.AddWithValue(range.To.ToUniversalTime());
        command.Parameters.AddWithValue(limit);
        return await ReadAsync(command, cancellation);
    }

    /// <summary>Those of the rule and key of a finding, the latest first.</summary>
    public static async Task<IReadOnlyList<ExceptedHit>> OfFindingAsync(
        PresentedTransaction work,
        Finding finding,
        int limit,
        CancellationToken cancellation
    )
    {
        const string sql =
            $"SELECT {Columns} "
            + """
                JOIN siem.correlation_hits h ON h.organisation_id = e.organisation_id AND h.id = $2
                WHERE e.organisation_id = $1 AND r.name = $3 AND e.key = h.key
                ORDER BY e.triggered_at DESC, e.id LIMIT $4
                """;
        await using var command = work.Command(sql);
        command.Parameters.AddWithValue(work.Actor.OrganisationId);
        command.Parameters.AddWithValue(finding.HitId);
        command.Parameters.AddWithValue(finding.RuleName);
        command.Parameters.AddWithValue(limit);
        return await ReadAsync(command, cancellation);
    }

    public static async Task<ExceptedHit?> FindAsync(
        PresentedTransaction work,
        Guid id,
        CancellationToken cancellation
    )
    {
        const string sql = $"SELECT {Columns} WHERE e.organisation_id = $1 AND e.id = $2";
        await using var command = work.Command(sql);
        command.Parameters.AddWithValue(work.Actor.OrganisationId);
        command.Parameters.AddWithValue(id);
        return (await ReadAsync(command, cancellation)).SingleOrDefault();
    }

    static async Task<IReadOnlyList<ExceptedHit>> ReadAsync(
        Npgsql.NpgsqlCommand command,
        CancellationToken cancellation
    )
    {
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var hits = new List<ExceptedHit>();
        while (await reader.ReadAsync(cancellation))
            hits.Add(
                new ExceptedHit(
                    reader.GetGuid(0),
                    reader.GetString(1),
                    reader.GetFieldValue<DateTimeOffset>(2),
                    JsonSerializer.Deserialize<Dictionary<string, string>>(reader.GetString(3))!,
                    reader.GetString(4),
                    reader.GetString(5)
                )
            );
        return hits;
    }
}

/// <summary>A match that an exception of its rule means to be so.</summary>
/// <param name="Because">The exception's reason.</param>
public sealed record ExceptedHit(
    Guid HitId,
    string Rule,
    DateTimeOffset Last,
    IReadOnlyDictionary<string, string> Key,
    string Because,
    string Message
);
