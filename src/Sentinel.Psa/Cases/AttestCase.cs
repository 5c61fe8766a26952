using Sentinel.Postgres;
using Sentinel.Postgres.Access;
using Sentinel.Psa.Audit;

namespace Sentinel.Psa.Cases;

/// <param name="AsRole">The role under which it was attested.</param>
public sealed record CaseAttestation(
    Guid Id,
    Guid CaseId,
    Guid AttestedBy,
    string AsRole,
    string Statement,
    DateTimeOffset AttestedAt
);

/// <summary>
/// A person who did none of the work says that the case was resolved as it stands. Work that comes
/// later makes the attestation count for nothing.
/// </summary>
public sealed class AttestCase(SentinelDatabase database, TimeProvider clock)
{
    public Task<Outcome<CaseAttestation>> RunAsync(
        Secret secret,
        Guid caseId,
        string statement,
        CancellationToken cancellation
    ) =>
        AttemptStore.RunAsync(
            database.Psa,
            secret,
            new Deed("case.attest", "case", caseId, caseId),
            work => InAsync(work, caseId, statement, cancellation),
            cancellation
        );

    async Task<Outcome<CaseAttestation>> InAsync(
        PresentedTransaction work,
        Guid caseId,
        string statement,
        CancellationToken cancellation
    )
    {
        if (await CaseStore.LockAsync(work, caseId, cancellation) is not { } found)
            return new Outcome<CaseAttestation>.NotFound($"case {caseId}");
        var facts = await ClosingStore.ReadAsync(work, caseId, cancellation);
        var asRole = await RoleAsync(work, caseId, cancellation);
        var refusal =
            await PermissionStore.UnfitAsync(work, "case.attest", cancellation)
            ?? Closing.OwnWork("case.attest", "attest", facts).FirstOrDefault()
            ?? await PermissionStore.LackingAsync(work, "case.attest", cancellation)
            ?? Resolved(found, work.Actor)
            ?? Role(asRole, facts)
            ?? ReasonGiven.Missing("case.attest", statement);
        if (refusal is not null)
            return new Outcome<CaseAttestation>.Declined(refusal);
        var now = clock.GetUtcNow();
        var attestation = new CaseAttestation(
            Guid.CreateVersion7(now),
            caseId,
            work.Actor.Id,
            asRole!,
            statement,
            now
        );
        await InsertAsync(work, attestation, cancellation);
        return new Outcome<CaseAttestation>.Done(attestation);
    }

    static RuleRefusal? Resolved(Case found, Actor by) =>
        found.Status switch
        {
            CaseState.Resolved => null,
            CaseState.Closed => CaseRules.Step(found, CaseTrigger.Close, by),
            CaseState.Open or CaseState.InProgress => new RuleRefusal(
                "case.attest.not_resolved",
                $"only a resolved case can be attested, and this one is {found.Status.Word()}",
                "whoever works on the case resolves it first"
            ),
        };

    static RuleRefusal? Role(string? asRole, ClosingFacts facts) =>
        asRole is null
            ? new RuleRefusal(
                "case.attest.role",
                "the attestation is asked of the role " + string.Join(" or ", facts.RequiredRoles),
                "somebody with that role who did none of the work"
            )
            {
                Able = new Able("case.attest", facts.RequiredRoles.FirstOrDefault()),
            }
            : null;

    /// <summary>A required role that the person holds; where none is required, any that may attest.</summary>
    static async Task<string?> RoleAsync(
        PresentedTransaction work,
        Guid caseId,
        CancellationToken cancellation
    )
    {
        const string sql = """
            SELECT r.name
            FROM psa.user_roles ur JOIN psa.roles r ON r.id = ur.role_id
            WHERE ur.user_id IN ($2, $3) AND ur.ended_at IS NULL AND (
                r.name IN (SELECT role_name FROM psa.case_attestation_requirements WHERE case_id = $1)
                OR NOT EXISTS (SELECT FROM psa.case_attestation_requirements WHERE case_id = $1)
                AND EXISTS (SELECT FROM psa.role_permissions p
                    WHERE p.role_id = r.id AND p.permission = 'case.attest'))
            ORDER BY r.name LIMIT 1
            """;
        await using var command = work.Command(sql)
            .With(caseId, work.Actor.Id, work.Actor.OnBehalfOf ?? work.Actor.Id);
        return await command.ExecuteScalarAsync(cancellation) as string;
    }

    static async Task InsertAsync(
        PresentedTransaction work,
        CaseAttestation attestation,
        CancellationToken cancellation
    )
    {
        const string sql = """
            INSERT INTO psa.attestations
                (id, organisation_id, case_id, attested_by, as_role, statement, attested_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7)
            """;
        await using var command = work.Command(sql)
            .With(
                attestation.Id,
                work.Actor.OrganisationId,
                attestation.CaseId,
                attestation.AttestedBy,
                attestation.AsRole,
                attestation.Statement,
                attestation.AttestedAt
            );
        await command.ExecuteNonQueryAsync(cancellation);
    }
}
