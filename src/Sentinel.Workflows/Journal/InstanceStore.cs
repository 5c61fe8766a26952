using System.Text.Json;
using Npgsql;
using NpgsqlTypes;
using Sentinel.Postgres.Access;
using Sentinel.Workflows.Execution;

namespace Sentinel.Workflows.Journal;

/// <summary>One instance, its definition, and the answers that it has not taken yet.</summary>
sealed record StoredInstance(
    Guid VersionId,
    InstanceState State,
    long Signals,
    IReadOnlyList<Stimulus.Resumed> Resumed,
    IReadOnlyList<InstanceRequest> Requests
);

/// <summary>Instances and their checkpoints, within the transaction of whoever acts.</summary>
static class InstanceStore
{
    public static async Task InsertAsync(
        PresentedTransaction work,
        StoredDefinition definition,
        InstanceState state,
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        const string sql = """
            INSERT INTO workflow.workflow_instances (id, organisation_id, version_id, shipped_id, correlation_id,
                inputs, started_by, started_at, status, state, ready_at, root_id)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'executing', $9, $8, $10)
            """;
        await using var batch = new NpgsqlBatch(work.Connection, work.Transaction);
        var command = new NpgsqlBatchCommand(sql);
        command.Parameters.AddWithValue(state.InstanceId);
        command.Parameters.AddWithValue(work.Actor.OrganisationId);
        AddId(command.Parameters, definition.IsShipped ? null : definition.VersionId);
        AddId(command.Parameters, definition.IsShipped ? definition.VersionId : null);
        AddText(command.Parameters, state.CorrelationId);
        AddJson(command.Parameters, JsonSerializer.Serialize(state.Inputs));
        command.Parameters.AddWithValue(work.Actor.Id);
        command.Parameters.AddWithValue(now);
        AddJson(command.Parameters, state.ToJson());
        AddId(command.Parameters, state.RootId);
        batch.BatchCommands.Add(command);
        batch.BatchCommands.Add(BookmarkStore.Notify());
        await batch.ExecuteNonQueryAsync(cancellation);
    }

    /// <summary>Takes the lease away from whoever has it; null where the instance has ended.</summary>
    public static async Task<Lease?> TakeOverAsync(
        PresentedTransaction work,
        Guid instanceId,
        CancellationToken cancellation
    )
    {
        const string sql = """
            UPDATE workflow.workflow_instances SET fence = fence + 1
            WHERE id = $1 AND ended_at IS NULL RETURNING organisation_id, fence, attempts
            """;
        await using var command = work.Command(sql);
        command.Parameters.AddWithValue(instanceId);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        return await reader.ReadAsync(cancellation)
            ? new Lease(instanceId, reader.GetGuid(0), reader.GetInt64(1), reader.GetInt32(2))
            : null;
    }

    /// <summary>Null where a later lease has been given out: then this one is worth nothing.</summary>
    public static async Task<StoredInstance?> ReadAsync(
        PresentedTransaction work,
        Lease lease,
        CancellationToken cancellation
    )
    {
        const string sql = """
            SELECT coalesce(version_id, shipped_id), state, signals FROM workflow.workflow_instances
            WHERE id = $1 AND fence = $2
            """;
        await using var batch = new NpgsqlBatch(work.Connection, work.Transaction);
        var instance = new NpgsqlBatchCommand(sql);
        instance.Parameters.AddWithValue(lease.InstanceId);
        instance.Parameters.AddWithValue(lease.Fence);
        batch.BatchCommands.Add(instance);
        batch.BatchCommands.Add(BookmarkStore.Resumed(lease.InstanceId));
        batch.BatchCommands.Add(RequestStore.Open(lease.InstanceId));
        await using var reader = await batch.ExecuteReaderAsync(cancellation);
        if (!await reader.ReadAsync(cancellation))
            return null;
        var versionId = reader.GetGuid(0);
        var state = InstanceState.FromJson(reader.GetString(1));
        var signals = reader.GetInt64(2);
        await reader.NextResultAsync(cancellation);
        var resumed = await BookmarkStore.ReadResumedAsync(reader, cancellation);
        await reader.NextResultAsync(cancellation);
        return new StoredInstance(
            versionId,
            state,
            signals,
            resumed,
            await RequestStore.ReadOpenAsync(reader, cancellation)
        );
    }

    /// <summary>Where the instance stands; touches no row where the lease has been lost.</summary>
    public static NpgsqlBatchCommand Checkpoint(
        Lease lease,
        InstanceState state,
        long signalsSeen,
        bool hasMore,
        DateTimeOffset now,
        TimeSpan duration
    )
    {
        const string sql = """
            UPDATE workflow.workflow_instances
            SET status = $3, state = $4, attempts = 0, last_error = NULL,
                ended_at = CASE WHEN $3 IN ('finished', 'faulted', 'cancelled') THEN coalesce(ended_at, $5) END,
                ready_at = CASE WHEN $3 IN ('finished', 'faulted', 'cancelled') THEN NULL
                    WHEN $6 OR signals > $7 THEN $5 END,
                lease_until = CASE WHEN $6 THEN $8 END,
                lease_owner = CASE WHEN $6 THEN lease_owner END
            WHERE id = $1 AND fence = $2
            """;
        var command = new NpgsqlBatchCommand(sql);
        command.Parameters.AddWithValue(lease.InstanceId);
        command.Parameters.AddWithValue(lease.Fence);
        command.Parameters.AddWithValue(state.Status.ToString().ToLowerInvariant());
        AddJson(command.Parameters, state.ToJson());
        command.Parameters.AddWithValue(now);
        command.Parameters.AddWithValue(hasMore);
        command.Parameters.AddWithValue(signalsSeen);
        command.Parameters.AddWithValue(now + duration);
        return command;
    }

    internal static void AddId(NpgsqlParameterCollection parameters, Guid? id) =>
        parameters.AddWithValue(NpgsqlDbType.Uuid, (object?)id ?? DBNull.Value);

    internal static void AddText(NpgsqlParameterCollection parameters, string? text) =>
        parameters.AddWithValue(NpgsqlDbType.Text, (object?)text ?? DBNull.Value);

    internal static void AddJson(NpgsqlParameterCollection parameters, string? json) =>
        parameters.AddWithValue(NpgsqlDbType.Json, (object?)json ?? DBNull.Value);
}
