using System.Net;
using System.Runtime.CompilerServices;
using Npgsql;
using NpgsqlTypes;
using Sentinel.Postgres.Access;
using Sentinel.Siem.Ingestion;

namespace Sentinel.Siem.Enrichment;

/// <summary>Events with their tags and enrichment, written once with their batch.</summary>
static class EventStore
{
    internal const string Columns = """
        e.id, e.key_time, e.raw_event_id, e.declaration, e.event_category, e.event_type, e.severity,
        e.asset_id, e.user_id, e.source_ip, e.destination_ip, e.event_time, e.repeated, e.fields::text,
        (SELECT array_agg(t.tag ORDER BY t.tag) FROM siem.all_event_tags t
            WHERE t.organisation_id = e.organisation_id AND t.event_id = e.id AND t.key_time = e.key_time),
        (SELECT array_agg(n.enrichment_type ORDER BY n.place)
            FROM siem.all_event_enrichment n WHERE n.organisation_id = e.organisation_id
                AND n.event_id = e.id AND n.key_time = e.key_time),
        (SELECT array_agg(n.enrichment_data::text ORDER BY n.place)
            FROM siem.all_event_enrichment n WHERE n.organisation_id = e.organisation_id
                AND n.event_id = e.id AND n.key_time = e.key_time)
        """;

    public static async Task AppendAsync(
        NpgsqlConnection connection,
        Guid organisationId,
        IReadOnlyList<EventRow> rows,
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        const string create = """
            CREATE TEMPORARY TABLE incoming_events (LIKE siem.events) ON COMMIT DROP;
            CREATE TEMPORARY TABLE incoming_tags (LIKE siem.event_tags) ON COMMIT DROP;
            CREATE TEMPORARY TABLE incoming_enrichment (LIKE siem.event_enrichment) ON COMMIT DROP
            """;
        const string insert = """
            INSERT INTO siem.events SELECT * FROM incoming_events;
            INSERT INTO siem.event_tags SELECT * FROM incoming_tags;
            INSERT INTO siem.event_enrichment SELECT * FROM incoming_enrichment
            """;
        if (rows.Count == 0)
            return;
        await ExecuteAsync(connection, create, cancellation);
        await CopyEventsAsync(connection, organisationId, rows, cancellation);
        await CopyTagsAsync(connection, organisationId, rows, cancellation);
        await CopyEnrichmentAsync(connection, organisationId, rows, now, cancellation);
        await ExecuteAsync(connection, insert, cancellation);
    }

