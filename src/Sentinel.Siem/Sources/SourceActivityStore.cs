using Sentinel.Postgres.Access;
using Sentinel.Siem.Enrichment;

namespace Sentinel.Siem.Sources;

/// <summary>When each source was last heard, by the declaration that read it.</summary>
static class SourceActivityStore
{
    public static async Task NoteAsync(
        PresentedTransaction work,
        Guid sourceId,
        IReadOnlyList<EventRow> rows,
        DateTimeOffset receivedAt,
        CancellationToken cancellation
    )
    {
        const string sql = """
            INSERT INTO siem.source_activity AS a (organisation_id, source_id, declaration,
                last_event_time, last_received_at, events)
            VALUES ($1, $2, $3, $4, $5, $6)
            ON CONFLICT (organisation_id, source_id, declaration) DO UPDATE SET
                last_event_time = greatest(a.last_event_time, excluded.last_event_time),
                last_received_at = greatest(a.last_received_at, excluded.last_received_at),
                events = a.events + excluded.events
            """;
        foreach (var heard in rows.GroupBy(row => row.Declaration))
        {
            await using var command = work.Command(sql);
            command.Parameters.AddWithValue(work.Actor.OrganisationId);
            command.Parameters.AddWithValue(sourceId);
            command.Parameters.AddWithValue(heard.Key);
            command.Parameters.AddWithValue(heard.Max(row => row.EventTime).ToUniversalTime());
            command.Parameters.AddWithValue(receivedAt);
            command.Parameters.AddWithValue((long)heard.Count());
            await command.ExecuteNonQueryAsync(cancellation);
        }
    }

    /// <summary>The latest signs of life of the presented organisation's sources.</summary>
    public static async Task<IReadOnlyList<SourceActivity>> ListAsync(
        PresentedTransaction work,
        CancellationToken cancellation
    )
    {
        const string sql = """
            SELECT a.source_id, s.name, a.declaration, a.last_event_time, a.last_received_at, a.events
            FROM siem.source_activity a
            JOIN siem.sources s ON s.organisation_id = a.organisation_id AND s.id = a.source_id
            WHERE a.organisation_id = $1
            ORDER BY s.name, a.declaration
            """;
        await using var command = work.Command(sql);
        command.Parameters.AddWithValue(work.Actor.OrganisationId);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var activity = new List<SourceActivity>();
        while (await reader.ReadAsync(cancellation))
            activity.Add(
                new SourceActivity(
                    reader.GetGuid(0),
                    reader.GetString(1),
                    reader.GetString(2),
                    reader.GetFieldValue<DateTimeOffset>(3),
                    reader.GetFieldValue<DateTimeOffset>(4),
                    reader.GetInt64(5)
                )
            );
        return activity;
    }
}

public sealed record SourceActivity(
    Guid SourceId,
    string SourceName,
    string Declaration,
    DateTimeOffset LastEventTime,
    DateTimeOffset LastReceivedAt,
    long Events
);
