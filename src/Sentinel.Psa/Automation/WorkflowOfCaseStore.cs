using System.Text.Json;
using Npgsql;
using Sentinel.Postgres.Access;
using Sentinel.Psa.Audit;
using Sentinel.Psa.Cases;

namespace Sentinel.Psa.Automation;

/// <summary>Instances as the cases that they run for see them.</summary>
static class WorkflowOfCaseStore
{
    const string Columns = """
        SELECT i.id, c.case_type, c.number, coalesce(d.definition_id, s.definition_id), coalesce(d.id, s.id), coalesce(d.version, s.version), i.status, i.started_at,
            i.ended_at,
            ARRAY(SELECT b.activity_id FROM workflow.workflow_bookmarks b
                WHERE b.instance_id = i.id AND b.resumed_at IS NULL AND b.burned_at IS NULL
                ORDER BY b.execution),
            coalesce((SELECT CASE j.event WHEN 'faulted' THEN j.activity_id || ': ' || j.message END
                FROM workflow.workflow_journal j
                WHERE j.instance_id = i.id AND j.event IN ('faulted', 'retried')
                ORDER BY j.number DESC LIMIT 1),
                i.last_error), c.id
        FROM workflow.workflow_instances i
        JOIN psa.case_workflows w ON w.organisation_id = i.organisation_id 
            AND w.instance_id = coalesce(i.root_id, i.id)
        JOIN psa.cases c ON c.organisation_id = w.organisation_id AND c.id = w.case_id
        LEFT JOIN workflow.workflow_definitions d ON d.id = i.version_id
        LEFT JOIN workflow.shipped_definitions s ON s.id = i.shipped_id
        """;

    /// <summary>The newest first; only those that failed or cannot go on, where that is asked for.</summary>
    public static async Task<IReadOnlyList<WorkflowOfCase>> ListAsync(
        PresentedTransaction work,
        bool failed,
        int most,
        CancellationToken cancellation
    )
    {
        const string sql =
            Columns
            + """

                WHERE i.organisation_id = $1
                    AND (NOT $2 OR i.status = 'faulted' OR (i.ended_at IS NULL AND i.last_error IS NOT NULL))
                ORDER BY i.started_at DESC, i.id LIMIT $3
                """;
        await using var command = work.Command(sql).With(work.Actor.OrganisationId, failed, most);
        return await ReadAsync(command, cancellation);
    }

    public static async Task<WorkflowOfCase?> FindAsync(
        PresentedTransaction work,
        Guid instanceId,
        CancellationToken cancellation
    )
    {
        const string sql = Columns + "\nWHERE i.organisation_id = $1 AND i.id = $2";
        await using var command = work.Command(sql).With(work.Actor.OrganisationId, instanceId);
        return (await ReadAsync(command, cancellation)).SingleOrDefault();
    }

    public static async Task<IReadOnlyList<WorkflowStep>> JournalAsync(
        PresentedTransaction work,
        Guid instanceId,
        CancellationToken cancellation
    )
    {
        const string sql = """
            SELECT number, happened_at, activity_id, event, round, outcomes, message, detail::text
            FROM workflow.workflow_journal WHERE organisation_id = $1 AND instance_id = $2 ORDER BY number
            """;
        await using var command = work.Command(sql).With(work.Actor.OrganisationId, instanceId);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        List<WorkflowStep> steps = [];
        while (await reader.ReadAsync(cancellation))
            steps.Add(
                new WorkflowStep(
                    reader.GetInt32(0),
                    reader.GetFieldValue<DateTimeOffset>(1),
                    reader.GetString(2),
                    reader.GetString(3),
                    reader.GetInt32(4),
                    reader.IsDBNull(5) ? [] : reader.GetFieldValue<string[]>(5),
                    reader.TextOrNull(6),
                    reader.TextOrNull(7) is { } detail
                        ? JsonSerializer.Deserialize<JsonElement>(detail)
                        : null
                )
            );
        return steps;
    }

    public static async Task<IReadOnlyDictionary<string, JsonElement>> VariablesAsync(
        PresentedTransaction work,
        Guid instanceId,
        CancellationToken cancellation
    )
    {
        const string sql = """
            SELECT (state -> 'Variables')::text FROM workflow.workflow_instances
            WHERE organisation_id = $1 AND id = $2
            """;
        await using var command = work.Command(sql).With(work.Actor.OrganisationId, instanceId);
        return Members(await command.ExecuteScalarAsync(cancellation));
    }

    /// <summary>What the case's first workflow was started with; empty where it has none.</summary>
    public static async Task<IReadOnlyDictionary<string, JsonElement>> FirstInputsAsync(
        PresentedTransaction work,
        Guid caseId,
        CancellationToken cancellation
    )
    {
        const string sql = """
            SELECT i.inputs::text FROM psa.case_workflows w
            JOIN workflow.workflow_instances i ON i.organisation_id = w.organisation_id AND i.id = w.instance_id
            WHERE w.organisation_id = $1 AND w.case_id = $2 ORDER BY w.started_at, w.instance_id LIMIT 1
            """;
        await using var command = work.Command(sql).With(work.Actor.OrganisationId, caseId);
        return Members(await command.ExecuteScalarAsync(cancellation));
    }

