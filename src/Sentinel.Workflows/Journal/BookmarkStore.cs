using System.Text.Json;
using Npgsql;
using NpgsqlTypes;
using Sentinel.Postgres.Access;
using Sentinel.Workflows.Execution;

namespace Sentinel.Workflows.Journal;

/// <summary>What instances wait for, and the answers that came.</summary>
static class BookmarkStore
{
    public static IEnumerable<NpgsqlBatchCommand> Insert(
        Guid organisationId,
        IReadOnlyList<CheckpointRows> checkpoints,
        DateTimeOffset now
    )
    {
        const string bookmarks = """
            INSERT INTO workflow.workflow_bookmarks (organisation_id, instance_id, execution, activity_id,
                name, key, payload, correlation_id, created_at)
            SELECT $1, given.*, $9 FROM unnest($2::uuid[], $3::integer[], $4::text[], $5::text[], $6::text[],
                $7::json[], $8::text[]) AS given
            """;
        const string timers = """
            INSERT INTO workflow.workflow_timers (organisation_id, instance_id, execution, due_at, outcome)
            SELECT $1, given.* FROM unnest($2::uuid[], $3::integer[], $4::timestamptz[], $5::text[]) AS given
            """;
        (InstanceState Of, Bookmark Bookmark)[] all =
        [
            .. from checkpoint in checkpoints
            from bookmark in checkpoint.Bookmarks
            select (checkpoint.State, bookmark),
        ];
        if (all.Length == 0)
            yield break;
        var command = new NpgsqlBatchCommand(bookmarks);
        command.Parameters.AddWithValue(organisationId);
        command.Parameters.AddWithValue(Each(all, one => one.Of.InstanceId));
        command.Parameters.AddWithValue(Each(all, one => one.Bookmark.Execution));
        command.Parameters.AddWithValue(Each(all, one => one.Bookmark.ActivityId));
        command.Parameters.AddWithValue(Each(all, one => one.Bookmark.Name));
        command.Parameters.AddWithValue(Each(all, one => one.Bookmark.Key));
        command.Parameters.AddWithValue(
            NpgsqlDbType.Array | NpgsqlDbType.Json,
            Each(all, one => one.Bookmark.Payload.GetRawText())
        );
        command.Parameters.AddWithValue(
            NpgsqlDbType.Array | NpgsqlDbType.Text,
            Each(all, one => one.Of.CorrelationId)
        );
        command.Parameters.AddWithValue(now);
        yield return command;
        var due = all.Where(one => one.Bookmark.DueAt is not null).ToArray();
        if (due.Length == 0)
            yield break;
        var timing = new NpgsqlBatchCommand(timers);
        timing.Parameters.AddWithValue(organisationId);
        timing.Parameters.AddWithValue(Each(due, one => one.Of.InstanceId));
        timing.Parameters.AddWithValue(Each(due, one => one.Bookmark.Execution));
        timing.Parameters.AddWithValue(Each(due, one => one.Bookmark.DueAt!.Value));
        timing.Parameters.AddWithValue(Each(due, one => one.Bookmark.DueOutcome ?? "Done"));
        yield return timing;

        static T[] Each<T>(
            (InstanceState Of, Bookmark Bookmark)[] from,
            Func<(InstanceState Of, Bookmark Bookmark), T> value
        ) => [.. from.Select(value)];
    }

    /// <summary>These were taken, or nobody waits for them any more.</summary>
    public static NpgsqlBatchCommand Burn(
        IReadOnlyList<CheckpointRows> checkpoints,
        DateTimeOffset now
    )
    {
        const string sql = """
            UPDATE workflow.workflow_bookmarks b SET burned_at = $3
            FROM unnest($1::uuid[], $2::integer[]) AS burned (instance_id, execution)
            WHERE b.instance_id = burned.instance_id AND b.execution = burned.execution AND b.burned_at IS NULL
            """;
        (Guid InstanceId, int Execution)[] burned =
        [
            .. from checkpoint in checkpoints
            from execution in checkpoint.Burned
            select (checkpoint.Lease.InstanceId, execution),
        ];
        var command = new NpgsqlBatchCommand(sql);
        command.Parameters.AddWithValue(burned.Select(one => one.InstanceId).ToArray());
        command.Parameters.AddWithValue(burned.Select(one => one.Execution).ToArray());
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
        // The rows of "signalled" are asked for, and with them locked, before those of the bookmarks. ANY (ARRAY …)
        // reads by the key also while the planner believes that there are few rows.
        const string sql = """
            WITH signalled AS (
                UPDATE workflow.workflow_instances
                SET ready_at = CASE WHEN ended_at IS NULL THEN least(ready_at, $5) END, signals = signals + 1
                WHERE status NOT IN ('finished', 'cancelled') AND id = ANY (ARRAY(
                    SELECT instance_id FROM workflow.workflow_bookmarks
                    WHERE name = $1 AND key = $2 AND ($3::text IS NULL OR correlation_id = $3)
                        AND ($4::uuid IS NULL OR instance_id = $4)
                        AND resumed_at IS NULL AND burned_at IS NULL))
                RETURNING id)
            UPDATE workflow.workflow_bookmarks SET resumed_at = $5, outcome = $6, outputs = $7
            WHERE instance_id = ANY (ARRAY(SELECT id FROM signalled))
                AND name = $1 AND key = $2 AND ($3::text IS NULL OR correlation_id = $3)
                AND resumed_at IS NULL AND burned_at IS NULL
            """;
        await using var command = work.Command(sql);
        command.Parameters.AddWithValue(name);
        command.Parameters.AddWithValue(key);
        InstanceStore.AddText(command.Parameters, correlationId);
        InstanceStore.AddId(command.Parameters, instanceId);
        command.Parameters.AddWithValue(now);
        command.Parameters.AddWithValue(outcome);
        InstanceStore.AddJson(command.Parameters, JsonSerializer.Serialize(outputs));
        return await command.ExecuteNonQueryAsync(cancellation);
    }

    /// <summary>The answers that these instances have not taken yet, of each in their order.</summary>
    public static NpgsqlBatchCommand Resumed(Guid[] instanceIds)
    {
        const string sql = """
            SELECT instance_id, execution, outcome, outputs FROM workflow.workflow_bookmarks
            WHERE instance_id = ANY ($1) AND resumed_at IS NOT NULL AND burned_at IS NULL
            ORDER BY resumed_at, execution
            """;
        var command = new NpgsqlBatchCommand(sql);
        command.Parameters.AddWithValue(instanceIds);
        return command;
    }

    public static async Task<ILookup<Guid, Stimulus.Resumed>> ReadResumedAsync(
        NpgsqlDataReader reader,
        CancellationToken cancellation
    )
    {
        List<(Guid InstanceId, Stimulus.Resumed Resumed)> resumed = [];
        while (await reader.ReadAsync(cancellation))
            resumed.Add(
                (
                    reader.GetGuid(0),
                    new(
                        reader.GetInt32(1),
                        reader.GetString(2),
                        JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(
                            reader.GetString(3)
                        )!
                    )
                )
            );
        return resumed.ToLookup(one => one.InstanceId, one => one.Resumed);
    }
}
