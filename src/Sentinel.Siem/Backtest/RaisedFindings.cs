using System.Text.Json;
using Sentinel.Postgres.Access;

namespace Sentinel.Siem.Backtest;

/// <summary>What was raised in a time, by rules of these names in whatever version was active.</summary>
static class RaisedFindings
{
    /// <returns>In the order of their last events; null where there are more than the limit.</returns>
    public static async Task<IReadOnlyList<BacktestFinding>?> ListAsync(
        PresentedTransaction work,
        IReadOnlyList<string> rules,
        TimeRange range,
        int limit,
        CancellationToken cancellation
    )
    {
        const string sql = """
            SELECT f.id, r.name, f.finding_type, f.severity, f.confidence, f.summary, h.key::text,
                h.first_time, h.last_time, h.event_count, later.matches, later.last_time
            FROM siem.siem_findings f
            JOIN siem.correlation_rules r ON r.organisation_id = f.organisation_id AND r.id = f.rule_id
            JOIN siem.correlation_hits h ON h.organisation_id = f.organisation_id AND h.id = f.hit_id
            CROSS JOIN LATERAL (
                SELECT count(*) AS matches, max(l.last_time) AS last_time FROM siem.correlation_hits l
                WHERE l.organisation_id = f.organisation_id AND l.finding_id = f.id) AS later
            WHERE f.organisation_id = $1 AND r.name = ANY ($2) AND h.last_time >= $3
                AND h.last_time < $4
            ORDER BY h.last_time, f.id
            LIMIT $5
            """;
        await using var command = work.Command(sql);
        command.Parameters.AddWithValue(work.Actor.OrganisationId);
        command.Parameters.AddWithValue(rules.ToArray());
        command.Parameters.AddWithValue(range.From.ToUniversalTime());
        command.Parameters.AddWithValue(range.To.ToUniversalTime());
        command.Parameters.AddWithValue(limit + 1);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var raised = new List<BacktestFinding>();
        while (await reader.ReadAsync(cancellation))
            raised.Add(
                new BacktestFinding
                {
                    FindingId = reader.GetGuid(0),
                    Rule = reader.GetString(1),
                    Type = reader.GetString(2),
                    Severity = reader.GetInt32(3),
                    Confidence = reader.GetInt32(4),
                    Message = reader.GetString(5),
                    Key = JsonSerializer.Deserialize<Dictionary<string, string>>(
                        reader.GetString(6)
                    )!,
                    First = reader.GetFieldValue<DateTimeOffset>(7),
                    Last = reader.GetFieldValue<DateTimeOffset>(8),
                    Count = reader.GetInt64(9),
                    LaterMatches = reader.GetInt64(10) - 1,
                    LastMatch = reader.GetFieldValue<DateTimeOffset>(11),
                }
            );
        return raised.Count <= limit ? raised : null;
    }
}
