using System.Text.Json;
using Npgsql;
using NpgsqlTypes;
using Sentinel.Postgres.Access;
using Sentinel.Siem.Ingestion;

namespace Sentinel.Siem.Findings;

/// <summary>Findings as rows; the database lets them go forward only.</summary>
static class FindingStore
{
    internal const string Columns = """
        f.id, f.organisation_id, f.correlation_id, f.finding_type, f.severity, f.confidence, f.status,
        f.created_at, f.hit_id, f.rule_id, r.name, f.policy_sha256, f.summary, f.fields::text, f.asset_ids,
        f.psa_case_id
        """;

    const string From = """
        FROM siem.siem_findings f
        JOIN siem.correlation_rules r
            ON r.organisation_id = f.organisation_id AND r.id = f.rule_id
        """;

    public static async Task<HashSet<Guid>> ExistingAsync(
        PresentedTransaction work,
        IReadOnlyCollection<Guid> ids,
        CancellationToken cancellation
    )
    {
        const string sql = """
            SELECT id FROM siem.siem_findings WHERE organisation_id = $1 AND id = ANY ($2)
            """;
        await using var command = work.Command(sql);
        command.Parameters.AddWithValue(work.Actor.OrganisationId);
        command.Parameters.AddWithValue(ids.ToArray());
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var existing = new HashSet<Guid>();
        while (await reader.ReadAsync(cancellation))
            existing.Add(reader.GetGuid(0));
        return existing;
    }

    /// <returns>False where the finding is there already.</returns>
    public static async Task<bool> TryInsertAsync(
        PresentedTransaction work,
        Finding finding,
        CancellationToken cancellation
    )
    {
        const string sql = """
            INSERT INTO siem.siem_findings (organisation_id, id, finding_type, severity, confidence,
                created_at, summary, fields, asset_ids, rule_id, hit_id, policy_sha256, correlation_id)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
            ON CONFLICT (organisation_id, id) DO NOTHING
            """;
        await using var command = work.Command(sql);
        var add = command.Parameters;
        add.AddWithValue(work.Actor.OrganisationId);
        add.AddWithValue(finding.Id);
        add.AddWithValue(finding.Type);
        add.AddWithValue(finding.Severity);
        add.AddWithValue(finding.Confidence);
        add.AddWithValue(finding.CreatedAt.ToUniversalTime());
        add.AddWithValue(Storable.Text(finding.Summary));
        add.AddWithValue(NpgsqlDbType.Jsonb, HitJson.Of(finding.Fields));
        add.AddWithValue(finding.AssetIds.ToArray());
        add.AddWithValue(finding.RuleId);
        add.AddWithValue(finding.HitId);
        add.AddWithValue(finding.PolicySha256);
        add.AddWithValue(finding.CorrelationId);
        return await command.ExecuteNonQueryAsync(cancellation) == 1;
    }

    public static async Task LinkEventsAsync(
        PresentedTransaction work,
        Guid findingId,
        IReadOnlyList<(Guid EventId, DateTimeOffset KeyTime)> events,
        CancellationToken cancellation
    )
    {
        const string sql = """
            INSERT INTO siem.finding_events (organisation_id, finding_id, event_id, key_time)
            SELECT $1, $2, e.id, e.key_time FROM unnest($3, $4) AS e (id, key_time)
            """;
        if (events.Count == 0)
            return;
        await using var command = work.Command(sql);
        command.Parameters.AddWithValue(work.Actor.OrganisationId);
        command.Parameters.AddWithValue(findingId);
        command.Parameters.AddWithValue(events.Select(found => found.EventId).ToArray());
        command.Parameters.AddWithValue(
            events.Select(found => found.KeyTime.ToUniversalTime()).ToArray()
        );
        await command.ExecuteNonQueryAsync(cancellation);
    }

    public static async Task<IReadOnlyList<(Guid Id, DateTimeOffset KeyTime)>> EventsOfAsync(
        PresentedTransaction work,
        Guid findingId,
        CancellationToken cancellation
    )
    {
        const string sql = """
            SELECT event_id, key_time FROM siem.finding_events
            WHERE organisation_id = $1 AND finding_id = $2
            ORDER BY event_id
            """;
        await using var command = work.Command(sql);
        command.Parameters.AddWithValue(work.Actor.OrganisationId);
        command.Parameters.AddWithValue(findingId);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var events = new List<(Guid, DateTimeOffset)>();
        while (await reader.ReadAsync(cancellation))
            events.Add((reader.GetGuid(0), reader.GetFieldValue<DateTimeOffset>(1)));
        return events;
    }

    public static Task<Finding?> FindAsync(
        PresentedTransaction work,
        Guid id,
        CancellationToken cancellation
    ) =>
        OneAsync(
            work,
            $"SELECT {Columns} {From} WHERE f.organisation_id = $1 AND f.id = $2",
            id,
            cancellation
        );

