using Npgsql;
using Sentinel.Postgres.Access;
using Sentinel.Psa.Audit;

namespace Sentinel.Psa.Cases;

static class CaseStore
{
    const string Selected = """
        SELECT c.id, c.number, c.case_type, c.source_system, coalesce((
                SELECT s.severity FROM psa.case_severities s WHERE s.case_id = c.id
                ORDER BY s.decided_at DESC, s.id DESC LIMIT 1), c.severity), c.confidence, c.status,
            c.summary, c.opened_at, c.responded_at, c.resolved_at, c.closed_at, c.opened_by,
            c.resolved_by, c.closed_by, q.name, c.owner_id, c.correlation_id, c.finding_id,
            c.policy_name, c.policy_version, c.policy_sha256, c.severity
        FROM psa.cases c LEFT JOIN psa.queues q ON q.id = c.queue_id

        """;

    public static async Task<Case?> FindAsync(
        PresentedTransaction work,
        Guid caseId,
        CancellationToken cancellation
    )
    {
        await using var command = work.Command(Selected + "WHERE c.id = $1").With(caseId);
        return await OneAsync(command, cancellation);
    }

    /// <summary>Whoever changes a case holds it until the end of the transaction.</summary>
    public static async Task<Case?> LockAsync(
        PresentedTransaction work,
        Guid caseId,
        CancellationToken cancellation
    )
    {
        await using var command = work.Command(Selected + "WHERE c.id = $1 FOR UPDATE OF c")
            .With(caseId);
        return await OneAsync(command, cancellation);
    }

    /// <summary>By <c>INC-1</c> or <c>1</c>, as people say it.</summary>
    public static async Task<Case?> FindByNumberAsync(
        PresentedTransaction work,
        long number,
        CancellationToken cancellation
    )
    {
        await using var command = work.Command(
                Selected + "WHERE c.organisation_id = $1 AND c.number = $2"
            )
            .With(work.Actor.OrganisationId, number);
        return await OneAsync(command, cancellation);
    }

    /// <summary>Newest first; <paramref name="before"/> is the last number of the page before.</summary>
    public static async Task<IReadOnlyList<Case>> ListAsync(
        PresentedTransaction work,
        CaseFilter filter,
        long? before,
        int casesMax,
        CancellationToken cancellation
    )
    {
        const string where = """
            WHERE c.organisation_id = $1 AND ($2::text IS NULL OR c.status = $2)
              AND ($3::bigint IS NULL OR c.number < $3)
              AND ($5::text IS NULL OR c.case_type = $5)
              AND ($6::text IS NULL OR q.name = $6)
              AND ($7::uuid IS NULL OR c.owner_id = $7)
              AND ($8::text IS NULL OR EXISTS (SELECT FROM psa.case_tags t
                WHERE t.organisation_id = $1 AND t.case_id = c.id AND t.tag = $8
                  AND NOT psa.is_gone($1, 'case_tag', t.id)))
              AND ($9::uuid IS NULL OR EXISTS (SELECT FROM psa.case_watchers w
                WHERE w.organisation_id = $1 AND w.case_id = c.id AND w.user_id = $9
                  AND NOT psa.is_gone($1, 'case_watcher', w.id)))
            ORDER BY c.number DESC LIMIT $4
            """;
        await using var command = work.Command(Selected + where)
            .With(
                work.Actor.OrganisationId,
                filter.Status?.Word(),
                before,
                casesMax,
                filter.CaseType,
                filter.Queue,
                filter.Mine ? work.Actor.Id : filter.OwnerId,
                filter.Tag,
                filter.Watched ? work.Actor.Id : null
            );
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        List<Case> cases = [];
        while (await reader.ReadAsync(cancellation))
            cases.Add(Read(reader));
        return cases;
    }

    public static async Task InsertAsync(
        PresentedTransaction work,
        NewCase opened,
        CancellationToken cancellation
    )
    {
        const string sql = """
            INSERT INTO psa.cases (id, organisation_id, number, case_type, source_system, severity,
                confidence, summary, opened_at, opened_by, queue_id, owner_id, correlation_id, finding_id,
                policy_name, policy_version, policy_sha256)
            VALUES ($1, $2, 1, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
            """;
        await using var command = work.Command(sql)
            .With(
                opened.Id,
                work.Actor.OrganisationId,
                opened.CaseType,
                opened.SourceSystem,
                opened.Severity,
                opened.Confidence,
                opened.Summary,
                opened.OpenedAt,
                work.Actor.Id,
                opened.QueueId,
                opened.OwnerId,
                opened.CorrelationId,
                opened.FindingId,
                opened.PolicyName,
                opened.PolicyVersion,
                opened.PolicySha256
            );
        await command.ExecuteNonQueryAsync(cancellation);
    }

