using System.Text.Json;
using Sentinel.Postgres.Access;
using Sentinel.Siem.Findings;

namespace Sentinel.Siem.Explain;

/// <summary>What became of a finding's hit, and of the finding.</summary>
static class ExplainStore
{
    public static async Task<long> LaterMatchesAsync(
        PresentedTransaction work,
        Finding finding,
        CancellationToken cancellation
    )
    {
        const string sql = """
            SELECT count(*) FROM siem.correlation_hits
            WHERE organisation_id = $1 AND finding_id = $2 AND id <> $3
            """;
        await using var command = work.Command(sql);
        command.Parameters.AddWithValue(work.Actor.OrganisationId);
        command.Parameters.AddWithValue(finding.Id);
        command.Parameters.AddWithValue(finding.HitId);
        return (long)(await command.ExecuteScalarAsync(cancellation))!;
    }

    public static async Task<string?> SettlementAsync(
        PresentedTransaction work,
        Guid hitId,
        CancellationToken cancellation
    )
    {
        const string sql = """
            SELECT outcome FROM siem.hit_settlements WHERE organisation_id = $1 AND hit_id = $2
            """;
        await using var command = work.Command(sql);
        command.Parameters.AddWithValue(work.Actor.OrganisationId);
        command.Parameters.AddWithValue(hitId);
        return (string?)await command.ExecuteScalarAsync(cancellation);
    }

    /// <summary>Where each batch came from.</summary>
    public static async Task<Dictionary<long, string>> PlacesAsync(
        PresentedTransaction work,
        CancellationToken cancellation
    )
    {
        const string sql = """
            SELECT b.number, i.name FROM siem.batches b
            JOIN siem.inputs i ON i.organisation_id = b.organisation_id AND i.id = b.input_id
            WHERE b.organisation_id = $1
            """;
        await using var command = work.Command(sql);
        command.Parameters.AddWithValue(work.Actor.OrganisationId);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var places = new Dictionary<long, string>();
        while (await reader.ReadAsync(cancellation))
            places.Add(reader.GetInt64(0), reader.GetString(1));
        return places;
    }

    public static async Task<IReadOnlyList<PassedOn>> EscalationsAsync(
        PresentedTransaction work,
        Guid findingId,
        CancellationToken cancellation
    )
    {
        const string sql = """
            SELECT o.escalation::text, o.created_at, o.attempts, o.last_error, r.psa_case_id,
                r.received_at
            FROM siem.outbox o
            LEFT JOIN siem.escalation_receipts r ON r.organisation_id = o.organisation_id
                AND r.escalation_id = o.escalation_id
            WHERE o.organisation_id = $1 AND o.finding_id = $2
            ORDER BY o.created_at, o.escalation_id
            """;
        await using var command = work.Command(sql);
        command.Parameters.AddWithValue(work.Actor.OrganisationId);
        command.Parameters.AddWithValue(findingId);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var escalations = new List<PassedOn>();
        while (await reader.ReadAsync(cancellation))
        {
            var escalation = JsonSerializer.Deserialize<Sentinel.Contract.Escalation>(
                reader.GetString(0)
            )!;
            escalations.Add(
                new PassedOn(
                    escalation.Id,
                    escalation.DecidedBy.Name,
                    escalation.DecidedBy.Version,
                    escalation.DecidedBy.Sha256,
                    reader.GetFieldValue<DateTimeOffset>(1),
                    reader.GetInt32(2),
                    reader.IsDBNull(3) ? null : reader.GetString(3),
                    reader.IsDBNull(4) ? null : reader.GetGuid(4),
                    reader.IsDBNull(5) ? null : reader.GetFieldValue<DateTimeOffset>(5)
                )
            );
        }
        return escalations;
    }
}
