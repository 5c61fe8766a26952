using Sentinel.Contract;
using Sentinel.Postgres.Access;
using Sentinel.Psa.Audit;

namespace Sentinel.Psa.Intake;

/// <summary>What has arrived before, and where it went.</summary>
static class ReceiptStore
{
    public static async Task<EscalationReceipt?> FindAsync(
        PresentedTransaction work,
        Guid escalationId,
        CancellationToken cancellation
    )
    {
        const string sql = """
            SELECT case_id, received_at FROM psa.escalation_receipts WHERE escalation_id = $1
            """;
        await using var command = work.Command(sql).With(escalationId);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        return await reader.ReadAsync(cancellation)
            ? new EscalationReceipt(
                escalationId,
                reader.GetGuid(0),
                reader.GetFieldValue<DateTimeOffset>(1)
            )
            : null;
    }

    /// <summary>Two deliveries about one finding wait for each other.</summary>
    public static async Task LockFindingAsync(
        PresentedTransaction work,
        Guid findingId,
        CancellationToken cancellation
    )
    {
        const string sql = """
            SELECT pg_advisory_xact_lock(hashtextextended('psa.finding' || $1::text, 0))
            """;
        await using var command = work.Command(sql).With(findingId);
        await command.ExecuteNonQueryAsync(cancellation);
    }

    /// <summary>The finding's case; where that is closed, the last of those that follow on it.</summary>
    public static async Task<Guid?> CaseOfFindingAsync(
        PresentedTransaction work,
        Guid findingId,
        CancellationToken cancellation
    )
    {
        const string sql = """
            WITH RECURSIVE chain AS (
                SELECT id, 0 AS depth FROM psa.cases WHERE organisation_id = $1 AND finding_id = $2
                UNION ALL
                SELECT r.child_case_id, depth + 1
                FROM chain JOIN psa.case_relationships r ON r.parent_case_id = chain.id
                WHERE r.relationship_type = 'follow_on' AND depth < 1000)
            SELECT id FROM chain ORDER BY depth DESC LIMIT 1
            """;
        await using var command = work.Command(sql).With(work.Actor.OrganisationId, findingId);
        return await command.ExecuteScalarAsync(cancellation) as Guid?;
    }

    public static async Task InsertAsync(
        PresentedTransaction work,
        Escalation escalation,
        Guid caseId,
        IReadOnlyCollection<Guid> assetsNotAttached,
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        const string sql = """
            INSERT INTO psa.escalation_receipts (escalation_id, organisation_id, case_id, finding_id,
                package_id, package_sha256, package_uri, policy_name, policy_version, policy_sha256,
                siem_head, correlation_id, assets_not_attached, received_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
            """;
        await using var command = work.Command(sql)
            .With(
                escalation.Id,
                work.Actor.OrganisationId,
                caseId,
                escalation.About.Id,
                escalation.Package.Id,
                escalation.Package.Sha256,
                escalation.Package.Uri.ToString(),
                escalation.DecidedBy.Name,
                escalation.DecidedBy.Version,
                escalation.DecidedBy.Sha256,
                escalation.Head?.Checkpoint,
                escalation.CorrelationId,
                assetsNotAttached.ToArray(),
                now
            );
        await command.ExecuteNonQueryAsync(cancellation);
    }
}
