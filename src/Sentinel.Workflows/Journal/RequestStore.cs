using Npgsql;
using Sentinel.Postgres.Access;
using Sentinel.Workflows.Execution;

namespace Sentinel.Workflows.Journal;

/// <summary>What a person asked of an instance and no worker has taken yet.</summary>
/// <param name="To">Of a migration: the version that it is to go on in.</param>
sealed record InstanceRequest(Guid Id, string Kind, string Reason, Guid? To)
{
    public const string Cancel = "cancel";
    public const string Retry = "retry";
    public const string Migrate = "migrate";

    public Stimulus Stimulus =>
        Kind switch
        {
            Cancel => new Stimulus.Cancelled(Reason),
            Retry => new Stimulus.Retried(Reason),
            _ => new Stimulus.Continue(),
        };
}

static class RequestStore
{
    /// <summary>Writes it down for a worker; false where the organisation has no such instance.</summary>
    public static async Task<bool> InsertAsync(
        PresentedTransaction work,
        Guid instanceId,
        string kind,
        string reason,
        StoredDefinition? to,
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        // Also what has ended is looked at: a retry makes it go on, and anything else is told so.
        const string signal = """
            UPDATE workflow.workflow_instances SET ready_at = least(ready_at, $2), signals = signals + 1
            WHERE id = $1
            """;
        const string insert = """
            INSERT INTO workflow.workflow_requests (id, organisation_id, instance_id, kind, reason,
                asked_by, asked_at, to_version_id, to_shipped_id)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
            """;
        await using var signalling = work.Command(signal);
        signalling.Parameters.AddWithValue(instanceId);
        signalling.Parameters.AddWithValue(now);
        if (await signalling.ExecuteNonQueryAsync(cancellation) == 0)
            return false;
        await using var command = work.Command(insert);
        command.Parameters.AddWithValue(Guid.CreateVersion7(now));
        command.Parameters.AddWithValue(work.Actor.OrganisationId);
        command.Parameters.AddWithValue(instanceId);
        command.Parameters.AddWithValue(kind);
        command.Parameters.AddWithValue(reason);
        command.Parameters.AddWithValue(work.Actor.Id);
        command.Parameters.AddWithValue(now);
        InstanceStore.AddVersion(command.Parameters, to);
        await command.ExecuteNonQueryAsync(cancellation);
        return true;
    }

    public static NpgsqlBatchCommand Open(Guid[] instanceIds)
    {
        const string sql = """
            SELECT instance_id, id, kind, reason, coalesce(to_version_id, to_shipped_id) FROM workflow.workflow_requests
            WHERE instance_id = ANY ($1) AND taken_at IS NULL ORDER BY asked_at, id
            """;
        var command = new NpgsqlBatchCommand(sql);
        command.Parameters.AddWithValue(instanceIds);
        return command;
    }

    public static async Task<ILookup<Guid, InstanceRequest>> ReadOpenAsync(
        NpgsqlDataReader reader,
        CancellationToken cancellation
    )
    {
        List<(Guid InstanceId, InstanceRequest Request)> requests = [];
        while (await reader.ReadAsync(cancellation))
            requests.Add(
                (
                    reader.GetGuid(0),
                    new(
                        reader.GetGuid(1),
                        reader.GetString(2),
                        reader.GetString(3),
                        await reader.IsDBNullAsync(4, cancellation) ? null : reader.GetGuid(4)
                    )
                )
            );
        return requests.ToLookup(one => one.InstanceId, one => one.Request);
    }

    public static async Task TakeAsync(
        PresentedTransaction work,
        Guid id,
        string? refused,
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        const string sql = """
            UPDATE workflow.workflow_requests SET taken_at = $2, refused = $3 WHERE id = $1
            """;
        await using var command = work.Command(sql);
        command.Parameters.AddWithValue(id);
        command.Parameters.AddWithValue(now);
        InstanceStore.AddText(command.Parameters, refused);
        await command.ExecuteNonQueryAsync(cancellation);
    }
}
