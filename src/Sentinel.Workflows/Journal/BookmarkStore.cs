using System.Text.Json;
using Npgsql;
using Sentinel.Postgres.Access;
using Sentinel.Workflows.Execution;

namespace Sentinel.Workflows.Journal;

/// <summary>What instances wait for, and the answers that came.</summary>
static class BookmarkStore
{
    public static IEnumerable<NpgsqlBatchCommand> Insert(
        Guid organisationId,
        InstanceState state,
        Bookmark bookmark,
        DateTimeOffset now
    )
    {
        const string sql = """
            INSERT INTO workflow.workflow_bookmarks (organisation_id, instance_id, execution, activity_id,
                name, key, payload, correlation_id, created_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
            """;
        var command = new NpgsqlBatchCommand(sql);
        command.Parameters.AddWithValue(organisationId);
        command.Parameters.AddWithValue(state.InstanceId);
        command.Parameters.AddWithValue(bookmark.Execution);
        command.Parameters.AddWithValue(bookmark.ActivityId);
        command.Parameters.AddWithValue(bookmark.Name);
        command.Parameters.AddWithValue(bookmark.Key);
        InstanceStore.AddJson(command.Parameters, bookmark.Payload.GetRawText());
        InstanceStore.AddText(command.Parameters, state.CorrelationId);
        command.Parameters.AddWithValue(now);
        yield return command;
        if (bookmark.DueAt is { } dueAt)
            yield return InsertTimer(organisationId, state, bookmark, dueAt);
    }

    static NpgsqlBatchCommand InsertTimer(
        Guid organisationId,
        InstanceState state,
        Bookmark bookmark,
        DateTimeOffset dueAt
    )
    {
        const string sql = """
            INSERT INTO workflow.workflow_timers (organisation_id, instance_id, execution, due_at, outcome)
            VALUES ($1, $2, $3, $4, $5)
            """;
        var command = new NpgsqlBatchCommand(sql);
        command.Parameters.AddWithValue(organisationId);
        command.Parameters.AddWithValue(state.InstanceId);
        command.Parameters.AddWithValue(bookmark.Execution);
        command.Parameters.AddWithValue(dueAt);
        command.Parameters.AddWithValue(bookmark.DueOutcome ?? "Done");
        return command;
    }

    /// <summary>These were taken, or nobody waits for them any more.</summary>
    public static NpgsqlBatchCommand Burn(
        Guid instanceId,
        IReadOnlyCollection<int> executions,
        DateTimeOffset now
    )
    {
        const string sql = """
            UPDATE workflow.workflow_bookmarks SET burned_at = $3
            WHERE instance_id = $1 AND execution = ANY ($2) AND burned_at IS NULL
            """;
        var command = new NpgsqlBatchCommand(sql);
        command.Parameters.AddWithValue(instanceId);
        command.Parameters.AddWithValue(executions.ToArray());
        command.Parameters.AddWithValue(now);
        return command;
    }

    /// <summary>
    /// Answers everything that waits under that name and key. The instance is locked before its
    /// bookmark, as whoever checkpoints does, so that nobody waits in a ring. What has failed keeps the
    /// answer until somebody has it try again.
    /// </summary>
    public static async Task<int> ResumeAsync(
        PresentedTransaction work,
        string name,
        string key,
        string? correlationId,
        Guid? instanceId,
        string outcome,
        IReadOnlyDictionary<string, JsonElement> outputs,
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        const string signal = """
            UPDATE workflow.workflow_instances
            SET ready_at = CASE WHEN ended_at IS NULL THEN least(ready_at, $5) END, signals = signals + 1
            WHERE status NOT IN ('finished', 'cancelled') AND id IN (
                SELECT instance_id FROM workflow.workflow_bookmarks
                WHERE name = $1 AND key = $2 AND ($3::text IS NULL OR correlation_id = $3)
                    AND ($4::uuid IS NULL OR instance_id = $4)
                    AND resumed_at IS NULL AND burned_at IS NULL)
            """;
        const string resume = """
            UPDATE workflow.workflow_bookmarks SET resumed_at = $5, outcome = $6, outputs = $7
            WHERE name = $1 AND key = $2 AND ($3::text IS NULL OR correlation_id = $3)
                AND ($4::uuid IS NULL OR instance_id = $4)
                AND resumed_at IS NULL AND burned_at IS NULL
            """;
        await using var batch = new NpgsqlBatch(work.Connection, work.Transaction);
        var signalling = new NpgsqlBatchCommand(signal);
        AddWanted(signalling.Parameters, name, key, correlationId, instanceId, now);
        var resuming = new NpgsqlBatchCommand(resume);
        AddWanted(resuming.Parameters, name, key, correlationId, instanceId, now);
        resuming.Parameters.AddWithValue(outcome);
        InstanceStore.AddJson(resuming.Parameters, JsonSerializer.Serialize(outputs));
        batch.BatchCommands.Add(signalling);
        batch.BatchCommands.Add(resuming);
        batch.BatchCommands.Add(Notify());
        await batch.ExecuteNonQueryAsync(cancellation);
        return signalling.RecordsAffected == 0 ? 0 : (int)resuming.RecordsAffected;
    }

    /// <summary>Wakes the workers once this transaction has committed.</summary>
    public static NpgsqlBatchCommand Notify() => new("NOTIFY " + WorkflowChannel.Name);

    /// <summary>The answers that an instance has not taken yet, in their order.</summary>
    public static NpgsqlBatchCommand Resumed(Guid instanceId)
    {
        const string sql = """
            SELECT execution, outcome, outputs FROM workflow.workflow_bookmarks
            WHERE instance_id = $1 AND resumed_at IS NOT NULL AND burned_at IS NULL
            ORDER BY resumed_at, execution
            """;
        var command = new NpgsqlBatchCommand(sql);
        command.Parameters.AddWithValue(instanceId);
        return command;
    }

    public static async Task<IReadOnlyList<Stimulus.Resumed>> ReadResumedAsync(
        NpgsqlDataReader reader,
        CancellationToken cancellation
    )
    {
        var resumed = new List<Stimulus.Resumed>();
        while (await reader.ReadAsync(cancellation))
            resumed.Add(
                new(
                    reader.GetInt32(0),
                    reader.GetString(1),
                    JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(
                        reader.GetString(2)
                    )!
                )
            );
        return resumed;
    }

    static void AddWanted(
        NpgsqlParameterCollection parameters,
        string name,
        string key,
        string? correlationId,
        Guid? instanceId,
        DateTimeOffset now
    )
    {
        parameters.AddWithValue(name);
        parameters.AddWithValue(key);
        InstanceStore.AddText(parameters, correlationId);
        InstanceStore.AddId(parameters, instanceId);
        parameters.AddWithValue(now);
    }
}

/// <summary>Where a worker listens for instances that became ready.</summary>
public static class WorkflowChannel
{
    public const string Name = "sentinel_workflow";
}