    /// <summary>How many were started for the case and have not ended.</summary>
    public static async Task<long> CountOpenAsync(
        PresentedTransaction work,
        Guid caseId,
        CancellationToken cancellation
    )
    {
        const string sql = """
            SELECT count(*) FROM psa.case_workflows w
            JOIN workflow.workflow_instances i ON i.organisation_id = w.organisation_id AND i.id = w.instance_id
            WHERE w.organisation_id = $1 AND w.case_id = $2 AND i.ended_at IS NULL
            """;
        await using var command = work.Command(sql).With(work.Actor.OrganisationId, caseId);
        return (long)(await command.ExecuteScalarAsync(cancellation))!;
    }

    /// <summary>The names of the events that workflows of the case wait for, each with who waits.</summary>
    public static async Task<ILookup<string, Guid>> AwaitedEventsAsync(
        PresentedTransaction work,
        Guid caseId,
        CancellationToken cancellation
    )
    {
        const string sql = """
            SELECT DISTINCT b.key, i.id FROM psa.case_workflows w
            JOIN workflow.workflow_instances i ON i.organisation_id = w.organisation_id
                AND (i.id = w.instance_id OR i.root_id = w.instance_id)
            JOIN workflow.workflow_bookmarks b ON b.instance_id = i.id
            WHERE w.organisation_id = $1 AND w.case_id = $2 AND i.status NOT IN ('finished', 'cancelled')
                AND b.name = 'Elsa.Event' AND b.resumed_at IS NULL AND b.burned_at IS NULL
            """;
        await using var command = work.Command(sql).With(work.Actor.OrganisationId, caseId);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        List<(string Name, Guid InstanceId)> all = [];
        while (await reader.ReadAsync(cancellation))
            all.Add((reader.GetString(0), reader.GetGuid(1)));
        return all.ToLookup(one => one.Name, one => one.InstanceId, StringComparer.Ordinal);
    }

    /// <summary>So that the case's story says who told its workflows what.</summary>
    public static async Task NoteEventAsync(
        PresentedTransaction work,
        Guid caseId,
        string name,
        JsonElement payload,
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        const string sql = """
            INSERT INTO psa.case_workflow_events (id, organisation_id, case_id, name, payload, raised_by, raised_at)
            VALUES ($1, $2, $3, $4, $5::json, $6, $7)
            """;
        await using var command = work.Command(sql)
            .With(
                Guid.CreateVersion7(now),
                work.Actor.OrganisationId,
                caseId,
                name,
                payload.GetRawText(),
                work.Actor.Id,
                now
            );
        await command.ExecuteNonQueryAsync(cancellation);
    }

    /// <summary>Whether an activity of it has failed, and nobody had it try again since.</summary>
    public static async Task<bool> HasFailedAsync(
        PresentedTransaction work,
        Guid instanceId,
        CancellationToken cancellation
    )
    {
        const string sql = """
            SELECT status <> 'cancelled' AND json_array_length(state -> 'Incidents') > 0
            FROM workflow.workflow_instances WHERE organisation_id = $1 AND id = $2
            """;
        await using var command = work.Command(sql).With(work.Actor.OrganisationId, instanceId);
        return await command.ExecuteScalarAsync(cancellation) is true;
    }

    /// <summary>So that the case's story says who asked and why.</summary>
    public static async Task NoteRequestAsync(
        PresentedTransaction work,
        WorkflowOfCase workflow,
        string kind,
        string reason,
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        const string sql = """
            INSERT INTO psa.case_workflow_requests (id, organisation_id, case_id, instance_id, kind, reason,
                asked_by, asked_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
            """;
        await using var command = work.Command(sql)
            .With(
                Guid.CreateVersion7(now),
                work.Actor.OrganisationId,
                workflow.CaseId,
                workflow.InstanceId,
                kind,
                reason,
                work.Actor.Id,
                now
            );
        await command.ExecuteNonQueryAsync(cancellation);
    }

    static Dictionary<string, JsonElement> Members(object? json) =>
        json is string text
            ? JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(text)!
            : [];

    static async Task<List<WorkflowOfCase>> ReadAsync(
        NpgsqlCommand command,
        CancellationToken cancellation
    )
    {
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        List<WorkflowOfCase> all = [];
        while (await reader.ReadAsync(cancellation))
            all.Add(
                new WorkflowOfCase(
                    reader.GetGuid(0),
                    reader.GetGuid(11),
                    $"{Case.Prefix(reader.GetString(1))}-{reader.GetInt64(2)}",
                    reader.GetString(3),
                    reader.GetGuid(4),
                    reader.GetInt32(5),
                    reader.GetString(6),
                    reader.GetFieldValue<DateTimeOffset>(7),
                    reader.TimeOrNull(8),
                    reader.GetFieldValue<string[]>(9),
                    reader.TextOrNull(10)
                )
            );
        return all;
    }
}
