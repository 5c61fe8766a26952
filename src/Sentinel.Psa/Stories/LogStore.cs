using System.Runtime.CompilerServices;
using System.Text.Json;
using Npgsql;
using Sentinel.Postgres.Access;
using Sentinel.Psa.Audit;

namespace Sentinel.Psa.Stories;

/// <summary>Reads a case's rows from the audit log, up to a moment, and from nowhere else.</summary>
static class LogStore
{
    const int RowsMax = 200_000;

    const string Selected = """
        SELECT a.position, a.timestamp, a.actor_id, a.actor_kind, a.on_behalf_of, a.action, a.entity_type,
            a.entity_id, a.subject_id, a.metadata::text
        FROM psa.audit_log a

        """;

    /// <summary>
    /// The case's own rows, and those by which other cases point to it, in the order of the log.
    /// </summary>
    public static async Task<IReadOnlyList<LoggedRow>> OfCaseAsync(
        PresentedTransaction work,
        Guid caseId,
        DateTimeOffset asOf,
        CancellationToken cancellation
    )
    {
        // The table only says in which other stories to look.
        const string sql =
            Selected
            + """
                WHERE a.organisation_id = $1 AND a.timestamp <= $3 AND (a.subject_id = $2
                    OR a.subject_id = ANY (ARRAY(SELECT r.child_case_id FROM psa.case_relationships r
                            WHERE r.organisation_id = $1 AND r.parent_case_id = $2))
                        AND (a.entity_type = 'case_relationship' AND a.metadata ->> 'parent_case_id' = $2::text
                            OR a.entity_type = 'tombstone' AND a.metadata ->> 'entity_id' = ANY (ARRAY(
                                SELECT r.id::text FROM psa.case_relationships r
                                WHERE r.organisation_id = $1 AND r.parent_case_id = $2))))
                ORDER BY a.position LIMIT $4
                """;
        await using var command = work.Command(sql)
            .With(work.Actor.OrganisationId, caseId, asOf, RowsMax);
        return await ReadAsync(command, cancellation);
    }

    /// <summary>What the log knew then of people, machines, queues, assets and other cases.</summary>
    public static async Task<IReadOnlyList<LoggedRow>> OfOthersAsync(
        PresentedTransaction work,
        IReadOnlyCollection<Guid> ids,
        DateTimeOffset asOf,
        CancellationToken cancellation
    )
    {
        const string sql =
            Selected
            + """
                WHERE a.organisation_id = $1 AND a.subject_id = ANY ($2) AND a.timestamp <= $3
                  AND a.entity_type IN ('user', 'machine', 'queue', 'asset', 'sla_policy', 'case')
                  AND a.action NOT LIKE '%.refused'
                ORDER BY a.position LIMIT $4
                """;
        await using var command = work.Command(sql)
            .With(work.Actor.OrganisationId, ids.ToArray(), asOf, RowsMax);
        return await ReadAsync(command, cancellation);
    }

    /// <summary>Every row about things of these kinds, one after the other: a log may be long.</summary>
    public static async IAsyncEnumerable<LoggedRow> OfKindsAsync(
        PresentedTransaction work,
        IReadOnlyCollection<string> kinds,
        DateTimeOffset asOf,
        [EnumeratorCancellation] CancellationToken cancellation
    )
    {
        const string sql =
            Selected
            + """
                WHERE a.organisation_id = $1 AND a.entity_type = ANY ($2) AND a.timestamp <= $3
                  AND a.action NOT LIKE '%.refused'
                ORDER BY a.position
                """;
        await using var command = work.Command(sql)
            .With(work.Actor.OrganisationId, kinds.ToArray(), asOf);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
            yield return Read(reader);
    }

    static async Task<IReadOnlyList<LoggedRow>> ReadAsync(
        NpgsqlCommand command,
        CancellationToken cancellation
    )
    {
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        List<LoggedRow> rows = [];
        while (await reader.ReadAsync(cancellation))
            rows.Add(Read(reader));
        return rows;
    }

    static LoggedRow Read(NpgsqlDataReader reader)
    {
        using var detail = JsonDocument.Parse(reader.GetString(9));
        return new LoggedRow(
            reader.GetInt64(0),
            reader.GetFieldValue<DateTimeOffset>(1),
            reader.GetGuid(2),
            reader.GetString(3),
            reader.GuidOrNull(4),
            reader.GetString(5),
            reader.GetString(6),
            reader.GuidOrNull(7),
            reader.GuidOrNull(8),
            detail.RootElement.Clone()
        );
    }
}
