using System.Text.Json;
using Npgsql;
using NpgsqlTypes;
using Sentinel.Workflows.Execution;

namespace Sentinel.Workflows.Journal;

/// <summary>What happened, row by row, and what was done. Both are only ever added to.</summary>
static class JournalStore
{
    public static NpgsqlBatchCommand Append(
        Guid organisationId,
        IReadOnlyList<CheckpointRows> checkpoints,
        DateTimeOffset now
    )
    {
        // All rows in one statement: its policies and triggers are looked at once.
        const string sql = """
            INSERT INTO workflow.workflow_journal (organisation_id, instance_id, number, activity_id, event,
                round, outcomes, message, detail, happened_at)
            SELECT $1, instance_id, number, activity_id, event, round, outcomes, message, detail, $3
            FROM json_to_recordset($2) AS row (instance_id uuid, number integer, activity_id text, event text,
                round integer, outcomes text[], message text, detail json)
            """;
        var rows =
            from checkpoint in checkpoints
            from row in checkpoint.Journal
            select new
            {
                instance_id = checkpoint.Lease.InstanceId,
                number = row.Number,
                activity_id = row.ActivityId,
                @event = row.Event.ToString().ToLowerInvariant(),
                round = row.Round,
                outcomes = row.Outcomes,
                message = row.Message,
                detail = row.Detail,
            };
        var command = new NpgsqlBatchCommand(sql);
        command.Parameters.AddWithValue(organisationId);
        command.Parameters.AddWithValue(NpgsqlDbType.Json, JsonSerializer.Serialize(rows));
        command.Parameters.AddWithValue(now);
        return command;
    }

    /// <summary>A second row for the same execution clashes, and with it the second effect.</summary>
    public static NpgsqlBatchCommand AppendExecution(
        Guid organisationId,
        Lease lease,
        PendingCall call,
        ActivityAnswer answer,
        DateTimeOffset now
    )
    {
        const string sql = """
            INSERT INTO workflow.workflow_executions (organisation_id, instance_id, execution, activity_id,
                activity_type, idempotency_key, answer, attempt, executed_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
            """;
        var command = new NpgsqlBatchCommand(sql);
        command.Parameters.AddWithValue(organisationId);
        command.Parameters.AddWithValue(lease.InstanceId);
        command.Parameters.AddWithValue(call.Execution);
        command.Parameters.AddWithValue(call.ActivityId);
        command.Parameters.AddWithValue(call.Type);
        command.Parameters.AddWithValue(
            ExecutionKey.Of(lease.InstanceId, call.ActivityId, call.Round)
        );
        command.Parameters.AddWithValue(Word(answer));
        command.Parameters.AddWithValue(lease.Attempts + 1);
        command.Parameters.AddWithValue(now);
        return command;
    }

    static string Word(ActivityAnswer answer) =>
        answer switch
        {
            ActivityAnswer.Completed => "completed",
            ActivityAnswer.Waiting => "waiting",
            ActivityAnswer.Failed => "failed",
            _ => throw new InvalidOperationException("An answer of a new kind."),
        };
}
