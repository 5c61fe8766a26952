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
    string? LastError,
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
        await using var command = work.Command(sql);
        command.Parameters.AddWithValue(state.InstanceId);
        command.Parameters.AddWithValue(work.Actor.OrganisationId);
        AddVersion(command.Parameters, definition);
        AddText(command.Parameters, state.CorrelationId);
        AddJson(command.Parameters, JsonSerializer.Serialize(state.Inputs));
        command.Parameters.AddWithValue(work.Actor.Id);
        command.Parameters.AddWithValue(now);
        AddJson(command.Parameters, state.ToJson());
        AddId(command.Parameters, state.RootId);
        await command.ExecuteNonQueryAsync(cancellation);
    }

    /// <summary>How many workflows were started below that one, counted no further than so many.</summary>
    public static async Task<long> CountBelowAsync(
        PresentedTransaction work,
        Guid rootId,
        int most,
        CancellationToken cancellation
    )
    {
        await using var command = work.Command(
            "SELECT count(*) FROM (SELECT FROM workflow.workflow_instances WHERE root_id = $1 LIMIT $2) AS counted"
        );
        command.Parameters.AddWithValue(rootId);
        command.Parameters.AddWithValue(most);
        return (long)(await command.ExecuteScalarAsync(cancellation))!;
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

    /// <summary>
    /// Those of the leases that still hold, by instance. Of several, those in somebody else's hands are
    /// left out: whoever has many waits for none, so that nobody waits in a ring.
    /// </summary>
    public static async Task<IReadOnlyDictionary<Guid, StoredInstance>> ReadAsync(
        PresentedTransaction work,
        IReadOnlyList<Lease> leases,
        CancellationToken cancellation
    )
    {
        const string sql = """
            SELECT i.id, coalesce(i.version_id, i.shipped_id), i.state, i.signals, i.last_error
            FROM workflow.workflow_instances i
            JOIN unnest($1::uuid[], $2::bigint[]) AS lease (id, fence) ON i.id = lease.id AND i.fence = lease.fence
            """;
        const string many = sql + " FOR NO KEY UPDATE OF i SKIP LOCKED";
        var ids = leases.Select(lease => lease.InstanceId).ToArray();
        await using var batch = new NpgsqlBatch(work.Connection, work.Transaction);
        var instances = new NpgsqlBatchCommand(leases.Count == 1 ? sql : many);
        instances.Parameters.AddWithValue(ids);
        instances.Parameters.AddWithValue(leases.Select(lease => lease.Fence).ToArray());
        batch.BatchCommands.Add(instances);
        batch.BatchCommands.Add(BookmarkStore.Resumed(ids));
        batch.BatchCommands.Add(RequestStore.Open(ids));
        await using var reader = await batch.ExecuteReaderAsync(cancellation);
        List<(Guid Id, Guid VersionId, InstanceState State, long Signals, string? Error)> read = [];
        while (await reader.ReadAsync(cancellation))
            read.Add(
                (
                    reader.GetGuid(0),
                    reader.GetGuid(1),
                    InstanceState.FromJson(reader.GetString(2)),
                    reader.GetInt64(3),
                    await reader.IsDBNullAsync(4, cancellation) ? null : reader.GetString(4)
                )
            );
        await reader.NextResultAsync(cancellation);
        var resumed = await BookmarkStore.ReadResumedAsync(reader, cancellation);
        await reader.NextResultAsync(cancellation);
        var requests = await RequestStore.ReadOpenAsync(reader, cancellation);
        return read.ToDictionary(
            instance => instance.Id,
            instance => new StoredInstance(
                instance.VersionId,
                instance.State,
                instance.Signals,
                instance.Error,
                [.. resumed[instance.Id]],
                [.. requests[instance.Id]]
            )
        );
    }

    /// <summary>Where the instances stand; touches no row of which the lease has been lost.</summary>
    public static NpgsqlBatchCommand Checkpoint(
        IReadOnlyList<CheckpointRows> checkpoints,
        DateTimeOffset now,
        TimeSpan leaseDuration
    )
    {
        const string sql = """
            UPDATE workflow.workflow_instances i
            SET status = c.status, state = c.state, attempts = 0, last_error = NULL,
                ended_at = CASE WHEN c.has_ended THEN coalesce(i.ended_at, $7) END,
                ready_at = CASE WHEN c.has_more OR i.signals > c.signals THEN $7 END,
                lease_until = CASE WHEN c.has_more THEN $8 END,
                lease_owner = CASE WHEN c.has_more THEN i.lease_owner END
            FROM (SELECT *, status IN ('finished', 'faulted', 'cancelled') AS has_ended
                FROM unnest($1::uuid[], $2::bigint[], $3::text[], $4::json[], $5::bigint[], $6::boolean[])
                    AS given (id, fence, status, state, signals, has_more)) AS c
            WHERE i.id = c.id AND i.fence = c.fence
            """;
        var command = new NpgsqlBatchCommand(sql);
        command.Parameters.AddWithValue(Each(checkpoint => checkpoint.Lease.InstanceId));
        command.Parameters.AddWithValue(Each(checkpoint => checkpoint.Lease.Fence));
        command.Parameters.AddWithValue(
            Each(checkpoint => checkpoint.State.Status.ToString().ToLowerInvariant())
        );
        command.Parameters.AddWithValue(
            NpgsqlDbType.Array | NpgsqlDbType.Json,
            Each(checkpoint => checkpoint.State.ToJson())
        );
        command.Parameters.AddWithValue(Each(checkpoint => checkpoint.Signals));
        command.Parameters.AddWithValue(Each(checkpoint => checkpoint.HasMore));
        command.Parameters.AddWithValue(now);
        command.Parameters.AddWithValue(now + leaseDuration);
        return command;

        T[] Each<T>(Func<CheckpointRows, T> value) => [.. checkpoints.Select(value)];
    }

    /// <summary>From here on it follows another version; the database asks for the request of it.</summary>
    public static NpgsqlBatchCommand Follow(Guid instanceId, StoredDefinition version)
    {
        var command = new NpgsqlBatchCommand(
            "UPDATE workflow.workflow_instances SET version_id = $1, shipped_id = $2 WHERE id = $3"
        );
        AddVersion(command.Parameters, version);
        command.Parameters.AddWithValue(instanceId);
        return command;
    }

    /// <summary>Where it stands and which version it follows, or null where the organisation has no such instance.</summary>
    public static async Task<(Guid VersionId, InstanceState State)?> FindAsync(
        PresentedTransaction work,
        Guid instanceId,
        CancellationToken cancellation
    )
    {
        await using var command = work.Command(
            "SELECT coalesce(version_id, shipped_id), state FROM workflow.workflow_instances WHERE id = $1"
        );
        command.Parameters.AddWithValue(instanceId);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        return await reader.ReadAsync(cancellation)
            ? (reader.GetGuid(0), InstanceState.FromJson(reader.GetString(1)))
            : null;
    }

    /// <summary>As two parameters: one of the organisation's own, or one that ships.</summary>
    internal static void AddVersion(NpgsqlParameterCollection parameters, StoredDefinition? version)
    {
        AddId(parameters, version is { IsShipped: false } ? version.VersionId : null);
        AddId(parameters, version is { IsShipped: true } ? version.VersionId : null);
    }

    internal static void AddId(NpgsqlParameterCollection parameters, Guid? id) =>
        parameters.AddWithValue(NpgsqlDbType.Uuid, (object?)id ?? DBNull.Value);

    internal static void AddText(NpgsqlParameterCollection parameters, string? text) =>
        parameters.AddWithValue(NpgsqlDbType.Text, (object?)text ?? DBNull.Value);

    internal static void AddJson(NpgsqlParameterCollection parameters, string? json) =>
        parameters.AddWithValue(NpgsqlDbType.Json, (object?)json ?? DBNull.Value);
}
