using System.Collections.Concurrent;
using NpgsqlTypes;
using Sentinel.Postgres.Access;
using Sentinel.Siem.Rules;

namespace Sentinel.Siem.Correlation;

/// <summary>
/// Where an organisation's windows stand, committed with the batch that brought them there. Keeps the live
/// correlator of the last commit, so that the usual batch need not restore it.
/// </summary>
sealed class CorrelationStateStore
{
    // One partition for now; the key is there so that more can come without a new key.
    const int Partition = 0;

    readonly ConcurrentDictionary<Guid, Kept> kept = new();

    sealed record Kept(long BatchNumber, PolicySet Set, LiveCorrelator Correlator);

    /// <summary>
    /// Call under the writer's lock. What is taken is gone until <see cref="Keep"/>: after a rolled back
    /// batch the next one restores from the row.
    /// </summary>
    public async Task<LiveCorrelator> TakeAsync(
        PresentedTransaction work,
        PolicySet set,
        CancellationToken cancellation
    )
    {
        const string sql = """
            SELECT batch_number, CASE WHEN batch_number <> $3 THEN state END
            FROM siem.correlation_state
            WHERE organisation_id = $1 AND partition = $2
            """;
        var organisationId = work.Actor.OrganisationId;
        kept.TryRemove(organisationId, out var last);
        if (last is not null && last.Set.Sha256 != set.Sha256)
            last = null;
        await using var command = work.Command(sql);
        command.Parameters.AddWithValue(organisationId);
        command.Parameters.AddWithValue(Partition);
        command.Parameters.AddWithValue(last?.BatchNumber ?? 0);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var stored = await reader.ReadAsync(cancellation);
        if (stored && last is not null && await reader.IsDBNullAsync(1, cancellation))
            return last.Correlator;
        var correlator = new LiveCorrelator(set.Policy.Fields, set.Policy.Rules, organisationId);
        if (stored)
            correlator.Restore(reader.GetFieldValue<byte[]>(1));
        return correlator;
    }

    public static async Task SaveAsync(
        PresentedTransaction work,
        PolicySet set,
        long batchNumber,
        LiveCorrelator correlator,
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
        command.Parameters.AddWithValue(batchNumber);
        command.Parameters.AddWithValue(set.Sha256);
        command.Parameters.AddWithValue(NpgsqlDbType.Bytea, correlator.Save());
        await command.ExecuteNonQueryAsync(cancellation);
    }

    /// <summary>After the commit, and only then.</summary>
    public void Keep(
        Guid organisationId,
        PolicySet set,
        long batchNumber,
        LiveCorrelator correlator
    ) => kept[organisationId] = new Kept(batchNumber, set, correlator);
}
