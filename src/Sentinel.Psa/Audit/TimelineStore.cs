using Sentinel.Postgres.Access;

namespace Sentinel.Psa.Audit;

/// <summary>A case's story, made from the audit log and from nothing else.</summary>
static class TimelineStore
{
    const int EntriesMax = 10_000;

    public static async Task<IReadOnlyList<TimelineEntry>> ReadAsync(
        PresentedTransaction work,
        Guid subjectId,
        CancellationToken cancellation
    )
    {
        const string sql = """
            SELECT a.position, a.timestamp, coalesce(u.display_name, m.name, a.actor_kind),
                a.actor_kind, b.display_name, a.action, a.entity_type, a.entity_id, a.metadata::text
            FROM psa.audit_log a
            LEFT JOIN psa.users u ON u.id = a.actor_id
            LEFT JOIN psa.machines m ON m.id = a.actor_id
            LEFT JOIN psa.users b ON b.id = a.on_behalf_of
            WHERE a.organisation_id = $1 AND a.subject_id = $2
            ORDER BY a.position
            LIMIT $3
            """;
        await using var command = work.Command(sql);
        command.Parameters.AddWithValue(work.Actor.OrganisationId);
        command.Parameters.AddWithValue(subjectId);
        command.Parameters.AddWithValue(EntriesMax);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        List<TimelineEntry> entries = [];
        while (await reader.ReadAsync(cancellation))
            entries.Add(
                new TimelineEntry(
                    reader.GetInt64(0),
                    reader.GetFieldValue<DateTimeOffset>(1),
                    reader.GetString(2),
                    reader.GetString(3),
                    await reader.IsDBNullAsync(4, cancellation) ? null : reader.GetString(4),
                    reader.GetString(5),
                    reader.GetString(6),
                    await reader.IsDBNullAsync(7, cancellation) ? null : reader.GetGuid(7),
                    reader.GetString(8)
                )
            );
        return entries;
    }
}
