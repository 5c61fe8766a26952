using Sentinel.Postgres.Access;
using Sentinel.Psa.Audit;

namespace Sentinel.Psa.Cases;

/// <summary>Gathers what the rules of attesting and closing ask about.</summary>
static class ClosingStore
{
    public static async Task<ClosingFacts> ReadAsync(
        PresentedTransaction work,
        Guid caseId,
        CancellationToken cancellation
    )
    {
        const string sql = """
            SELECT psa.workers($1, $2), psa.my_identities(),
                EXISTS (SELECT FROM psa.case_dispositions WHERE case_id = $2),
                ARRAY(SELECT left(description, 80) FROM psa.tasks
                    WHERE case_id = $2 AND status IN ('pending', 'running') ORDER BY created_at, id),
                (SELECT count(*)::int FROM psa.approvals WHERE case_id = $2 AND status = 'asked'),
                ARRAY(SELECT role_name FROM psa.case_attestation_requirements
                    WHERE case_id = $2 ORDER BY role_name)
            """;
        var evidence = await EvidenceAsync(work, caseId, cancellation);
        var attestations = await AttestationsAsync(work, caseId, cancellation);
        await using var command = work.Command(sql).With(work.Actor.OrganisationId, caseId);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        await reader.ReadAsync(cancellation);
        return new ClosingFacts(
            reader.GetFieldValue<Guid[]>(0).ToHashSet(),
            reader.GetFieldValue<Guid[]>(1).ToHashSet(),
            reader.GetBoolean(2),
            reader.GetFieldValue<string[]>(3),
            reader.GetInt32(4),
            evidence,
            reader.GetFieldValue<string[]>(5),
            attestations
        );
    }

    /// <summary>What keeps whoever asks from closing the case, each with who could do it.</summary>
    public static async Task<IReadOnlyList<RuleRefusal>> MissingAsync(
        PresentedTransaction work,
        Guid caseId,
        CancellationToken cancellation
    ) =>
        await NamedAsync(
            work,
            caseId,
            Closing.Missing(await ReadAsync(work, caseId, cancellation)),
            cancellation
        );

    /// <summary>What is left to do before somebody can close it, each with who could do it.</summary>
    public static async Task<IReadOnlyList<RuleRefusal>> LeftAsync(
        PresentedTransaction work,
        Guid caseId,
        CancellationToken cancellation
    ) =>
        await NamedAsync(
            work,
            caseId,
            Closing.Left(await ReadAsync(work, caseId, cancellation)),
            cancellation
        );

    static async Task<IReadOnlyList<RuleRefusal>> NamedAsync(
        PresentedTransaction work,
        Guid caseId,
        IReadOnlyList<RuleRefusal> missing,
        CancellationToken cancellation
    )
    {
        List<RuleRefusal> named = [];
        foreach (var one in missing)
            named.Add(await AbleStore.NamedAsync(work, one, caseId, cancellation));
        return named;
    }

    static async Task<IReadOnlyList<EvidenceNeed>> EvidenceAsync(
        PresentedTransaction work,
        Guid caseId,
        CancellationToken cancellation
    )
    {
        const string sql = """
            SELECT r.evidence_type, r.at_least, (
                SELECT count(*)::int FROM psa.evidence_items e
                WHERE e.evidence_type = r.evidence_type AND (e.case_id = $1 OR EXISTS (
                    SELECT FROM psa.evidence_links l WHERE l.evidence_id = e.id
                      AND l.linked_entity = 'case' AND l.case_id = $1)))
            FROM psa.case_evidence_requirements r WHERE r.case_id = $1 ORDER BY r.evidence_type
            """;
        await using var command = work.Command(sql).With(caseId);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        List<EvidenceNeed> needs = [];
        while (await reader.ReadAsync(cancellation))
            needs.Add(new(reader.GetString(0), reader.GetInt32(1), reader.GetInt32(2)));
        return needs;
    }

    static async Task<IReadOnlyList<AttestationSeen>> AttestationsAsync(
        PresentedTransaction work,
        Guid caseId,
        CancellationToken cancellation
    )
    {
        const string sql = """
            SELECT a.as_role,
                NOT array_remove(psa.identities($1, a.attested_by) || a.on_behalf_of, NULL)
                    && psa.workers($1, $2),
                a.progress = psa.case_progress($1, $2)
            FROM psa.attestations a WHERE a.case_id = $2 ORDER BY a.attested_at, a.id
            """;
        await using var command = work.Command(sql).With(work.Actor.OrganisationId, caseId);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        List<AttestationSeen> seen = [];
        while (await reader.ReadAsync(cancellation))
            seen.Add(new(reader.GetString(0), reader.GetBoolean(1), reader.GetBoolean(2)));
        return seen;
    }
}
