using NpgsqlTypes;
using Sentinel.Postgres.Access;

namespace Sentinel.Siem.Correlation;

/// <summary>Snapshots of an organisation's windows, each as of a batch.</summary>
static class CorrelationStateStore
{
    // One partition for now; the key is there so that more can come without a new key.
    const int Partition = 0;

    public static async Task<CorrelationSnapshot?> FindAsync(
        PresentedTransaction work,
        CancellationToken cancellation
    )
    {
        const string sql = """
            SELECT batch_number, policy_set_sha256, state FROM siem.correlation_state
            WHERE organisation_id = $1 AND partition = $2
            """;
        await using var command = work.Command(sql);
        command.Parameters.AddWithValue(work.Actor.OrganisationId);
        command.Parameters.AddWithValue(Partition);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        return await reader.ReadAsync(cancellation)
            ? new CorrelationSnapshot(
                reader.GetInt64(0),
                reader.GetString(1),
                reader.GetFieldValue<byte[]>(2)
            )
            : null;
    }

    public static async Task SaveAsync(
        PresentedTransaction work,
        CorrelationSnapshot snapshot,
        CancellationToken cancellation
    )
    {
        const string sql = """
            INSERT INTO siem.correlation_state (organisation_id, partition, batch_number,
                policy_set_sha256, state)
            VALUES ($1, $2, $3, $4, $5)
            ON CONFLICT (organisation_id, partition) DO UPDATE SET batch_number = excluded.batch_number,
                policy_set_sha256 = excluded.policy_set_sha256, state = excluded.state
            """;
        await using var command = work.Command(sql);
        command.Parameters.AddWithValue(work.Actor.OrganisationId);
        command.Parameters.AddWithValue(Partition);
        command.Parameters.AddWithValue(snapshot.BatchNumber);
        command.Parameters.AddWithValue(snapshot.PolicySetSha256);
        command.Parameters.AddWithValue(NpgsqlDbType.Bytea, snapshot.State);
        await command.ExecuteNonQueryAsync(cancellation);
    }
}

/// <param name="BatchNumber">The last batch that it knows.</param>
/// <param name="PolicySetSha256">The set whose rules wrote it.</param>
sealed record CorrelationSnapshot(long BatchNumber, string PolicySetSha256, byte[] State);
