using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Sentinel.Postgres.Ledger;

namespace Sentinel.Psa.Cases;

/// <summary>
/// What a closed case was, in a form that cannot be changed unnoticed: the root over its audit rows up
/// to the one that closed it, its evidence, the policies and workflows that made it and what was
/// attested, signed.
/// </summary>
/// <param name="Note">The text and the signature, as a C2SP signed note.</param>
public sealed record CaseSeal(
    Guid CaseId,
    long LeafCount,
    IReadOnlyList<byte[]> LeafHashes,
    byte[] Root,
    long ClosingPosition,
    string EvidenceManifest,
    string PolicyHashes,
    string? WorkflowHashes,
    string? Attestations,
    string Note
)
{
    /// <summary>Under this name the ledger's key signs seals.</summary>
    public const string SignedAs = "case";

    /// <summary>The text under the signature: everything that the seal vouches for.</summary>
    internal string Text(Guid organisationId)
    {
        List<string> lines =
        [
            WorkflowHashes is null ? "Sentinel case seal 1" : "Sentinel case seal 2",
            $"organisation {organisationId}",
            $"case {CaseId}",
            "audit-leaves " + LeafHashes.Count.ToString(CultureInfo.InvariantCulture),
            "audit-root " + Convert.ToBase64String(MerkleTree.Root(LeafHashes)),
            "evidence-sha256 " + Sha256(EvidenceManifest),
            "policies-sha256 " + Sha256(PolicyHashes),
        ];
        // The first seals vouched for neither.
        if (WorkflowHashes is not null)
            lines.Add("workflows-sha256 " + Sha256(WorkflowHashes));
        if (Attestations is not null)
            lines.Add("attestations-sha256 " + Sha256(Attestations));
        return string.Join('\n', [.. lines, ""]);
    }

    /// <summary>What an attestation says, as an in-toto statement about the case's audit rows.</summary>
    internal static string Statement(CaseAttestation attestation, byte[] root) =>
        Canonical(
            JsonSerializer.Serialize(
                new
                {
                    _type = "https://in-toto.io/Statement/v1",
                    subject = new[]
                    {
                        new
                        {
                            name = $"case/{attestation.CaseId}",
                            digest = new { sha256 = Convert.ToHexStringLower(root) },
                        },
                    },
                    predicateType = "urn:sentinel:case-attestation:1",
                    predicate = new
                    {
                        id = attestation.Id,
                        attested_by = attestation.AttestedBy,
                        as_role = attestation.AsRole,
                        statement = attestation.Statement,
                        attested_at = attestation.AttestedAt.ToUniversalTime(),
                    },
                }
            )
        );

    /// <summary>RFC 8785, so that equal content has equal bytes wherever it is read from.</summary>
    internal static string Canonical(string json)
    {
        using var document = JsonDocument.Parse(json);
        return CanonicalJson.Text(document.RootElement);
    }

    static string Sha256(string text) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
