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
        List<byte[]> hashes = [.. leaves.Select(leaf => leaf.Hash)];
        var text = CaseSeal.Text(work.Actor.OrganisationId, caseId, hashes, evidence, policies);
        var seal = new CaseSeal(
            caseId,
            hashes.Count,
            hashes,
            MerkleTree.Root(hashes),
            leaves[^1].Position,
            evidence,
            policies,
            key.Sign(CaseSeal.SignedAs, text).ToString()
        );
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
                policy_hashes::text, note
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
                reader.GetString(6)
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
            SELECT s.name, s.policy_sha256
            FROM psa.case_sla c JOIN psa.sla_policies s ON s.id = c.sla_id WHERE c.case_id = $1) AS p
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
                closing_position, evidence_manifest, policy_hashes, note, sealed_by, sealed_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
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
        command.With(seal.Note, work.Actor.Id, now);
        await command.ExecuteNonQueryAsync(cancellation);
    }
}
