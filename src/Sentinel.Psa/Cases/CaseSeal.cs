using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Sentinel.Postgres.Ledger;

namespace Sentinel.Psa.Cases;

/// <summary>
/// What a closed case was, in a form that cannot be changed unnoticed: the root over its audit rows up
/// to the one that closed it, its evidence and the policies that made it, signed.
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
    string Note
)
{
    /// <summary>Under this name the ledger's key signs seals.</summary>
    public const string SignedAs = "case";

    /// <summary>The text under the signature: everything that the seal vouches for.</summary>
    internal static string Text(
        Guid organisationId,
        Guid caseId,
        IReadOnlyList<byte[]> leafHashes,
        string evidenceManifest,
        string policyHashes
    ) =>
        string.Join(
            '\n',
            "Sentinel case seal 1",
            $"organisation {organisationId}",
            $"case {caseId}",
            "audit-leaves " + leafHashes.Count.ToString(CultureInfo.InvariantCulture),
            "audit-root " + Convert.ToBase64String(MerkleTree.Root(leafHashes)),
            "evidence-sha256 " + Sha256(evidenceManifest),
            "policies-sha256 " + Sha256(policyHashes),
            ""
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
