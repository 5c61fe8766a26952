using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Sentinel.Psa.Stories;

namespace Sentinel.Psa.Bundles;

/// <summary>
/// The names and forms inside a case bundle. Whoever packs one and whoever verifies one both make the
/// story from the entries with what stands here, so that they cannot differ.
/// </summary>
static class CaseBundle
{
    public const string Entries = "data/audit/entries.jsonl";
    public const string Proofs = "data/audit/proofs.jsonl";
    public const string Checkpoint = "data/audit/checkpoint";
    public const string LogKey = "data/keys/log.vkey";
    public const string SealKey = "data/keys/seal.vkey";
    public const string SealNote = "data/seal/note";
    public const string Evidence = "data/evidence/";
    public const string Verify = "VERIFY.txt";

    static readonly JsonSerializerOptions shape = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DictionaryKeyPolicy = null,
        WriteIndented = true,
        NewLine = "\n",
        DefaultIgnoreCondition = JsonIgnoreCondition.Never,
    };

    /// <summary>What a signed seal says of a document: <c>evidence-sha256</c> is of this file.</summary>
    public static string Document(string what) => $"data/seal/{what}.json";

    /// <summary>The story in its three forms, from the bytes of the entries alone.</summary>
    /// <exception cref="InvalidDataException">The entries do not tell of the case.</exception>
    public static IReadOnlyDictionary<string, byte[]> Story(
        Guid caseId,
        IEnumerable<byte[]> entries
    )
    {
        var account = Account(caseId, [.. entries.Select(LeafRow.Read)]);
        return new Dictionary<string, byte[]>
        {
            ["data/case.json"] = JsonSerializer.SerializeToUtf8Bytes(account, shape),
            ["data/timeline.txt"] = Encoding.UTF8.GetBytes(AccountText.Write(account, true)),
            ["data/timeline.html"] = Encoding.UTF8.GetBytes(AccountHtml.Write(account)),
        };
    }

    static CaseAccount Account(Guid caseId, IReadOnlyList<LoggedRow> rows)
    {
        var sealedRow =
            rows.LastOrDefault(row => row.SubjectId == caseId && row.EntityType == "case_seal")
            ?? throw new InvalidDataException("the entries do not say that the case was sealed");
        var own = rows.Where(row => IsOwn(row, caseId)).ToList();
        return TellCase.Account(caseId, sealedRow.At, own, [.. rows.Where(IsName)])
            ?? throw new InvalidDataException("the entries do not tell of the case");
    }

    // Of the case itself, or of a link by which another case points to it.
    static bool IsOwn(LoggedRow row, Guid caseId) =>
        row.SubjectId == caseId || row.EntityType is "case_relationship" or "tombstone";

    static bool IsName(LoggedRow row) =>
        !row.IsRefusal
        && row.EntityType is "user" or "machine" or "queue" or "asset" or "sla_policy" or "case";

    public static string Sha256(byte[] content) =>
        Convert.ToHexStringLower(SHA256.HashData(content));

    public static string Instructions(string number) =>
        string.Join(
            '\n',
            $"How to check {number}, offline.",
            "",
            "1. Nothing in the bundle has changed since it was packed. In the folder of this file:",
            "",
            "       sha256sum -c manifest-sha256.txt",
            "       sha256sum -c tagmanifest-sha256.txt",
            "",
            "2. Each piece of evidence is the one that its name says:",
            "",
            "       (cd data/evidence && for f in *; do echo \"$f  $f\"; done | sha256sum -c)",
            "",
            "3. The audit entries are those under the signed seal and in the signed log, and every word of",
            "   the story follows from them. With the zip, wherever Sentinel's program is:",
            "",
            $"       sentinel verify case {number}.zip",
            "",
            "4. The signer has not made up another history. With a signed head that was kept elsewhere:",
            "",
            $"       sentinel verify case {number}.zip --head psa.checkpoint",
            "",
            "The entries are RFC 8785 JSON, one a line. An entry's leaf is SHA-256 over a zero byte and the",
            "line without its end, as in RFC 6962; the seal is a C2SP signed note, and the checkpoint a C2SP",
            "tlog-checkpoint: other programs can verify them too.",
            ""
        );
}
