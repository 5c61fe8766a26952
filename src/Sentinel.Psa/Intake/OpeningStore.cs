using Sentinel.Policies.Model;
using Sentinel.Postgres.Access;
using Sentinel.Psa.Audit;

namespace Sentinel.Psa.Intake;

/// <summary>The rows that a case begins with, besides the case.</summary>
static class OpeningStore
{
    /// <summary>Of the assets that the finding names, those that can take work, with the highest criticality.</summary>
    public static async Task<(IReadOnlyList<Guid> Active, int Criticality)> AssetsAsync(
        PresentedTransaction work,
        IReadOnlyCollection<Guid> named,
        CancellationToken cancellation
    )
    {
        const string sql = """
            SELECT id, criticality FROM psa.assets
            WHERE organisation_id = $1 AND id = ANY ($2) AND status = 'active' ORDER BY id
            """;
        await using var command = work.Command(sql)
            .With(work.Actor.OrganisationId, named.ToArray());
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        List<Guid> active = [];
        var criticality = 0;
        while (await reader.ReadAsync(cancellation))
        {
            active.Add(reader.GetGuid(0));
            criticality = Math.Max(criticality, reader.GetInt32(1));
        }
        return (active, criticality);
    }

    public static async Task AttachAssetsAsync(
        PresentedTransaction work,
        Guid caseId,
        IReadOnlyCollection<Guid> assets,
        CancellationToken cancellation
    )
    {
        const string sql = """
            INSERT INTO psa.case_assets (organisation_id, case_id, asset_id)
            SELECT DISTINCT $1::uuid, $2::uuid, unnest($3::uuid[])
            """;
        await using var command = work.Command(sql)
            .With(work.Actor.OrganisationId, caseId, assets.ToArray());
        await command.ExecuteNonQueryAsync(cancellation);
    }

    public static async Task RequireAsync(
        PresentedTransaction work,
        Guid caseId,
        ClosingRequirements toClose,
        CancellationToken cancellation
    )
    {
        const string evidence = """
            INSERT INTO psa.case_evidence_requirements
                (organisation_id, case_id, evidence_type, at_least)
            VALUES ($1, $2, $3, $4)
            """;
        foreach (var need in toClose.Evidence)
        {
            await using var command = work.Command(evidence)
                .With(work.Actor.OrganisationId, caseId, need.EvidenceType, need.AtLeast);
            await command.ExecuteNonQueryAsync(cancellation);
        }
        const string attestation = """
            INSERT INTO psa.case_attestation_requirements (organisation_id, case_id, role_name)
            SELECT $1, $2, unnest($3)
            """;
        await using var roles = work.Command(attestation)
            .With(
                work.Actor.OrganisationId,
                caseId,
                toClose.AttestationByRole.Distinct().ToArray()
            );
        await roles.ExecuteNonQueryAsync(cancellation);
    }

    public static async Task RelateAsync(
        PresentedTransaction work,
        Guid parentCaseId,
        Guid childCaseId,
        string relationship,
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        const string sql = """
            INSERT INTO psa.case_relationships (organisation_id, parent_case_id, child_case_id,
                relationship_type, created_by, created_at)
            VALUES ($1, $2, $3, $4, $5, $6)
            """;
        await using var command = work.Command(sql)
            .With(
                work.Actor.OrganisationId,
                parentCaseId,
                childCaseId,
                relationship,
                work.Actor.Id,
                now
            );
        await command.ExecuteNonQueryAsync(cancellation);
    }

    public static async Task WorkflowAsync(
        PresentedTransaction work,
        Guid caseId,
        Guid instanceId,
        string definition,
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        const string sql = """
            INSERT INTO psa.case_workflows
                (organisation_id, case_id, instance_id, definition, started_at)
            VALUES ($1, $2, $3, $4, $5)
            """;
        await using var command = work.Command(sql)
            .With(work.Actor.OrganisationId, caseId, instanceId, definition, now);
        await command.ExecuteNonQueryAsync(cancellation);
    }
}