    /// <summary>Those of these events, online or archived, in no order.</summary>
    public static async IAsyncEnumerable<EventRow> ReadAsync(
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

                FROM siem.all_events e
                JOIN unnest($2, $3) AS k (wanted, at) ON e.id = k.wanted AND e.key_time = k.at
                WHERE e.organisation_id = $1 AND e.key_time BETWEEN $4 AND $5
                """;
        if (keys.Count == 0)
            yield break;
        await using var command = new NpgsqlCommand(sql, connection);
        AddKeys(command, organisationId, keys);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
            yield return Read(reader);
    }

    /// <summary>The key of the event of this id, or of the event that a raw event of this id became.</summary>
    public static async Task<IReadOnlyList<(Guid Id, DateTimeOffset KeyTime)>> KeysAsync(
        PresentedTransaction work,
        Guid id,
        CancellationToken cancellation
    )
    {
        const string sql = """
            SELECT id, key_time FROM siem.all_events
            WHERE organisation_id = $1 AND (id = $2 OR raw_event_id = $2)
            """;
        await using var command = work.Command(sql);
        command.Parameters.AddWithValue(work.Actor.OrganisationId);
        command.Parameters.AddWithValue(id);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        List<(Guid, DateTimeOffset)> keys = [];
        while (await reader.ReadAsync(cancellation))
            keys.Add((reader.GetGuid(0), reader.GetFieldValue<DateTimeOffset>(1)));
        return keys;
    }

    /// <summary>The presented organisation's events of a time, the latest first, with their fields alone.</summary>
    public static async IAsyncEnumerable<(
        Guid Id,
        DateTimeOffset KeyTime,
        string FieldsJson
    )> ScanAsync(
        PresentedTransaction work,
        (DateTimeOffset From, DateTimeOffset To) range,
        [EnumeratorCancellation] CancellationToken cancellation
    )
    {
        const string sql = """
            SELECT id, key_time, fields::text FROM siem.events
            WHERE organisation_id = $1 AND key_time >= $2 AND key_time < $3
            ORDER BY key_time DESC, id DESC
            """;
        await using var command = work.Command(sql);
        command.CommandTimeout = 0;
        command.Parameters.AddWithValue(work.Actor.OrganisationId);
        command.Parameters.AddWithValue(range.From.ToUniversalTime());
        command.Parameters.AddWithValue(range.To.ToUniversalTime());
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
            yield return (
                reader.GetGuid(0),
                reader.GetFieldValue<DateTimeOffset>(1),
                reader.GetString(2)
            );
    }

    /// <summary>What was stored with these events when they came, in the order of their looking up.</summary>
    public static async Task<Dictionary<Guid, List<EventEnrichment>>> EnrichmentAsync(
        NpgsqlConnection connection,
        Guid organisationId,
        IReadOnlyList<(Guid Id, DateTimeOffset KeyTime)> keys,
        CancellationToken cancellation
    )
    {
        const string sql = """
            SELECT n.event_id, n.enrichment_type, n.enrichment_data::text
            FROM siem.all_event_enrichment n
            JOIN unnest($2, $3) AS k (wanted, at) ON n.event_id = k.wanted AND n.key_time = k.at
            WHERE n.organisation_id = $1 AND n.key_time BETWEEN $4 AND $5
            ORDER BY n.event_id, n.place
            """;
        var stored = new Dictionary<Guid, List<EventEnrichment>>();
        if (keys.Count == 0)
            return stored;
        await using var command = new NpgsqlCommand(sql, connection);
        AddKeys(command, organisationId, keys);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            if (!stored.TryGetValue(reader.GetGuid(0), out var rows))
                stored.Add(reader.GetGuid(0), rows = []);
            rows.Add(new EventEnrichment(reader.GetString(1), reader.GetString(2)));
        }
        return stored;
    }

    static void AddKeys(
        NpgsqlCommand command,
        Guid organisationId,
        IReadOnlyList<(Guid Id, DateTimeOffset KeyTime)> keys
    )
    {
        DateTimeOffset[] times = [.. keys.Select(key => MicrosecondClock.Truncate(key.KeyTime))];
        command.Parameters.AddWithValue(organisationId);
        command.Parameters.AddWithValue(keys.Select(key => key.Id).ToArray());
        command.Parameters.AddWithValue(times);
        command.Parameters.AddWithValue(times.Min());
        command.Parameters.AddWithValue(times.Max());
    }

    internal static EventRow Read(NpgsqlDataReader reader) =>
        new()
        {
            Id = reader.GetGuid(0),
            KeyTime = reader.GetFieldValue<DateTimeOffset>(1),
            RawEventId = reader.GetGuid(2),
            Declaration = reader.GetString(3),
            Category = reader.GetString(4),
            Type = reader.GetString(5),
            Severity = reader.GetInt32(6),
            AssetId = reader.IsDBNull(7) ? null : reader.GetGuid(7),
            UserId = reader.IsDBNull(8) ? null : reader.GetGuid(8),
            SourceIp = reader.IsDBNull(9) ? null : reader.GetFieldValue<IPAddress>(9),
            DestinationIp = reader.IsDBNull(10) ? null : reader.GetFieldValue<IPAddress>(10),
            EventTime = reader.GetFieldValue<DateTimeOffset>(11),
            Repeated = reader.GetInt32(12),
            FieldsJson = StableJson.Of(reader.GetString(13)),
            Tags = reader.IsDBNull(14) ? [] : reader.GetFieldValue<string[]>(14),
            Enrichments = reader.IsDBNull(15)
                ? []
                :
                [
                    .. reader
                        .GetFieldValue<string[]>(15)
                        .Zip(
                            reader.GetFieldValue<string[]>(16),
                            (type, data) => new EventEnrichment(type, StableJson.Of(data))
                        ),
                ],
        };

    static async Task CopyEventsAsync(
        NpgsqlConnection connection,
        Guid organisationId,
        IReadOnlyList<EventRow> rows,
        CancellationToken cancellation
    )
    {
        const string copy = """
            COPY incoming_events (organisation_id, id, key_time, raw_event_id, declaration,
                event_category, event_type, severity, asset_id, user_id, source_ip, destination_ip,
                event_time, repeated, fields)
            FROM STDIN (FORMAT BINARY)
            """;
        await using var writer = await connection.BeginBinaryImportAsync(copy, cancellation);
        foreach (var row in rows)
        {
            await writer.StartRowAsync(cancellation);
            await writer.WriteAsync(organisationId, cancellation);
            await writer.WriteAsync(row.Id, cancellation);
            await writer.WriteAsync(row.KeyTime.ToUniversalTime(), cancellation);
            await writer.WriteAsync(row.RawEventId, cancellation);
            await writer.WriteAsync(row.Declaration, cancellation);
            await writer.WriteAsync(row.Category, cancellation);
            await writer.WriteAsync(row.Type, cancellation);
            await writer.WriteAsync(row.Severity, cancellation);
            await writer.WriteNullableAsync(row.AssetId, cancellation);
            await writer.WriteNullableAsync(row.UserId, cancellation);
            await writer.WriteNullableAsync(row.SourceIp, NpgsqlDbType.Inet, cancellation);
            await writer.WriteNullableAsync(row.DestinationIp, NpgsqlDbType.Inet, cancellation);
            await writer.WriteAsync(row.EventTime.ToUniversalTime(), cancellation);
            await writer.WriteAsync(row.Repeated, cancellation);
            await writer.WriteAsync(row.FieldsJson, NpgsqlDbType.Jsonb, cancellation);
        }
        await writer.CompleteAsync(cancellation);
    }

    static async Task CopyTagsAsync(
        NpgsqlConnection connection,
        Guid organisationId,
        IReadOnlyList<EventRow> rows,
        CancellationToken cancellation
    )
    {
        const string copy = """
            COPY incoming_tags (organisation_id, event_id, key_time, tag) FROM STDIN (FORMAT BINARY)
            """;
        await using var writer = await connection.BeginBinaryImportAsync(copy, cancellation);
        foreach (var row in rows)
        foreach (var tag in row.Tags)
        {
            await writer.StartRowAsync(cancellation);
            await writer.WriteAsync(organisationId, cancellation);
            await writer.WriteAsync(row.Id, cancellation);
            await writer.WriteAsync(row.KeyTime.ToUniversalTime(), cancellation);
            await writer.WriteAsync(tag, cancellation);
        }
        await writer.CompleteAsync(cancellation);
    }

    static async Task CopyEnrichmentAsync(
        NpgsqlConnection connection,
        Guid organisationId,
        IReadOnlyList<EventRow> rows,
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        const string copy = """
            COPY incoming_enrichment (organisation_id, event_id, key_time, place, enrichment_type,
                enrichment_data, created_at)
            FROM STDIN (FORMAT BINARY)
            """;
        await using var writer = await connection.BeginBinaryImportAsync(copy, cancellation);
        foreach (var row in rows)
        foreach (var (place, enrichment) in row.Enrichments.Index())
        {
            await writer.StartRowAsync(cancellation);
            await writer.WriteAsync(organisationId, cancellation);
            await writer.WriteAsync(row.Id, cancellation);
            await writer.WriteAsync(row.KeyTime.ToUniversalTime(), cancellation);
            await writer.WriteAsync(place, cancellation);
            await writer.WriteAsync(enrichment.EnrichmentType, cancellation);
            await writer.WriteAsync(
                Storable.Text(enrichment.Data),
                NpgsqlDbType.Jsonb,
                cancellation
            );
            await writer.WriteAsync(now, cancellation);
        }
        await writer.CompleteAsync(cancellation);
    }

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
