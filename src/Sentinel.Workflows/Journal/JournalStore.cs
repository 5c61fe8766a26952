using Npgsql;
using NpgsqlTypes;
using Sentinel.Postgres.Access;
using Sentinel.Workflows.Execution;

namespace Sentinel.Workflows.Journal;

/// <summary>What happened, row by row, and what was done. Both are only ever added to.</summary>
static class JournalStore
{
    public static async Task AppendAsync(
        PresentedTransaction work,
        Guid instanceId,
        IReadOnlyList<JournalRow> rows,
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        const string sql = """
            INSERT INTO workflow.workflow_journal (organisation_id, instance_id, number, activity_id, event,
                round, outcomes, message, detail, happened_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
            """;
        await using var batch = new NpgsqlBatch(work.Connection, work.Transaction);
        foreach (var row in rows)
        {
            var command = new NpgsqlBatchCommand(sql);
            command.Parameters.AddWithValue(work.Actor.OrganisationId);
            command.Parameters.AddWithValue(instanceId);
            command.Parameters.AddWithValue(row.Number);
            command.Parameters.AddWithValue(row.ActivityId);
            command.Parameters.AddWithValue(row.Event.ToString().ToLowerInvariant());
            command.Parameters.AddWithValue(row.Round);
            command.Parameters.AddWithValue(
                NpgsqlDbType.Array | NpgsqlDbType.Text,
                row.Outcomes is { } outcomes ? outcomes.ToArray() : DBNull.Value
            );
            command.Parameters.AddWithValue(
                NpgsqlDbType.Text,
                (object?)row.Message ?? DBNull.Value
            );
            command.Parameters.AddWithValue(
                NpgsqlDbType.Json,
                row.Detail is { } detail ? detail.GetRawText() : DBNull.Value
            );
            command.Parameters.AddWithValue(now);
            batch.BatchCommands.Add(command);
        }
        if (rows.Count > 0)
            await batch.ExecuteNonQueryAsync(cancellation);
    }

    /// <summary>A second row for the same execution clashes, and with it the second effect.</summary>
    public static async Task AppendExecutionAsync(
        PresentedTransaction work,
        Lease lease,
        PendingCall call,
        Guid idempotencyKey,
        ActivityAnswer answer,
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        const string sql = """
            INSERT INTO workflow.workflow_executions (organisation_id, instance_id, execution, activity_id,
                activity_type, idempotency_key, answer, attempt, executed_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
            """;
        await using var command = work.Command(sql);
        command.Parameters.AddWithValue(work.Actor.OrganisationId);
        command.Parameters.AddWithValue(lease.InstanceId);
        command.Parameters.AddWithValue(call.Execution);
        command.Parameters.AddWithValue(call.ActivityId);
        command.Parameters.AddWithValue(call.Type);
        command.Parameters.AddWithValue(idempotencyKey);
        command.Parameters.AddWithValue(Word(answer));
        command.Parameters.AddWithValue(lease.Attempts + 1);
        command.Parameters.AddWithValue(now);
        await command.ExecuteNonQueryAsync(cancellation);
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
