using Npgsql;

namespace Sentinel.Workflows.Journal;

/// <summary>What is due, for every organisation: claimed under the role jobs, never waited for.</summary>
sealed class LeaseStore(NpgsqlDataSource jobs)
{
    /// <summary>Fires what is due by now; returns how many timers that were.</summary>
    public async Task<int> FireTimersAsync(
        DateTimeOffset now,
        int timersMax,
        Action beforeCommit,
        CancellationToken cancellation
    )
    {
        const string sql = """
            WITH due AS (
                SELECT organisation_id, instance_id, execution, outcome FROM workflow.workflow_timers
                WHERE fired_at IS NULL AND due_at <= $1
                ORDER BY due_at LIMIT $2 FOR UPDATE SKIP LOCKED),
            signalled AS (
                UPDATE workflow.workflow_instances
                SET ready_at = least(ready_at, $1), signals = signals + 1
                WHERE id IN (SELECT instance_id FROM due)),
            resumed AS (
                UPDATE workflow.workflow_bookmarks b SET resumed_at = $1, outcome = due.outcome, outputs = '{}'
                FROM due
                WHERE b.instance_id = due.instance_id AND b.execution = due.execution
                    AND b.resumed_at IS NULL AND b.burned_at IS NULL)
            UPDATE workflow.workflow_timers t SET fired_at = $1
            FROM due WHERE t.instance_id = due.instance_id AND t.execution = due.execution
            """;
        await using var connection = await jobs.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await using var command = new NpgsqlCommand(sql, connection, transaction);
        command.Parameters.AddWithValue(now);
        command.Parameters.AddWithValue(timersMax);
        var fired = await command.ExecuteNonQueryAsync(cancellation);
        if (fired > 0)
            beforeCommit();
        await transaction.CommitAsync(cancellation);
        return fired;
    }

    public async Task<IReadOnlyList<Lease>> ClaimAsync(
        string owner,
        DateTimeOffset now,
        TimeSpan duration,
        int leasesMax,
        CancellationToken cancellation
    )
    {
        const string sql = """
            UPDATE workflow.workflow_instances
            SET lease_owner = $1, lease_until = $2, fence = fence + 1
            WHERE id = ANY (ARRAY(
                SELECT id FROM workflow.workflow_instances
                WHERE ready_at <= $3 AND (lease_until IS NULL OR lease_until <= $3)
                ORDER BY ready_at LIMIT $4 FOR UPDATE SKIP LOCKED))
            RETURNING id, organisation_id, fence, attempts
            """;
        await using var command = jobs.CreateCommand(sql);
        command.Parameters.AddWithValue(owner);
        command.Parameters.AddWithValue(now + duration);
        command.Parameters.AddWithValue(now);
        command.Parameters.AddWithValue(leasesMax);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var leases = new List<Lease>();
        while (await reader.ReadAsync(cancellation))
            leases.Add(
                new(reader.GetGuid(0), reader.GetGuid(1), reader.GetInt64(2), reader.GetInt32(3))
            );
        return leases;
    }

    /// <summary>Gives the instance back after a failure, to be tried again at that time.</summary>
    public async Task PostponeAsync(
        Lease lease,
        DateTimeOffset until,
        string reason,
        bool isAttempt,
        CancellationToken cancellation
    )
    {
        const string sql = """
            UPDATE workflow.workflow_instances
            SET ready_at = $3, attempts = attempts + $5, last_error = left($4, 4000),
                lease_owner = NULL, lease_until = NULL
            WHERE id = $1 AND fence = $2
            """;
        await using var command = jobs.CreateCommand(sql);
        command.Parameters.AddWithValue(lease.InstanceId);
        command.Parameters.AddWithValue(lease.Fence);
        command.Parameters.AddWithValue(until);
        command.Parameters.AddWithValue(reason);
        command.Parameters.AddWithValue(isAttempt ? 1 : 0);
        await command.ExecuteNonQueryAsync(cancellation);
    }

    /// <summary>Leases of workers that live no more are worth nothing: what they held is ready at once.</summary>
    public async Task ReleaseAsync(
        Predicate<string> isDead,
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        const string owners = """
            SELECT DISTINCT lease_owner FROM workflow.workflow_instances
            WHERE ready_at IS NOT NULL AND lease_until > $1
            """;
        const string release = """
            UPDATE workflow.workflow_instances SET lease_until = $1
            WHERE ready_at IS NOT NULL AND lease_until > $1 AND lease_owner = ANY ($2)
            """;
        List<string> dead = [];
        await using (var command = jobs.CreateCommand(owners))
        {
            command.Parameters.AddWithValue(now);
            await using var reader = await command.ExecuteReaderAsync(cancellation);
            while (await reader.ReadAsync(cancellation))
                if (isDead(reader.GetString(0)))
                    dead.Add(reader.GetString(0));
        }
        if (dead.Count == 0)
            return;
        await using var releasing = jobs.CreateCommand(release);
        releasing.Parameters.AddWithValue(now);
        releasing.Parameters.AddWithValue(dead.ToArray());
        await releasing.ExecuteNonQueryAsync(cancellation);
    }
}
