using Npgsql;
using Sentinel.Postgres.Access;
using Sentinel.Psa.Audit;
using Sentinel.Psa.Cases;

namespace Sentinel.Psa.Automation;

/// <param name="Key">The case, and what has to hold for it.</param>
/// <param name="Rows">How many the audit log has about the case: every change adds one, and none goes.</param>
sealed record AwaitedCondition(string Key, long Rows);

/// <summary>What workflows wait for of their cases, and how those stand.</summary>
static class CaseConditionStore
{
    /// <summary>Where at least one workflow waits for a condition.</summary>
    public static async Task<IReadOnlyList<Guid>> OrganisationsAsync(
        NpgsqlDataSource jobs,
        CancellationToken cancellation
    )
    {
        const string sql = """
            SELECT DISTINCT organisation_id FROM workflow.workflow_bookmarks
            WHERE name = $1 AND resumed_at IS NULL AND burned_at IS NULL
            """;
        await using var connection = await jobs.OpenConnectionAsync(cancellation);
        await using var command = new NpgsqlCommand(sql, connection).With(
            CaseCondition.ActivityType
        );
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        List<Guid> all = [];
        while (await reader.ReadAsync(cancellation))
            all.Add(reader.GetGuid(0));
        return all;
    }

    public static async Task<IReadOnlyList<AwaitedCondition>> AwaitedAsync(
        PresentedTransaction work,
        CancellationToken cancellation
    )
    {
        // Counted, because the latest position need not be the latest to be committed.
        const string sql = """
            SELECT key, (SELECT count(*) FROM psa.audit_log a
                WHERE a.organisation_id = $1 AND a.subject_id = left(key, 36)::uuid)
            FROM (SELECT DISTINCT key FROM workflow.workflow_bookmarks
                WHERE organisation_id = $1 AND name = $2 AND resumed_at IS NULL AND burned_at IS NULL) AS awaited
            """;
        await using var command = work.Command(sql)
            .With(work.Actor.OrganisationId, CaseCondition.ActivityType);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        List<AwaitedCondition> all = [];
        while (await reader.ReadAsync(cancellation))
            all.Add(new AwaitedCondition(reader.GetString(0), reader.GetInt64(1)));
        return all;
    }

    /// <summary>By the names of <see cref="Policies.Model.CaseFields"/>.</summary>
    public static async Task<IReadOnlyDictionary<string, object?>> ValuesAsync(
        PresentedTransaction work,
        Case found,
        CancellationToken cancellation
    )
    {
        const string sql = """
            SELECT (SELECT email FROM psa.users WHERE id = $3),
                ARRAY(SELECT tag FROM psa.case_tags t WHERE t.organisation_id = $1 AND t.case_id = $2
                    AND NOT psa.is_gone($1, 'case_tag', t.id) ORDER BY tag),
                (SELECT count(*) FROM psa.tasks WHERE organisation_id = $1 AND case_id = $2
                    AND status IN ('pending', 'running')),
                (SELECT count(*) FROM psa.tasks WHERE organisation_id = $1 AND case_id = $2 AND status = 'done'),
                (SELECT count(*) FROM psa.approvals WHERE organisation_id = $1 AND case_id = $2
                    AND status = 'asked'),
                (SELECT count(*) FROM psa.evidence_items WHERE organisation_id = $1 AND case_id = $2),
                ARRAY(SELECT DISTINCT evidence_type FROM psa.evidence_items
                    WHERE organisation_id = $1 AND case_id = $2 ORDER BY evidence_type),
                coalesce((SELECT breached FROM psa.case_sla WHERE organisation_id = $1 AND case_id = $2), false)
            """;
        await using var command = work.Command(sql)
            .With(work.Actor.OrganisationId, found.Id, found.OwnerId);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        await reader.ReadAsync(cancellation);
        return new Dictionary<string, object?>
        {
            ["case.type"] = found.CaseType,
            ["case.status"] = found.Status.Word(),
            ["case.severity"] = (long)found.Severity,
            ["case.confidence"] = (long?)found.Confidence,
            ["case.owner"] = reader.TextOrNull(0),
            ["case.queue"] = found.Queue,
            ["case.tags"] = reader.GetFieldValue<string[]>(1),
            ["tasks.open"] = reader.GetInt64(2),
            ["tasks.done"] = reader.GetInt64(3),
            ["approvals.open"] = reader.GetInt64(4),
            ["evidence.count"] = reader.GetInt64(5),
            ["evidence.types"] = reader.GetFieldValue<string[]>(6),
            ["sla.breached"] = reader.GetBoolean(7),
        };
    }
}
