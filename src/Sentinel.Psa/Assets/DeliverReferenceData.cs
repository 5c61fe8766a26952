using Npgsql;
using Sentinel.Contract;
using Sentinel.Postgres;
using Sentinel.Psa.Audit;

namespace Sentinel.Psa.Assets;

/// <summary>
/// Tells detection about assets and legal holds, in the order of their changes. Rows are the truth: a delivery that
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
        foreach (var (id, change) in due)
        {
            await detection.ApplyAsync(change, cancellation);
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

    static async Task<IReadOnlyList<(Guid Id, ReferenceData Change)>> ClaimAsync(
        NpgsqlConnection connection,
        CancellationToken cancellation
    )
    {
        const string sql = """
            SELECT o.id, o.organisation_id, o.entity_id, a.asset_type, a.name, a.names, a.criticality,
                a.status, h.held_from, h.held_until, h.lifted_at IS NULL
            FROM psa.reference_outbox o
            LEFT JOIN psa.assets a ON o.kind = 'asset'
                AND a.organisation_id = o.organisation_id AND a.id = o.entity_id
            LEFT JOIN psa.legal_holds h ON o.kind = 'legal_hold'
                AND h.organisation_id = o.organisation_id AND h.id = o.entity_id
            WHERE o.delivered_at IS NULL AND (a.id IS NOT NULL OR h.id IS NOT NULL)
            ORDER BY o.position LIMIT $1 FOR UPDATE OF o SKIP LOCKED
            """;
        await using var command = new NpgsqlCommand(sql, connection).With(RowsMax);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        List<(Guid, ReferenceData)> due = [];
        while (await reader.ReadAsync(cancellation))
            due.Add((reader.GetGuid(0), reader.IsDBNull(3) ? Hold(reader) : Asset(reader)));
        return due;
    }

    static ReferenceData.Asset Asset(NpgsqlDataReader row) =>
        new(
            row.GetGuid(1),
            row.GetGuid(2),
            row.GetString(3),
            row.GetString(4),
            row.GetFieldValue<string[]>(5),
            row.GetInt32(6),
            row.GetString(7) == "active"
        );

    static ReferenceData.LegalHold Hold(NpgsqlDataReader row) =>
        new(
            row.GetGuid(1),
            row.GetGuid(2),
            row.GetFieldValue<DateTimeOffset>(8),
            row.TimeOrNull(9),
            row.GetBoolean(10)
        );
}