    /// <summary>Moves the case and stamps the step with the presented actor, who owns what they take.</summary>
    public static async Task MoveAsync(
        PresentedTransaction work,
        Guid caseId,
        CaseState next,
        DateTimeOffset at,
        CancellationToken cancellation
    )
    {
        const string sql = """
            UPDATE psa.cases SET status = $2,
                owner_id = CASE WHEN $2 = 'in_progress' THEN $4 ELSE owner_id END,
                responded_at = CASE WHEN $2 = 'in_progress' THEN $3 ELSE responded_at END,
                resolved_at = CASE WHEN $2 = 'resolved' THEN $3 ELSE resolved_at END,
                resolved_by = CASE WHEN $2 = 'resolved' THEN $4 ELSE resolved_by END,
                closed_at = CASE WHEN $2 = 'closed' THEN $3 END,
                closed_by = CASE WHEN $2 = 'closed' THEN $4 END
            WHERE id = $1
            """;
        await using var command = work.Command(sql).With(caseId, next.Word(), at, work.Actor.Id);
        await command.ExecuteNonQueryAsync(cancellation);
    }

    public static async Task SetOwnerAsync(
        PresentedTransaction work,
        Guid caseId,
        Guid? ownerId,
        CancellationToken cancellation
    )
    {
        const string sql = "UPDATE psa.cases SET owner_id = $2 WHERE id = $1";
        await using var command = work.Command(sql).With(caseId, ownerId);
        await command.ExecuteNonQueryAsync(cancellation);
    }

    public static async Task SetQueueAsync(
        PresentedTransaction work,
        Guid caseId,
        Guid queueId,
        CancellationToken cancellation
    )
    {
        const string sql = "UPDATE psa.cases SET queue_id = $2 WHERE id = $1";
        await using var command = work.Command(sql).With(caseId, queueId);
        await command.ExecuteNonQueryAsync(cancellation);
    }

    /// <summary>The queue of that name, made on first use.</summary>
    public static async Task<Guid> QueueAsync(
        PresentedTransaction work,
        string name,
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        const string sql = """
            WITH made AS (
                INSERT INTO psa.queues (id, organisation_id, name, created_at) VALUES ($1, $2, $3, $4)
                ON CONFLICT (organisation_id, name) DO NOTHING RETURNING id)
            SELECT id FROM made
            UNION ALL SELECT id FROM psa.queues WHERE organisation_id = $2 AND name = $3
            """;
        await using var command = work.Command(sql)
            .With(Guid.CreateVersion7(now), work.Actor.OrganisationId, name, now);
        // None at first: another made it meanwhile, which only the next statement sees.
        return (Guid)
            (
                await command.ExecuteScalarAsync(cancellation)
                ?? await command.ExecuteScalarAsync(cancellation)
            )!;
    }

    static async Task<Case?> OneAsync(NpgsqlCommand command, CancellationToken cancellation)
    {
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        return await reader.ReadAsync(cancellation) ? Read(reader) : null;
    }

    static Case Read(NpgsqlDataReader row) =>
        new(
            row.GetGuid(0),
            row.GetInt64(1),
            row.GetString(2),
            row.GetString(3),
            row.GetInt32(4),
            row.NumberOrNull(5),
            RowStore.State<CaseState>(row.GetString(6)),
            row.GetString(7),
            row.GetFieldValue<DateTimeOffset>(8),
            row.TimeOrNull(9),
            row.TimeOrNull(10),
            row.TimeOrNull(11),
            row.GetGuid(12),
            row.GuidOrNull(13),
            row.GuidOrNull(14),
            row.TextOrNull(15),
            row.GuidOrNull(16),
            row.GetGuid(17),
            row.GuidOrNull(18),
            row.TextOrNull(19),
            row.NumberOrNull(20),
            row.TextOrNull(21),
            row.GetInt32(22)
        );
}
