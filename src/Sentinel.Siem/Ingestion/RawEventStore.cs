using System.Runtime.CompilerServices;
using Npgsql;
using NpgsqlTypes;

namespace Sentinel.Siem.Ingestion;

/// <summary>A raw event with the keys under which it is kept.</summary>
public sealed record StoredRawEvent(
    Guid Id,
    DateTimeOffset KeyTime,
    DateTimeOffset? EventTime,
    RawEvent Raw
)
{
    /// <summary>The batch that accepted it; 0 before it is accepted.</summary>
    public long BatchNumber { get; init; }
}

/// <summary>
/// Where received bytes are kept for ever. An interface because the raw store may move to object storage;
/// nothing else knows how it keeps them.
/// </summary>
public interface IRawEventStore
{
    /// <summary>Adds to the transaction of the batch, in order of acceptance.</summary>
    Task AppendAsync(
        NpgsqlConnection connection,
        long batchNumber,
        IReadOnlyList<StoredRawEvent> rows,
        CancellationToken cancellation
    );

    /// <summary>The raw events of a batch, in order of acceptance.</summary>
    IAsyncEnumerable<StoredRawEvent> ReadBatchAsync(
        NpgsqlConnection connection,
        Guid organisationId,
        long batchNumber,
        CancellationToken cancellation
    );

    /// <summary>Those of these ids, online or archived, in no order.</summary>
    IAsyncEnumerable<StoredRawEvent> ReadAsync(
        NpgsqlConnection connection,
        Guid organisationId,
        IReadOnlyList<(Guid Id, DateTimeOffset KeyTime)> keys,
        CancellationToken cancellation
    );
}

/// <inheritdoc cref="IRawEventStore"/>
public sealed class RawEventStore : IRawEventStore
{
    const string Columns = """
        id, key_time, event_time, source_id, source_system, received_at, payload_bytes, payload_hash,
        ingestion_node, input_index, line, position, delivery, duplicate_of, defect, batch_number
        """;

    /// <summary>COPY is refused under row-level security, so it fills a temporary table first.</summary>
    public async Task AppendAsync(
        NpgsqlConnection connection,
        long batchNumber,
        IReadOnlyList<StoredRawEvent> rows,
        CancellationToken cancellation
    )
    {
        const string create = """
            CREATE TEMPORARY TABLE incoming_raw_events (LIKE siem.raw_events) ON COMMIT DROP
            """;
        const string copy = """
            COPY incoming_raw_events (organisation_id, id, key_time, source_id, source_system,
                received_at, event_time, payload, payload_bytes, payload_hash, ingestion_node,
                batch_number, batch_index, input_index, line, position, delivery, duplicate_of, defect)
            FROM STDIN (FORMAT BINARY)
            """;
        const string insert = "INSERT INTO siem.raw_events SELECT * FROM incoming_raw_events";
        await ExecuteAsync(connection, create, cancellation);
        await using (var writer = await connection.BeginBinaryImportAsync(copy, cancellation))
        {
            for (var i = 0; i < rows.Count; i++)
                await WriteAsync(writer, rows[i], batchNumber, i, cancellation);
            await writer.CompleteAsync(cancellation);
        }
        await ExecuteAsync(connection, insert, cancellation);
    }

    public async IAsyncEnumerable<StoredRawEvent> ReadBatchAsync(
        NpgsqlConnection connection,
        Guid organisationId,
        long batchNumber,
        [EnumeratorCancellation] CancellationToken cancellation
    )
    {
        const string sql =
            "SELECT "
            + Columns
            + """
                , (SELECT live FROM siem.batches b
                    WHERE b.organisation_id = $1 AND b.number = $2)
                FROM siem.all_raw_events
                WHERE organisation_id = $1 AND batch_number = $2
                ORDER BY batch_index
                """;
        await using var command = new NpgsqlCommand(sql, connection);
        command.Parameters.AddWithValue(organisationId);
        command.Parameters.AddWithValue(batchNumber);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
            yield return Read(reader, organisationId);
    }

