using Npgsql;
using NpgsqlTypes;
using Sentinel.Postgres.Access;

namespace Sentinel.Siem.Ingestion;

/// <summary>The order of acceptance: one writer for each organisation, one number for each batch.</summary>
static class BatchStore
{
    /// <summary>
    /// Waits for the organisation's other writer, holds until the transaction ends, and gives the next
    /// number.
    /// </summary>
    public static async Task<long> NextNumberAsync(
        PresentedTransaction work,
        CancellationToken cancellation
    )
    {
        const string sql = """
            SELECT coalesce(max(number), 0) + 1 FROM siem.batches WHERE organisation_id = $1
            """;
        await LockWriterAsync(work, cancellation);
        await using var command = work.Command(sql);
        command.Parameters.AddWithValue(work.Actor.OrganisationId);
        return (long)(await command.ExecuteScalarAsync(cancellation))!;
    }

    public static async Task LockWriterAsync(
        PresentedTransaction work,
        CancellationToken cancellation
    )
    {
        const string sql = """
            SELECT pg_advisory_xact_lock(hashtextextended('siem.batches ' || $1, 0))
            """;
        await using var command = work.Command(sql);
        command.CommandTimeout = 0;
        command.Parameters.AddWithValue(work.Actor.OrganisationId.ToString());
        await command.ExecuteNonQueryAsync(cancellation);
    }

    /// <summary>Adds the batch and, by its trigger, the audit row with the Merkle root.</summary>
    /// <returns>False where another process has accepted these positions in the meantime.</returns>
    public static async Task<bool> TryInsertAsync(
        PresentedTransaction work,
        BatchRow row,
        CancellationToken cancellation
    )
    {
        const string sql = """
            INSERT INTO siem.batches (organisation_id, number, id, kind, source_id, input_id,
                correlation_id, ingestion_node, received_at, live, delivery, first_index, first_position,
                last_position, payload_bytes, raw_events, events, unparsed, duplicates,
                policy_set_sha256, merkle_root, reading)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19,
                $20, $21, $22)
            ON CONFLICT (organisation_id, source_id, first_position, delivery) DO NOTHING
            """;
        await using var command = work.Command(sql);
        var add = command.Parameters;
        var first = row.Raw.Count > 0 ? row.Raw[0] : null;
        add.AddWithValue(work.Actor.OrganisationId);
        add.AddWithValue(row.Number);
        add.AddWithValue(DerivedId.From(row.ReceivedAt, IdContent(work, row.Number)));
        add.AddWithValue(first is null ? "tick" : "records");
        AddNullable(add, NpgsqlDbType.Uuid, row.Input?.SourceId);
        AddNullable(add, NpgsqlDbType.Uuid, row.Input?.Id);
        add.AddWithValue(row.CorrelationId);
        add.AddWithValue(row.IngestionNode);
        add.AddWithValue(row.ReceivedAt);
        add.AddWithValue(row.Live);
        add.AddWithValue(first?.Delivery ?? 0);
        AddNullable(add, NpgsqlDbType.Bigint, first?.Index);
        AddNullable(add, NpgsqlDbType.Bytea, first?.Position.ToArray());
        AddNullable(add, NpgsqlDbType.Bytea, first is null ? null : row.Raw[^1].Position.ToArray());
        add.AddWithValue(row.Raw.Sum(raw => (long)raw.PayloadBytes.Length));
        add.AddWithValue(row.Raw.Count);
        add.AddWithValue(row.Events);
        add.AddWithValue(row.Unparsed);
        add.AddWithValue(row.Duplicates);
        add.AddWithValue(row.PolicySetSha256);
        add.AddWithValue(row.MerkleRoot);
        add.AddWithValue(NpgsqlDbType.Jsonb, row.ReadAs);
        return await command.ExecuteNonQueryAsync(cancellation) == 1;
    }

    /// <summary>Every batch of an organisation, in order of acceptance.</summary>
    public static Task<IReadOnlyList<StoredBatch>> ListAsync(
        NpgsqlConnection connection,
        Guid organisationId,
        CancellationToken cancellation
    ) => ListBetweenAsync(connection, organisationId, 0, long.MaxValue, cancellation);

