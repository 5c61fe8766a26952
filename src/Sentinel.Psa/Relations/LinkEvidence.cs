using Sentinel.Postgres;
using Sentinel.Postgres.Access;
using Sentinel.Psa.Audit;
using Sentinel.Psa.Evidence;

namespace Sentinel.Psa.Relations;

/// <summary>What evidence can prove besides the case that it came in with.</summary>
public enum LinkedEntity
{
    Case,
    Task,
    Approval,
    Attestation,
}

/// <param name="CaseId">The case of the linked entity.</param>
public sealed record EvidenceLink(
    Guid EvidenceId,
    LinkedEntity LinkedEntity,
    Guid LinkedId,
    Guid CaseId,
    Guid LinkedBy,
    DateTimeOffset LinkedAt
);

/// <summary>
/// Uses evidence again: in another case, or for one task, approval or attestation. The bytes and the
/// item stay where they are; the link is for good, since a proof that was relied on is part of the story.
/// </summary>
public sealed class LinkEvidence(SentinelDatabase database, TimeProvider clock)
{
    public Task<Outcome<EvidenceLink>> RunAsync(
        Secret secret,
        Guid evidenceId,
        LinkedEntity linkedEntity,
        Guid linkedId,
        CancellationToken cancellation
    ) =>
        AttemptStore.RunAsync(
            database.Psa,
            secret,
            new Deed("evidence.link", "evidence", evidenceId, null),
            work => InAsync(work, evidenceId, linkedEntity, linkedId, cancellation),
            cancellation
        );

    async Task<Outcome<EvidenceLink>> InAsync(
        PresentedTransaction work,
        Guid evidenceId,
        LinkedEntity linkedEntity,
        Guid linkedId,
        CancellationToken cancellation
    )
    {
        if (await EvidenceStore.FindAsync(work, evidenceId, cancellation) is null)
            return new Outcome<EvidenceLink>.NotFound($"evidence {evidenceId}");
        if (await CaseOfAsync(work, linkedEntity, linkedId, cancellation) is not { } caseId)
            return new Outcome<EvidenceLink>.NotFound($"{linkedEntity.Word()} {linkedId}");
        var link = new EvidenceLink(
            evidenceId,
            linkedEntity,
            linkedId,
            caseId,
            work.Actor.Id,
            clock.GetUtcNow()
        );
        var refusal =
            await PermissionStore.LackingAsync(work, "evidence.link", cancellation)
            ?? await TwiceAsync(work, link, cancellation);
        if (refusal is not null)
            return new Outcome<EvidenceLink>.Declined(refusal);
        const string sql = """
            INSERT INTO psa.evidence_links (evidence_id, organisation_id, linked_entity, linked_id,
                case_id, linked_by, linked_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7)
            """;
        await using var command = work.Command(sql)
            .With(
                evidenceId,
                work.Actor.OrganisationId,
                linkedEntity.Word(),
                linkedId,
                caseId,
                link.LinkedBy,
                link.LinkedAt
            );
        await command.ExecuteNonQueryAsync(cancellation);
        return new Outcome<EvidenceLink>.Done(link);
    }

    static async Task<RuleRefusal?> TwiceAsync(
        PresentedTransaction work,
        EvidenceLink link,
        CancellationToken cancellation
    )
    {
        const string held = "SELECT FROM psa.cases WHERE id = $1 FOR UPDATE";
        await using (var waiting = work.Command(held).With(link.CaseId))
            await waiting.ExecuteNonQueryAsync(cancellation);
        const string sql = """
            SELECT EXISTS (SELECT FROM psa.evidence_links
                WHERE evidence_id = $1 AND linked_entity = $2 AND linked_id = $3)
            """;
        await using var command = work.Command(sql)
            .With(link.EvidenceId, link.LinkedEntity.Word(), link.LinkedId);
        return await command.ExecuteScalarAsync(cancellation) is true
            ? new RuleRefusal(
                "evidence.link.twice",
                "the evidence is linked to it already",
                "nobody need do it"
            )
            : null;
    }

    static async Task<Guid?> CaseOfAsync(
        PresentedTransaction work,
        LinkedEntity linkedEntity,
        Guid linkedId,
        CancellationToken cancellation
    )
    {
        var sql = linkedEntity switch
        {
            LinkedEntity.Case => "SELECT id FROM psa.cases WHERE id = $1",
            LinkedEntity.Task => "SELECT case_id FROM psa.tasks WHERE id = $1",
            LinkedEntity.Approval => "SELECT case_id FROM psa.approvals WHERE id = $1",
            LinkedEntity.Attestation => "SELECT case_id FROM psa.attestations WHERE id = $1",
        };
        await using var command = work.Command(sql).With(linkedId);
        return await command.ExecuteScalarAsync(cancellation) as Guid?;
    }
}
