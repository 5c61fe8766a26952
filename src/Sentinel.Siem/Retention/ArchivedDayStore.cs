using Npgsql;
using Sentinel.Postgres.Access;

namespace Sentinel.Siem.Retention;

/// <summary>A day of an organisation that was exported.</summary>
/// <param name="Uri">Of its manifest.</param>
/// <param name="Sha256">Of the manifest, which has the hash of every file.</param>
/// <param name="Retention">The policy whose time was over.</param>
public sealed record ArchivedDay(
    DateOnly Day,
    string Uri,
    string Sha256,
    long RawEvents,
    string? Retention,
    DateTimeOffset ArchivedAt
);

/// <summary>Which days are online, which are in the catalogue, and who is on them.</summary>
static class ArchivedDayStore
{
    public static async Task<IReadOnlyList<DateOnly>> OnlineAsync(
        NpgsqlDataSource database,
        CancellationToken cancellation
    )
    {
        await using var command = database.CreateCommand("SELECT siem.online_days()");
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellation);
        List<DateOnly> days = [];
        while (await reader.ReadAsync(cancellation))
            days.Add(reader.GetFieldValue<DateOnly>(0));
        return days;
    }

    /// <summary>The declarations that read the day's records; an empty one where none did.</summary>
    public static async Task<IReadOnlyList<string>> DeclarationsAsync(
        PresentedTransaction work,
        DateOnly day,
        CancellationToken cancellation
    )
    {
        const string sql = """
            SELECT DISTINCT coalesce(e.declaration, '') FROM siem.raw_events r
            LEFT JOIN siem.events e ON e.organisation_id = r.organisation_id
                AND e.raw_event_id = r.id AND e.key_time = r.key_time
            WHERE r.organisation_id = $1 AND r.key_time >= $2 AND r.key_time < $3
            """;
        await using var command = work.Command(sql);
        command.CommandTimeout = 0;
        var start = new DateTimeOffset(day, TimeOnly.MinValue, TimeSpan.Zero);
        command.Parameters.AddWithValue(work.Actor.OrganisationId);
        command.Parameters.AddWithValue(start);
        command.Parameters.AddWithValue(start.AddDays(1));
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        List<string> declarations = [];
        while (await reader.ReadAsync(cancellation))
            declarations.Add(reader.GetString(0));
        return declarations;
    }

    public static async Task<bool> IsHeldAsync(
        PresentedTransaction work,
        DateOnly day,
        CancellationToken cancellation
    )
    {
        await using var command = work.Command("SELECT siem.is_held($1, $2)");
        command.Parameters.AddWithValue(work.Actor.OrganisationId);
        command.Parameters.AddWithValue(day);
        return await command.ExecuteScalarAsync(cancellation) is true;
    }

    public static async Task InsertAsync(
        PresentedTransaction work,
        ArchivedDay archived,
        CancellationToken cancellation
    )
    {
        const string sql = """
            INSERT INTO siem.archived_days (organisation_id, day, archive_uri, sha256, raw_events,
                retention, archived_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7)
            """;
        await using var command = work.Command(sql);
        command.Parameters.AddWithValue(work.Actor.OrganisationId);
        command.Parameters.AddWithValue(archived.Day);
        command.Parameters.AddWithValue(archived.Uri);
        command.Parameters.AddWithValue(archived.Sha256);
        command.Parameters.AddWithValue(archived.RawEvents);
        command.Parameters.AddWithValue(archived.Retention!);
        command.Parameters.AddWithValue(archived.ArchivedAt);
        await command.ExecuteNonQueryAsync(cancellation);
    }

    public static async Task<IReadOnlyList<ArchivedDay>> ListAsync(
        PresentedTransaction work,
        CancellationToken cancellation
    )
    {
        const string sql = """
            SELECT day, archive_uri, sha256, raw_events, retention, archived_at
            FROM siem.archived_days WHERE organisation_id = $1 ORDER BY day
            """;
        await using var command = work.Command(sql);
        command.Parameters.AddWithValue(work.Actor.OrganisationId);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        List<ArchivedDay> days = [];
        while (await reader.ReadAsync(cancellation))
            days.Add(
                new ArchivedDay(
                    reader.GetFieldValue<DateOnly>(0),
                    reader.GetString(1),
                    reader.GetString(2),
                    reader.GetInt64(3),
                    await reader.IsDBNullAsync(4, cancellation) ? null : reader.GetString(4),
                    reader.GetFieldValue<DateTimeOffset>(5)
                )
            );
        return days;
    }
}
