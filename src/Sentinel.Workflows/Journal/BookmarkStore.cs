using System.Text.Json;
using Npgsql;
using Sentinel.Postgres.Access;
using Sentinel.Workflows.Execution;

namespace Sentinel.Workflows.Journal;

/// <summary>What instances wait for, and the answers that came.</summary>
static class BookmarkStore
{
    public static async Task InsertAsync(
        PresentedTransaction work,
        InstanceState state,
        Bookmark bookmark,
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        const string sql = """
            INSERT INTO workflow.workflow_bookmarks (organisation_id, instance_id, execution, activity_id,
                name, key, payload, correlation_id, created_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
            """;
        await using var command = work.Command(sql);
        command.Parameters.AddWithValue(work.Actor.OrganisationId);
        command.Parameters.AddWithValue(state.InstanceId);
        command.Parameters.AddWithValue(bookmark.Execution);
        command.Parameters.AddWithValue(bookmark.ActivityId);
        command.Parameters.AddWithValue(bookmark.Name);
        command.Parameters.AddWithValue(bookmark.Key);
        InstanceStore.AddJson(command, bookmark.Payload.GetRawText());
        InstanceStore.AddText(command, state.CorrelationId);
        command.Parameters.AddWithValue(now);
        await command.ExecuteNonQueryAsync(cancellation);
        if (bookmark.DueAt is { } dueAt)
            await InsertTimerAsync(work, state, bookmark, dueAt, cancellation);
    }

    static async Task InsertTimerAsync(
        PresentedTransaction work,
        InstanceState state,
        Bookmark bookmark,
        DateTimeOffset dueAt,
        CancellationToken cancellation
    )
    {
        const string sql = """
            INSERT INTO workflow.workflow_timers (organisation_id, instance_id, execution, due_at, outcome)
            VALUES ($1, $2, $3, $4, $5)
            """;
        await using var command = work.Command(sql);
        command.Parameters.AddWithValue(work.Actor.OrganisationId);
        command.Parameters.AddWithValue(state.InstanceId);
        command.Parameters.AddWithValue(bookmark.Execution);
        command.Parameters.AddWithValue(dueAt);
        command.Parameters.AddWithValue(bookmark.DueOutcome ?? "Done");
        await command.ExecuteNonQueryAsync(cancellation);
    }

    /// <summary>These were taken, or nobody waits for them any more.</summary>
    public static async Task BurnAsync(
        PresentedTransaction work,
        Guid instanceId,
        IReadOnlyCollection<int> executions,
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        const string sql = """
            UPDATE workflow.workflow_bookmarks SET burned_at = $3
            WHERE instance_id = $1 AND execution = ANY ($2) AND burned_at IS NULL
            """;
        await using var command = work.Command(sql);
        command.Parameters.AddWithValue(instanceId);
        command.Parameters.AddWithValue(executions.ToArray());
        command.Parameters.AddWithValue(now);
        await command.ExecuteNonQueryAsync(cancellation);
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
        await using var signalling = work.Command(signal);
        AddWanted(signalling, name, key, correlationId, instanceId, now);
        if (await signalling.ExecuteNonQueryAsync(cancellation) == 0)
            return 0;
        await using var resuming = work.Command(resume);
        AddWanted(resuming, name, key, correlationId, instanceId, now);
        resuming.Parameters.AddWithValue(outcome);
        InstanceStore.AddJson(resuming, JsonSerializer.Serialize(outputs));
        var resumed = await resuming.ExecuteNonQueryAsync(cancellation);
        await NotifyAsync(work, cancellation);
        return resumed;
    }

    /// <summary>Wakes the workers once this transaction has committed.</summary>
    public static async Task NotifyAsync(PresentedTransaction work, CancellationToken cancellation)
    {
        await using var command = work.Command("NOTIFY " + WorkflowChannel.Name);
        await command.ExecuteNonQueryAsync(cancellation);
    }

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
        NpgsqlCommand command,
        string name,
        string key,
        string? correlationId,
        Guid? instanceId,
        DateTimeOffset now
    )
    {
        command.Parameters.AddWithValue(name);
        command.Parameters.AddWithValue(key);
        InstanceStore.AddText(command, correlationId);
        InstanceStore.AddId(command, instanceId);
        command.Parameters.AddWithValue(now);
    }
}

/// <summary>Where a worker listens for instances that became ready.</summary>
public static class WorkflowChannel
{
    public const string Name = "sentinel_workflow";
}
