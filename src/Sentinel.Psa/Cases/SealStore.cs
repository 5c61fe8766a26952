using System.Text.Json.Nodes;
using NpgsqlTypes;
using Sentinel.Postgres.Access;
using Sentinel.Postgres.Ledger;
using Sentinel.Psa.Audit;

namespace Sentinel.Psa.Cases;

/// <summary>Takes the seal from the log inside the transaction that closes, and reads it back.</summary>
static class SealStore
{
    public static async Task<CaseSeal> SealAsync(
        PresentedTransaction work,
        Guid caseId,
        LedgerKey key,
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        var leaves = await LeavesAsync(work, caseId, cancellation);
        var evidence = CaseSeal.Canonical(await TextAsync(work, Manifest, caseId, cancellation));
        var policies = CaseSeal.Canonical(await TextAsync(work, Policies, caseId, cancellation));
        var workflows = CaseSeal.Canonical(await TextAsync(work, Workflows, caseId, cancellation));
        List<byte[]> hashes = [.. leaves.Select(leaf => leaf.Hash)];
        var root = MerkleTree.Root(hashes);
        var attestations = new JsonArray();
        foreach (var made in await DecisionStore.AttestationsAsync(work, caseId, cancellation))
            attestations.Add(Dsse.Envelope(key, CaseSeal.SignedAs, CaseSeal.Statement(made, root)));
        var seal = new CaseSeal(
            caseId,
            hashes.Count,
            hashes,
            root,
            leaves[^1].Position,
            evidence,
            policies,
            workflows,
            CaseSeal.Canonical(attestations.ToJsonString()),
            Note: ""
        );
        var text = seal.Text(work.Actor.OrganisationId);
        seal = seal with { Note = key.Sign(CaseSeal.SignedAs, text).ToString() };
        await InsertAsync(work, seal, now, cancellation);
        return seal;
    }

    public static async Task<CaseSeal?> FindAsync(
        PresentedTransaction work,
        Guid caseId,
        CancellationToken cancellation
    )
    {
        const string sql = """
            SELECT leaf_count, leaf_hashes, root_hash, closing_position, evidence_manifest::text,
                policy_hashes::text, workflow_hashes::text, attestations::text, note
            FROM psa.case_seals WHERE case_id = $1
            """;
        await using var command = work.Command(sql).With(caseId);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        return await reader.ReadAsync(cancellation)
            ? new CaseSeal(
                caseId,
                reader.GetInt64(0),
                reader.GetFieldValue<byte[][]>(1),
                reader.GetFieldValue<byte[]>(2),
                reader.GetInt64(3),
                CaseSeal.Canonical(reader.GetString(4)),
                CaseSeal.Canonical(reader.GetString(5)),
                reader.TextOrNull(6) is { } workflows ? CaseSeal.Canonical(workflows) : null,
                reader.TextOrNull(7) is { } attestations ? CaseSeal.Canonical(attestations) : null,
                reader.GetString(8)
            )
            : null;
    }

    /// <summary>The manifest as the tables have it now; a seal holds it as it was.</summary>
    public static async Task<string> ManifestAsync(
        PresentedTransaction work,
        Guid caseId,
        CancellationToken cancellation
    ) => CaseSeal.Canonical(await TextAsync(work, Manifest, caseId, cancellation));

    const string Manifest = """
        SELECT coalesce(jsonb_agg(jsonb_build_object('id', e.id, 'sha256', e.hash,
            'type', e.evidence_type) ORDER BY e.id), '[]')::text
        FROM psa.evidence_items e
        WHERE e.case_id = $1 OR EXISTS (SELECT FROM psa.evidence_links l
            WHERE l.evidence_id = e.id AND l.case_id = $1)
        """;

    const string Policies = """
        SELECT coalesce(jsonb_agg(DISTINCT jsonb_build_object('name', p.name, 'sha256', p.sha256)),
            '[]')::text
        FROM (
            SELECT policy_name AS name, policy_sha256 AS sha256
            FROM psa.escalation_receipts WHERE case_id = $1
            UNION ALL
            SELECT policy_name, policy_sha256 FROM psa.cases WHERE id = $1 AND policy_name IS NOT NULL
            UNION ALL
            SELECT mapping_name, mapping_sha256
            FROM psa.module_receipts WHERE case_id = $1 AND mapping_name IS NOT NULL
            UNION ALL
            SELECT s.name, s.policy_sha256
            FROM psa.case_sla c JOIN psa.sla_policies s ON s.id = c.sla_id WHERE c.case_id = $1) AS p
        """;

    const string Workflows = """
        SELECT coalesce(jsonb_agg(DISTINCT jsonb_build_object('id', i.id,
            'definition', coalesce(d.definition_id, s.definition_id),
            'version', coalesce(d.version, s.version), 'sha256', coalesce(d.sha256, s.sha256))),
            '[]')::text
        FROM workflow.workflow_instances i
        LEFT JOIN workflow.workflow_definitions d ON d.id = i.version_id
        LEFT JOIN workflow.shipped_definitions s ON s.id = i.shipped_id
        WHERE i.inputs ->> 'CaseId' = $1::text AND i.correlation_id IN (
            SELECT correlation_id::text FROM psa.cases WHERE id = $1
            UNION ALL
            SELECT correlation_id::text FROM psa.escalation_receipts WHERE case_id = $1)
        """;

    static async Task<string> TextAsync(
        PresentedTransaction work,
        string sql,
        Guid caseId,
        CancellationToken cancellation
    )
    {
        await using var command = work.Command(sql).With(caseId);
        return (string)(await command.ExecuteScalarAsync(cancellation))!;
    }

    static async Task<IReadOnlyList<(long Position, byte[] Hash)>> LeavesAsync(
        PresentedTransaction work,
        Guid caseId,
        CancellationToken cancellation
    )
    {
        const string sql = """
            SELECT audit_position, leaf FROM psa.case_leaves($1, $2) ORDER BY audit_position
            """;
        await using var command = work.Command(sql).With(work.Actor.OrganisationId, caseId);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        List<(long, byte[])> leaves = [];
        while (await reader.ReadAsync(cancellation))
            leaves.Add((reader.GetInt64(0), reader.GetFieldValue<byte[]>(1)));
        return leaves;
    }

    static async Task InsertAsync(
        PresentedTransaction work,
        CaseSeal seal,
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        const string sql = """
            INSERT INTO psa.case_seals (case_id, organisation_id, leaf_count, leaf_hashes, root_hash,
                closing_position, evidence_manifest, policy_hashes, workflow_hashes, attestations,
                note, sealed_by, sealed_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
            """;
        await using var command = work.Command(sql)
            .With(
                seal.CaseId,
                work.Actor.OrganisationId,
                seal.LeafCount,
                seal.LeafHashes.ToArray(),
                seal.Root,
                seal.ClosingPosition
            );
        command.Parameters.AddWithValue(NpgsqlDbType.Jsonb, seal.EvidenceManifest);
        command.Parameters.AddWithValue(NpgsqlDbType.Jsonb, seal.PolicyHashes);
        command.Parameters.AddWithValue(NpgsqlDbType.Jsonb, seal.WorkflowHashes!);
        command.Parameters.AddWithValue(NpgsqlDbType.Jsonb, seal.Attestations!);
        command.With(seal.Note, work.Actor.Id, now);
        await command.ExecuteNonQueryAsync(cancellation);
    }
}
