using Npgsql;
using NpgsqlTypes;
using Sentinel.Postgres.Access;
using Sentinel.Siem.Ingestion;
using Sentinel.Siem.Normalisation;

namespace Sentinel.Siem.Failures;

/// <summary>What could not be read: never silent, never lost.</summary>
static class FailureStore
{
    const int ReasonCharsMax = 1000;

    public static async Task AppendAsync(
        PresentedTransaction work,
        IReadOnlyList<Reading.Unreadable> unreadable,
        long batchNumber,
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        const string sql = """
            INSERT INTO siem.ingest_failures (organisation_id, raw_event_id, key_time, batch_number,
                declaration, reason, created_at)
            SELECT $1, f.id, f.key_time, $2, f.declaration, f.reason, $3
            FROM unnest($4, $5, $6, $7) AS f (id, key_time, declaration, reason)
            """;
        if (unreadable.Count == 0)
            return;
        await using var command = work.Command(sql);
        command.Parameters.AddWithValue(work.Actor.OrganisationId);
        command.Parameters.AddWithValue(batchNumber);
        command.Parameters.AddWithValue(now);
        command.Parameters.AddWithValue(unreadable.Select(one => one.RawEventId).ToArray());
        command.Parameters.AddWithValue(
            unreadable.Select(one => one.KeyTime.ToUniversalTime()).ToArray()
        );
        command.Parameters.Add(
            new NpgsqlParameter<string?[]>
            {
                NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text,
                TypedValue = [.. unreadable.Select(one => one.Source)],
            }
        );
        command.Parameters.AddWithValue(unreadable.Select(one => Reason(one.Reason)).ToArray());
        await command.ExecuteNonQueryAsync(cancellation);
    }

    public static async Task<IReadOnlyList<IngestFailure>> ListAsync(
        PresentedTransaction work,
        int limit,
        int previewBytes,
        CancellationToken cancellation
    )
    {
        const string sql = """
            SELECT f.raw_event_id, f.reason, f.declaration, i.name, r.line, r.received_at,
                length(r.payload_bytes), substring(r.payload_bytes FROM 1 FOR $3)
            FROM siem.ingest_failures f
            JOIN siem.raw_events r ON r.organisation_id = f.organisation_id
                AND r.id = f.raw_event_id AND r.key_time = f.key_time
            JOIN siem.batches b ON b.organisation_id = f.organisation_id AND b.number = f.batch_number
            JOIN siem.inputs i ON i.organisation_id = b.organisation_id AND i.id = b.input_id
            WHERE f.organisation_id = $1
            ORDER BY f.batch_number DESC, r.batch_index
            LIMIT $2
            """;
        await using var command = work.Command(sql);
        command.Parameters.AddWithValue(work.Actor.OrganisationId);
        command.Parameters.AddWithValue(limit);
        command.Parameters.AddWithValue(previewBytes);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var failures = new List<IngestFailure>();
        while (await reader.ReadAsync(cancellation))
            failures.Add(
                new IngestFailure(
                    reader.GetGuid(0),
                    reader.GetString(1),
                    await reader.IsDBNullAsync(2, cancellation) ? null : reader.GetString(2),
                    reader.GetString(3),
                    reader.GetInt64(4),
                    reader.GetFieldValue<DateTimeOffset>(5),
                    reader.GetInt32(6),
                    reader.GetFieldValue<byte[]>(7)
                )
            );
        return failures;
    }

    public static async Task<IReadOnlyList<FailureCount>> CountAsync(
        PresentedTransaction work,
        CancellationToken cancellation
    )
    {
        const string sql = """
            SELECT coalesce(declaration, ''), reason, count(*) FROM siem.ingest_failures
            WHERE organisation_id = $1
            GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2 LIMIT 1000
            """;
        await using var command = work.Command(sql);
        command.Parameters.AddWithValue(work.Actor.OrganisationId);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var counts = new List<FailureCount>();
        while (await reader.ReadAsync(cancellation))
            counts.Add(
                new FailureCount(reader.GetString(0), reader.GetString(1), reader.GetInt64(2))
            );
        return counts;
    }

    static string Reason(string reason)
    {
        var text = Storable.Text(reason);
        return text.Length switch
        {
            0 => "no source can read it",
            > ReasonCharsMax => Storable.Text(text[..ReasonCharsMax]),
            _ => text,
        };
    }
}

/// <param name="Declaration">The source that accepted it and could not read it, or null.</param>
/// <param name="Place">The file as given, or the request's idempotency key.</param>
/// <param name="Preview">The first of its bytes; all of them stay in the raw event.</param>
public sealed record IngestFailure(
    Guid RawEventId,
    string Reason,
    string? Declaration,
    string Place,
    long Line,
    DateTimeOffset ReceivedAt,
    int LengthBytes,
    byte[] Preview
);

public sealed record FailureCount(string Declaration, string Reason, long Count);
