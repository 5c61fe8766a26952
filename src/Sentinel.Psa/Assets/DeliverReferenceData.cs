using Npgsql;
using Sentinel.Contract;
using Sentinel.Postgres;
using Sentinel.Psa.Audit;

namespace Sentinel.Psa.Assets;

/// <summary>
/// Tells detection about assets, in the order of their changes. Rows are the truth: a delivery that
/// was cut short happens again, and the latest state replaces the one before.
/// </summary>
public sealed class DeliverReferenceData(
    SentinelDatabase database,
    IReferenceData detection,
    TimeProvider clock
)
{
    /// <summary>LISTEN to this to be woken.</summary>
    public const string Channel = "sentinel_reference";

    const int RowsMax = 200;

    /// <returns>How many changes were delivered; call again until it is 0.</returns>
    public async Task<int> RunAsync(CancellationToken cancellation)
    {
        await using var connection = await database.Jobs.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        var due = await ClaimAsync(connection, cancellation);
        foreach (var (id, asset) in due)
        {
            await detection.ApplyAsync(asset, cancellation);
            const string sql = "UPDATE psa.reference_outbox SET delivered_at = $2 WHERE id = $1";
            await using var command = new NpgsqlCommand(sql, connection).With(
                id,
                clock.GetUtcNow()
            );
            await command.ExecuteNonQueryAsync(cancellation);
        }
        await transaction.CommitAsync(cancellation);
        return due.Count;
    }

    static async Task<IReadOnlyList<(Guid Id, ReferenceData.Asset Asset)>> ClaimAsync(
        NpgsqlConnection connection,
        CancellationToken cancellation
    )
    {
        const string sql = """
            SELECT o.id, a.organisation_id, a.id, a.asset_type, a.name, a.names, a.criticality, a.status
            FROM psa.reference_outbox o
            JOIN psa.assets a ON a.organisation_id = o.organisation_id AND a.id = o.entity_id
            WHERE o.delivered_at IS NULL AND o.kind = 'asset'
            ORDER BY o.position LIMIT $1 FOR UPDATE OF o SKIP LOCKED
            """;
        await using var command = new NpgsqlCommand(sql, connection).With(RowsMax);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        List<(Guid, ReferenceData.Asset)> due = [];
        while (await reader.ReadAsync(cancellation))
            due.Add(
                (
                    reader.GetGuid(0),
                    new ReferenceData.Asset(
                        reader.GetGuid(1),
                        reader.GetGuid(2),
                        reader.GetString(3),
                        reader.GetString(4),
                        reader.GetFieldValue<string[]>(5),
                        reader.GetInt32(6),
                        reader.GetString(7) == "active"
                    )
                )
            );
        return due;
    }
}
