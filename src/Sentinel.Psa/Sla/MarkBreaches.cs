using Npgsql;
using Sentinel.Postgres;
using Sentinel.Psa.Audit;

namespace Sentinel.Psa.Sla;

/// <summary>Marks the clocks that ran out, for every organisation. Runs by due rows, as often as wished.</summary>
public sealed class MarkBreaches(SentinelDatabase database, TimeProvider clock)
{
    /// <returns>How many clocks were breached just now.</returns>
    public async Task<int> RunAsync(CancellationToken cancellation)
    {
        const string sql = """
            WITH due AS (
                SELECT s.case_id,
                    CASE WHEN s.response_due_at < least(coalesce(c.responded_at, $1), $1)
                        THEN s.response_due_at END AS response,
                    CASE WHEN s.resolution_due_at < least(coalesce(c.resolved_at, $1), $1)
                        THEN s.resolution_due_at END AS resolution
                FROM psa.case_sla s
                JOIN psa.cases c ON c.organisation_id = s.organisation_id AND c.id = s.case_id
                WHERE c.status <> 'closed'
                  AND (s.response_breached_at IS NULL AND s.response_due_at < $1
                    OR s.resolution_breached_at IS NULL AND s.resolution_due_at < $1)
                FOR UPDATE OF s SKIP LOCKED)
            UPDATE psa.case_sla s SET breached = true,
                breached_at = least(due.response, due.resolution),
                response_breached_at = due.response, resolution_breached_at = due.resolution
            FROM due WHERE due.case_id = s.case_id
              AND (s.response_breached_at, s.resolution_breached_at)
                IS DISTINCT FROM (due.response, due.resolution)
            """;
        await using var connection = await database.Jobs.OpenConnectionAsync(cancellation);
        await using var command = new NpgsqlCommand(sql, connection).With(clock.GetUtcNow());
        return await command.ExecuteNonQueryAsync(cancellation);
    }
}