    /// <summary>Those behind one number and before another, in order of acceptance.</summary>
    public static async Task<IReadOnlyList<StoredBatch>> ListBetweenAsync(
        NpgsqlConnection connection,
        Guid organisationId,
        long behind,
        long before,
        CancellationToken cancellation
    )
    {
        const string sql = """
            SELECT number, kind, received_at, correlation_id, policy_set_sha256, reading::text, raw_events,
                merkle_root, id
            FROM siem.batches WHERE organisation_id = $1 AND number > $2 AND number < $3
            ORDER BY number
            """;
        await using var command = new NpgsqlCommand(sql, connection);
        command.Parameters.AddWithValue(organisationId);
        command.Parameters.AddWithValue(behind);
        command.Parameters.AddWithValue(before);
        return await ReadAsync(command, cancellation);
    }

    /// <summary>Those with a record whose time is in the range, and the ticks between them.</summary>
    public static async Task<IReadOnlyList<StoredBatch>> ListWithinAsync(
        NpgsqlConnection connection,
        Guid organisationId,
        (DateTimeOffset From, DateTimeOffset To) range,
        CancellationToken cancellation
    )
    {
        const string sql = """
            WITH wanted AS MATERIALIZED (
                SELECT DISTINCT batch_number AS number FROM siem.all_raw_events
                WHERE organisation_id = $1 AND key_time >= $2 AND key_time < $3)
            SELECT number, kind, received_at, correlation_id, policy_set_sha256, reading::text, raw_events,
                merkle_root, id
            FROM siem.batches
            WHERE organisation_id = $1 AND (number IN (SELECT number FROM wanted)
                OR kind = 'tick' AND number BETWEEN (SELECT min(number) FROM wanted)
                    AND (SELECT max(number) FROM wanted))
            ORDER BY number
            """;
        await using var command = new NpgsqlCommand(sql, connection);
        command.CommandTimeout = 0;
        command.Parameters.AddWithValue(organisationId);
        command.Parameters.AddWithValue(range.From.ToUniversalTime());
        command.Parameters.AddWithValue(range.To.ToUniversalTime());
        return await ReadAsync(command, cancellation);
    }

    static async Task<IReadOnlyList<StoredBatch>> ReadAsync(
        NpgsqlCommand command,
        CancellationToken cancellation
    )
    {
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var batches = new List<StoredBatch>();
        while (await reader.ReadAsync(cancellation))
            batches.Add(
                new StoredBatch(
                    reader.GetInt64(0),
                    reader.GetString(1) == "tick",
                    reader.GetFieldValue<DateTimeOffset>(2),
                    reader.GetGuid(3),
                    reader.GetString(4),
                    reader.GetString(5),
                    reader.GetInt32(6),
                    reader.GetString(7),
                    reader.GetGuid(8)
                )
            );
        return batches;
    }

    static byte[] IdContent(PresentedTransaction work, long number) =>
        [
            .. work.Actor.OrganisationId.ToByteArray(bigEndian: true),
            .. BitConverter.GetBytes(System.Net.IPAddress.HostToNetworkOrder(number)),
        ];

    static void AddNullable(NpgsqlParameterCollection add, NpgsqlDbType type, object? value) =>
        add.Add(new NpgsqlParameter { NpgsqlDbType = type, Value = value ?? DBNull.Value });
}

/// <param name="Input">Null for a tick.</param>
sealed record BatchRow(
    long Number,
    Input? Input,
    IReadOnlyList<RawEvent> Raw,
    Guid CorrelationId,
    string IngestionNode,
    DateTimeOffset ReceivedAt,
    bool Live,
    int Events,
    int Unparsed,
    int Duplicates,
    string PolicySetSha256,
    string MerkleRoot
)
{
    /// <summary>How its lines were read, as JSON.</summary>
    public string ReadAs { get; init; } = "{}";
}

/// <param name="Tick">It brought no records: time passed.</param>
/// <param name="ReadAs">How its lines were read, as JSON.</param>
sealed record StoredBatch(
    long Number,
    bool Tick,
    DateTimeOffset ReceivedAt,
    Guid CorrelationId,
    string PolicySetSha256,
    string ReadAs,
    int RawEvents,
    string MerkleRoot,
    Guid Id
);
