using System.Text;
using NpgsqlTypes;
using Sentinel.Postgres.Access;

namespace Sentinel.Siem.Ingestion;

/// <summary>Who sends, and how far each input has been committed.</summary>
static class InputStore
{
    /// <summary>The registration of that name, made on first use; its id derives from its first name.</summary>
    public static async Task<SourceRegistration> RegisterSourceAsync(
        PresentedTransaction work,
        string name,
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        const string sql = """
            WITH made AS (
                INSERT INTO siem.sources (organisation_id, id, name, source_system, created_at)
                VALUES ($1, $2, $3, $3, $4)
                ON CONFLICT DO NOTHING
                RETURNING id, name, source_system
            )
            SELECT id, name, source_system FROM made
            UNION ALL
            SELECT id, name, source_system FROM siem.sources WHERE organisation_id = $1 AND name = $3
            """;
        var organisationId = work.Actor.OrganisationId;
        var id = DerivedId.From(
            DateTimeOffset.UnixEpoch,
            [.. organisationId.ToByteArray(bigEndian: true), .. Encoding.UTF8.GetBytes(name)]
        );
        await using var command = work.Command(sql);
        command.Parameters.AddWithValue(organisationId);
        command.Parameters.AddWithValue(id);
        command.Parameters.AddWithValue(name);
        command.Parameters.AddWithValue(now);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        await reader.ReadAsync(cancellation);
        return new SourceRegistration(reader.GetGuid(0), reader.GetString(1), reader.GetString(2));
    }

    /// <summary>The committed batch that begins with this position, or null where nothing does.</summary>
    public static async Task<CommittedBatch?> FindBatchAsync(
        PresentedTransaction work,
        Guid sourceId,
        Digest firstPosition,
        CancellationToken cancellation
    )
    {
        const string sql = """
            SELECT b.number, b.raw_events, b.payload_bytes, b.last_position,
                CASE WHEN i.position = b.last_position THEN i.id END
            FROM siem.batches b
            JOIN siem.inputs i ON i.organisation_id = b.organisation_id AND i.id = b.input_id
            WHERE b.organisation_id = $1 AND b.source_id = $2 AND b.first_position = $3
                AND b.delivery = 0
            """;
        await using var command = work.Command(sql);
        command.Parameters.AddWithValue(work.Actor.OrganisationId);
        command.Parameters.AddWithValue(sourceId);
        command.Parameters.AddWithValue(firstPosition.ToArray());
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        if (!await reader.ReadAsync(cancellation))
            return null;
        return new CommittedBatch(
            reader.GetInt64(0),
            reader.GetInt32(1),
            reader.GetInt64(2),
            Digest.From(reader.GetFieldValue<byte[]>(3)),
            await reader.IsDBNullAsync(4, cancellation) ? null : reader.GetGuid(4)
        );
    }

    /// <summary>The positions of a committed batch, in order.</summary>
    public static async Task<IReadOnlyList<Digest>> PositionsAsync(
        PresentedTransaction work,
        long batchNumber,
        CancellationToken cancellation
    )
    {
        const string sql = """
            SELECT position FROM siem.all_raw_events
            WHERE organisation_id = $1 AND batch_number = $2 ORDER BY batch_index
            """;
        await using var command = work.Command(sql);
        command.Parameters.AddWithValue(work.Actor.OrganisationId);
        command.Parameters.AddWithValue(batchNumber);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var positions = new List<Digest>();
        while (await reader.ReadAsync(cancellation))
            positions.Add(Digest.From(reader.GetFieldValue<byte[]>(0)));
        return positions;
    }

    /// <summary>The id of a request's record as it was delivered first, by its position.</summary>
    public static async Task<Dictionary<Digest, (Guid Id, Digest PayloadHash)>> DeliveredAsync(
        PresentedTransaction work,
        Guid inputId,
        CancellationToken cancellation
    )
    {
        const string sql = """
            SELECT r.position, r.id, r.payload_hash FROM siem.batches b
            JOIN siem.all_raw_events r ON r.organisation_id = b.organisation_id
                AND r.batch_number = b.number
            WHERE b.organisation_id = $1 AND b.input_id = $2 AND b.delivery = 0
            """;
        await using var command = work.Command(sql);
        command.Parameters.AddWithValue(work.Actor.OrganisationId);
        command.Parameters.AddWithValue(inputId);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var delivered = new Dictionary<Digest, (Guid, Digest)>();
        while (await reader.ReadAsync(cancellation))
            delivered[Digest.From(reader.GetFieldValue<byte[]>(0))] = (
                reader.GetGuid(1),
                Digest.From(Convert.FromHexString(reader.GetString(2)))
            );
        return delivered;
    }

    /// <summary>How many records of a request were committed, and how often it has been delivered.</summary>
    public static async Task<(long Records, int Deliveries)> FindAsync(
        PresentedTransaction work,
        Guid inputId,
        CancellationToken cancellation
    )
    {
        const string sql = """
            SELECT records, deliveries FROM siem.inputs WHERE organisation_id = $1 AND id = $2
            """;
        await using var command = work.Command(sql);
        command.Parameters.AddWithValue(work.Actor.OrganisationId);
        command.Parameters.AddWithValue(inputId);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        return await reader.ReadAsync(cancellation)
            ? (reader.GetInt64(0), reader.GetInt32(1))
            : (0, 0);
    }

    /// <summary>Stores how far the input has come, with the batch that brought it there.</summary>
    public static async Task AdvanceAsync(
        PresentedTransaction work,
        IngestBatch batch,
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        const string sql = """
            INSERT INTO siem.inputs AS i (organisation_id, id, source_id, kind, name, position, records,
                deliveries, created_at, updated_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9)
            ON CONFLICT (organisation_id, id) DO UPDATE SET
                position = CASE WHEN excluded.records > i.records THEN excluded.position
                    ELSE i.position END,
                records = greatest(i.records, excluded.records),
                deliveries = greatest(i.deliveries, excluded.deliveries),
                updated_at = excluded.updated_at
            """;
        var last = batch.Raw[^1];
        await using var command = work.Command(sql);
        command.Parameters.AddWithValue(work.Actor.OrganisationId);
        command.Parameters.AddWithValue(batch.Input.Id);
        command.Parameters.AddWithValue(batch.Input.SourceId);
        command.Parameters.AddWithValue(NameOf(batch.Input.Kind));
        command.Parameters.AddWithValue(Storable.Text(batch.Input.Name));
        command.Parameters.AddWithValue(NpgsqlDbType.Bytea, last.Position.ToArray());
        command.Parameters.AddWithValue(last.Index + 1);
        command.Parameters.AddWithValue(batch.Delivery + 1);
        command.Parameters.AddWithValue(now);
        await command.ExecuteNonQueryAsync(cancellation);
    }

    static string NameOf(InputKind kind) =>
        kind switch
        {
            InputKind.File => "file",
            InputKind.Http => "http",
            InputKind.Syslog => "syslog",
        };
}

/// <summary>What was committed from one position to another.</summary>
/// <param name="EndOf">The input that ends here, so far; null where it went on.</param>
sealed record CommittedBatch(
    long Number,
    int RawEvents,
    long PayloadBytes,
    Digest LastPosition,
    Guid? EndOf
);