    public async IAsyncEnumerable<StoredRawEvent> ReadAsync(
        NpgsqlConnection connection,
        Guid organisationId,
        IReadOnlyList<(Guid Id, DateTimeOffset KeyTime)> keys,
        [EnumeratorCancellation] CancellationToken cancellation
    )
    {
        const string sql =
            "SELECT "
            + Columns
            + """
                , (SELECT live FROM siem.batches b
                    WHERE b.organisation_id = $1 AND b.number = r.batch_number)
                FROM siem.all_raw_events r
                JOIN unnest($2, $3) AS k (wanted, at) ON r.id = k.wanted AND r.key_time = k.at
                WHERE organisation_id = $1 AND r.key_time BETWEEN $4 AND $5
                """;
        if (keys.Count == 0)
            yield break;
        await using var command = new NpgsqlCommand(sql, connection);
        command.Parameters.AddWithValue(organisationId);
        DateTimeOffset[] times = [.. keys.Select(key => MicrosecondClock.Truncate(key.KeyTime))];
        command.Parameters.AddWithValue(keys.Select(key => key.Id).ToArray());
        command.Parameters.AddWithValue(times);
        command.Parameters.AddWithValue(times.Min());
        command.Parameters.AddWithValue(times.Max());
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
            yield return Read(reader, organisationId);
    }

    static async Task WriteAsync(
        NpgsqlBinaryImporter writer,
        StoredRawEvent row,
        long batchNumber,
        int batchIndex,
        CancellationToken cancellation
    )
    {
        var raw = row.Raw;
        await writer.StartRowAsync(cancellation);
        await writer.WriteAsync(raw.OrganisationId, cancellation);
        await writer.WriteAsync(row.Id, cancellation);
        await writer.WriteAsync(row.KeyTime.ToUniversalTime(), cancellation);
        await writer.WriteAsync(raw.SourceId, cancellation);
        await writer.WriteAsync(raw.SourceSystem, cancellation);
        await writer.WriteAsync(raw.ReceivedAt.ToUniversalTime(), cancellation);
        await writer.WriteNullableAsync(row.EventTime?.ToUniversalTime(), cancellation);
        await writer.WriteNullableAsync(
            Storable.Json(raw.PayloadBytes.Span),
            NpgsqlDbType.Jsonb,
            cancellation
        );
        await writer.WriteAsync(raw.PayloadBytes, NpgsqlDbType.Bytea, cancellation);
        await writer.WriteAsync(raw.PayloadHash.ToString(), cancellation);
        await writer.WriteAsync(raw.IngestionNode, cancellation);
        await writer.WriteAsync(batchNumber, cancellation);
        await writer.WriteAsync(batchIndex, cancellation);
        await writer.WriteAsync(raw.Index, cancellation);
        await writer.WriteAsync(raw.Line, cancellation);
        await writer.WriteAsync(raw.Position.ToArray(), NpgsqlDbType.Bytea, cancellation);
        await writer.WriteAsync(raw.Delivery, cancellation);
        await writer.WriteNullableAsync(raw.DuplicateOf, cancellation);
        await writer.WriteNullableAsync(raw.Defect, NpgsqlDbType.Text, cancellation);
    }

    static StoredRawEvent Read(NpgsqlDataReader reader, Guid organisationId) =>
        new(
            reader.GetGuid(0),
            reader.GetFieldValue<DateTimeOffset>(1),
            reader.IsDBNull(2) ? null : reader.GetFieldValue<DateTimeOffset>(2),
            new RawEvent
            {
                OrganisationId = organisationId,
                SourceId = reader.GetGuid(3),
                SourceSystem = reader.GetString(4),
                InputKey = reader.GetGuid(3).ToString(),
                ReceivedAt = reader.GetFieldValue<DateTimeOffset>(5),
                PayloadBytes = reader.GetFieldValue<byte[]>(6),
                PayloadHash = Digest.From(Convert.FromHexString(reader.GetString(7))),
                IngestionNode = reader.GetString(8),
                Index = reader.GetInt64(9),
                Line = reader.GetInt64(10),
                Position = Digest.From(reader.GetFieldValue<byte[]>(11)),
                Delivery = reader.GetInt32(12),
                DuplicateOf = reader.IsDBNull(13) ? null : reader.GetGuid(13),
                Defect = reader.IsDBNull(14) ? null : reader.GetString(14),
                Live = reader.GetBoolean(16),
            }
        )
        {
            BatchNumber = reader.GetInt64(15),
        };

    static async Task ExecuteAsync(
        NpgsqlConnection connection,
        string sql,
        CancellationToken cancellation
    )
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(cancellation);
    }
}
