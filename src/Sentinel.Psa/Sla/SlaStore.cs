using Npgsql;
using Sentinel.Postgres.Access;
using Sentinel.Psa.Audit;

namespace Sentinel.Psa.Sla;

static class SlaStore
{
    /// <summary>Starts the clocks of a case under this very version of the policy.</summary>
    public static async Task StartAsync(
        PresentedTransaction work,
        Guid caseId,
        SlaTerms terms,
        DateTimeOffset start,
        CancellationToken cancellation
    )
    {
        const string sql = """
            INSERT INTO psa.case_sla (case_id, organisation_id, sla_id, started_at, response_due_at,
                resolution_due_at, warn_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7)
            """;
        var slaId = await PolicyAsync(work, terms, start, cancellation);
        await using var command = work.Command(sql)
            .With(
                caseId,
                work.Actor.OrganisationId,
                slaId,
                start,
                terms.ResponseDueAt(start),
                terms.ResolutionDueAt(start),
                terms.WarnAt(start)
            );
        await command.ExecuteNonQueryAsync(cancellation);
    }

    public static async Task<CaseSla?> OfCaseAsync(
        PresentedTransaction work,
        Guid caseId,
        CancellationToken cancellation
    )
    {
        const string sql = """
            SELECT p.name, p.response_minutes, p.resolution_minutes, s.started_at, s.response_due_at,
                s.resolution_due_at, s.warn_at, s.breached, s.breached_at
            FROM psa.case_sla s JOIN psa.sla_policies p ON p.id = s.sla_id
            WHERE s.case_id = $1
            """;
        await using var command = work.Command(sql).With(caseId);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        return await reader.ReadAsync(cancellation)
            ? new CaseSla(
                reader.GetString(0),
                reader.GetInt32(1),
                reader.GetInt32(2),
                reader.GetFieldValue<DateTimeOffset>(3),
                reader.GetFieldValue<DateTimeOffset>(4),
                reader.GetFieldValue<DateTimeOffset>(5),
                reader.TimeOrNull(6),
                reader.GetBoolean(7),
                reader.TimeOrNull(8)
            )
            : null;
    }

    static async Task<Guid> PolicyAsync(
        PresentedTransaction work,
        SlaTerms terms,
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        const string sql = """
            WITH made AS (
                INSERT INTO psa.sla_policies (id, organisation_id, name, response_minutes,
                    resolution_minutes, warn_at_percent, calendar, policy_sha256, created_at)
                VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
                ON CONFLICT (organisation_id, name, policy_sha256) DO NOTHING RETURNING id)
            SELECT id FROM made
            UNION ALL SELECT id FROM psa.sla_policies
            WHERE organisation_id = $2 AND name = $3 AND policy_sha256 = $8
            """;
        await using NpgsqlCommand command = work.Command(sql)
            .With(
                Guid.CreateVersion7(now),
                work.Actor.OrganisationId,
                terms.Name,
                terms.ResponseMinutes,
                terms.ResolutionMinutes,
                terms.WarnAtPercent,
                terms.Calendar,
                terms.PolicySha256,
                now
            );
        // None at first: another made it meanwhile, which only the next statement sees.
        return (Guid)
            (
                await command.ExecuteScalarAsync(cancellation)
                ?? await command.ExecuteScalarAsync(cancellation)
            )!;
    }
}