    /// <summary>The finding, held until the transaction ends.</summary>
    public static Task<Finding?> LockAsync(
        PresentedTransaction work,
        Guid id,
        CancellationToken cancellation
    ) =>
        OneAsync(
            work,
            $"SELECT {Columns} {From} WHERE f.organisation_id = $1 AND f.id = $2 FOR UPDATE OF f",
            id,
            cancellation
        );

    public static async Task<IReadOnlyList<Finding>> ListAsync(
        PresentedTransaction work,
        FindingState? state,
        int limit,
        CancellationToken cancellation
    )
    {
        const string sql =
            "SELECT "
            + Columns
            + "\n"
            + From
            + "\n"
            + """
                WHERE f.organisation_id = $1 AND ($2 IS NULL OR f.status = $2)
                ORDER BY f.created_at DESC, f.id DESC
                LIMIT $3
                """;
        await using var command = work.Command(sql);
        command.Parameters.AddWithValue(work.Actor.OrganisationId);
        AddNullable(command.Parameters, NpgsqlDbType.Text, state is { } one ? NameOf(one) : null);
        command.Parameters.AddWithValue(limit);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var findings = new List<Finding>();
        while (await reader.ReadAsync(cancellation))
            findings.Add(Read(reader));
        return findings;
    }

    /// <summary>New findings for which no escalation policy has been asked yet.</summary>
    public static async Task<IReadOnlyList<Guid>> UnjudgedAsync(
        PresentedTransaction work,
        CancellationToken cancellation
    )
    {
        const string sql = """
            SELECT f.id FROM siem.siem_findings f
            WHERE f.organisation_id = $1 AND f.status = 'new' AND NOT EXISTS (
                SELECT FROM siem.escalation_decisions d
                WHERE d.organisation_id = f.organisation_id AND d.finding_id = f.id)
            ORDER BY f.created_at, f.id
            """;
        await using var command = work.Command(sql);
        command.Parameters.AddWithValue(work.Actor.OrganisationId);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var ids = new List<Guid>();
        while (await reader.ReadAsync(cancellation))
            ids.Add(reader.GetGuid(0));
        return ids;
    }

    public static async Task SetStateAsync(
        PresentedTransaction work,
        Guid id,
        FindingState state,
        Guid? psaCaseId,
        CancellationToken cancellation
    )
    {
        const string sql = """
            UPDATE siem.siem_findings SET status = $3, psa_case_id = $4
            WHERE organisation_id = $1 AND id = $2
            """;
        await using var command = work.Command(sql);
        command.Parameters.AddWithValue(work.Actor.OrganisationId);
        command.Parameters.AddWithValue(id);
        command.Parameters.AddWithValue(NameOf(state));
        AddNullable(command.Parameters, NpgsqlDbType.Uuid, psaCaseId);
        await command.ExecuteNonQueryAsync(cancellation);
    }

    public static string NameOf(FindingState state) =>
        state switch
        {
            FindingState.New => "new",
            FindingState.Escalating => "escalating",
            FindingState.Escalated => "escalated",
        };

    static async Task<Finding?> OneAsync(
        PresentedTransaction work,
        string sql,
        Guid id,
        CancellationToken cancellation
    )
    {
        await using var command = work.Command(sql);
        command.Parameters.AddWithValue(work.Actor.OrganisationId);
        command.Parameters.AddWithValue(id);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        return await reader.ReadAsync(cancellation) ? Read(reader) : null;
    }

    static Finding Read(NpgsqlDataReader reader) =>
        new()
        {
            Id = reader.GetGuid(0),
            OrganisationId = reader.GetGuid(1),
            CorrelationId = reader.GetGuid(2),
            Type = reader.GetString(3),
            Severity = reader.GetInt32(4),
            Confidence = reader.GetInt32(5),
            State = Enum.Parse<FindingState>(reader.GetString(6), ignoreCase: true),
            CreatedAt = reader.GetFieldValue<DateTimeOffset>(7),
            HitId = reader.GetGuid(8),
            RuleId = reader.GetGuid(9),
            RuleName = reader.GetString(10),
            PolicySha256 = reader.GetString(11),
            Summary = reader.GetString(12),
            Fields = JsonSerializer.Deserialize<SortedDictionary<string, string>>(
                reader.GetString(13)
            )!,
            AssetIds = reader.GetFieldValue<Guid[]>(14),
            PsaCaseId = reader.IsDBNull(15) ? null : reader.GetGuid(15),
        };

    static void AddNullable(NpgsqlParameterCollection add, NpgsqlDbType type, object? value) =>
        add.Add(new NpgsqlParameter { NpgsqlDbType = type, Value = value ?? DBNull.Value });
}
