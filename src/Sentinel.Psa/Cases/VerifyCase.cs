using System.Text.Json;
using Sentinel.Postgres;
using Sentinel.Postgres.Access;
using Sentinel.Postgres.Ledger;
using Sentinel.Psa.Audit;
using Sentinel.Psa.Evidence;

namespace Sentinel.Psa.Cases;

/// <param name="Problems">Each names the row, the object or the part of the seal; empty where all is as sealed.</param>
public sealed record CaseVerification(
    Guid CaseId,
    long LeafCount,
    string RootBase64,
    IReadOnlyList<string> Problems
)
{
    public bool IsSound => Problems.Count == 0;
}

/// <summary>
/// Compares a closed case with its seal: every audit row hashed again, the root, the signature, the
/// evidence manifest, and every evidence object on disk.
/// </summary>
public sealed class VerifyCase(
    SentinelDatabase database,
    DataDirectory data,
    EvidenceObjects objects,
    TimeProvider clock
)
{
    public Task<Outcome<CaseVerification>> RunAsync(
        Secret secret,
        Guid caseId,
        CancellationToken cancellation
    ) =>
        AttemptStore.RunAsync(
            database.Psa,
            secret,
            new Deed("case.verify", "case", caseId, caseId),
            work => InAsync(work, caseId, cancellation),
            cancellation
        );

    async Task<Outcome<CaseVerification>> InAsync(
        PresentedTransaction work,
        Guid caseId,
        CancellationToken cancellation
    )
    {
        if (await PermissionStore.LackingAsync(work, "audit.read", cancellation) is { } refusal)
            return new Outcome<CaseVerification>.Declined(refusal);
        if (await CaseStore.FindAsync(work, caseId, cancellation) is not { } found)
            return new Outcome<CaseVerification>.NotFound($"case {caseId}");
        if (await SealStore.FindAsync(work, caseId, cancellation) is not { } seal)
            return new Outcome<CaseVerification>.Declined(
                new RuleRefusal(
                    "case.verify.unsealed",
                    $"a case that is {found.Status.Word()} has no seal",
                    "whoever closes it seals it"
                )
            );
        var rows = await AuditRowStore.UpToAsync(work, caseId, seal.ClosingPosition, cancellation);
        var manifest = await SealStore.ManifestAsync(work, caseId, cancellation);
        List<string> problems =
        [
            .. Rows(rows, seal),
            .. Signature(seal, work.Actor.OrganisationId),
            .. Manifest(manifest, seal),
            .. Attestations(
                await DecisionStore.AttestationsAsync(work, caseId, cancellation),
                seal
            ),
            .. await ObjectsAsync(work, seal, cancellation),
        ];
        return new Outcome<CaseVerification>.Done(
            new CaseVerification(
                caseId,
                seal.LeafCount,
                Convert.ToBase64String(seal.Root),
                problems
            )
        );
    }

    static IEnumerable<string> Rows(IReadOnlyList<AuditRow> rows, CaseSeal seal)
    {
        foreach (var row in rows)
            if (!row.Holds)
                yield return $"audit row {row.Id} ({row.Action}) differs from its stored leaf";
        var stored = rows.Select(row => Convert.ToHexString(row.StoredLeaf)).ToHashSet();
        var @sealed = seal.LeafHashes.Select(Convert.ToHexString).ToList();
        for (var index = 0; index < @sealed.Count; index++)
            if (!stored.Contains(@sealed[index]))
                yield return $"sealed leaf {index} of {@sealed.Count} has no audit row any more";
        foreach (var row in rows)
            if (!@sealed.Contains(Convert.ToHexString(row.StoredLeaf)))
                yield return $"audit row {row.Id} ({row.Action}) was not there when it was sealed";
        if (!rows.Select(row => row.StoredLeaf).SequenceEqual(seal.LeafHashes, LeafEquality.Same))
            yield return $"the {rows.Count} audit rows are not the {seal.LeafCount} sealed leaves "
                + "in their order";
    }

    static IEnumerable<string> Manifest(string now, CaseSeal seal)
    {
        if (now != seal.EvidenceManifest)
            yield return "the evidence items differ from the sealed manifest";
    }

    IEnumerable<string> Signature(CaseSeal seal, Guid organisationId)
    {
        using var key = LedgerKey.Open(data);
        var text = seal.Text(organisationId);
        if (!MerkleTree.Root(seal.LeafHashes).SequenceEqual(seal.Root))
            yield return "the stored root is not the root of the sealed leaves";
        if (SignedNote.Parse(seal.Note) is not { } note)
            yield return "the seal's note cannot be read";
        else if (!key.VerifierKeyFor(CaseSeal.SignedAs).Signed(note))
            yield return "the seal is not signed by this Sentinel's key";
        else if (note.Text != text)
            yield return "the seal does not say what was signed";
    }

    IEnumerable<string> Attestations(IReadOnlyList<CaseAttestation> now, CaseSeal seal)
    {
        if (seal.Attestations is null)
            yield break;
        using var key = LedgerKey.Open(data);
        var verifier = key.VerifierKeyFor(CaseSeal.SignedAs);
        using var envelopes = JsonDocument.Parse(seal.Attestations);
        var said = envelopes.RootElement.EnumerateArray().Select(one => Dsse.Open(verifier, one));
        if (!said.SequenceEqual(now.Select(one => CaseSeal.Statement(one, seal.Root))))
            yield return "the attestations differ from the sealed ones";
    }

    // To hash an object is to touch it: custody keeps that, and what was seen.
    async Task<IReadOnlyList<string>> ObjectsAsync(
        PresentedTransaction work,
        CaseSeal seal,
        CancellationToken cancellation
    )
    {
        List<string> problems = [];
        using var manifest = JsonDocument.Parse(seal.EvidenceManifest);
        foreach (var sealedItem in manifest.RootElement.EnumerateArray())
        {
            var hash = sealedItem.GetProperty("sha256").GetString()!;
            var id = sealedItem.GetProperty("id").GetGuid();
            var seen = await objects.HashSeenAsync(hash, cancellation);
            if (seen is null)
                problems.Add($"evidence {id}: the object {hash} is gone");
            else if (seen != hash)
                problems.Add($"evidence {id}: the object {hash} was changed");
            if (await EvidenceStore.FindAsync(work, id, cancellation) is { } item)
                await EvidenceStore.CustodyAsync(
                    work,
                    item,
                    seen == hash ? CustodyAct.Verified : CustodyAct.FoundChanged,
                    seen,
                    clock.GetUtcNow(),
                    cancellation
                );
        }
        return problems;
    }

    sealed class LeafEquality : IEqualityComparer<byte[]>
    {
        public static readonly LeafEquality Same = new();

        public bool Equals(byte[]? one, byte[]? other) => one.AsSpan().SequenceEqual(other);

        public int GetHashCode(byte[] leaf) => leaf[0];
    }
}
