using System.Text;
using System.Text.Json;
using Sentinel.Postgres.Bags;
using Sentinel.Postgres.Ledger;

namespace Sentinel.Psa.Bundles;

/// <param name="Problems">Each names what is not as it was sealed; empty where all is.</param>
public sealed record BundleVerdict(
    string? Case,
    string? Sha256,
    long Entries,
    string? Root,
    IReadOnlyList<string> Problems
);

/// <summary>
/// Whether a case bundle is what was sealed: offline, from the file alone. With a signed head that was
/// kept elsewhere, also whether its signer has shown others the same history.
/// </summary>
public static class VerifyBundle
{
    /// <param name="heads">The texts of heads from elsewhere.</param>
    public static BundleVerdict Run(Stream zip, IReadOnlyList<string> heads)
    {
        if (Bag.Open(zip, out var broken) is not { } bag)
            return new BundleVerdict(null, null, 0, null, [broken!]);
        try
        {
            var bundle = new OpenedBundle(bag);
            return new BundleVerdict(
                bundle.CaseId.ToString(),
                bag.Sha256,
                bundle.Entries.Count,
                bundle.Said("audit-root"),
                [
                    .. bundle.Signatures(),
                    .. bundle.Sealed(),
                    .. bundle.Documents(),
                    .. bundle.Evidence(),
                    .. bundle.InTheLog(),
                    .. bundle.Story(),
                    .. heads.SelectMany(bundle.Head),
                ]
            );
        }
        catch (Exception unreadable)
            when (unreadable
                    is InvalidDataException
                        or JsonException
                        or KeyNotFoundException
                        or InvalidOperationException
                        or FormatException
                        or ArgumentException
                        or OverflowException
            )
        {
            return new BundleVerdict(
                null,
                bag.Sha256,
                0,
                null,
                [$"not a case bundle: {unreadable.Message}"]
            );
        }
    }
}

/// <summary>The parts of a bundle, and one question for each of them.</summary>
sealed class OpenedBundle
{
    readonly Bag bag;
    readonly SignedNote note;
    readonly Dictionary<string, string> said;

    public OpenedBundle(Bag bag)
    {
        this.bag = bag;
        note =
            SignedNote.Parse(Text(CaseBundle.SealNote))
            ?? throw new InvalidDataException("the seal's note cannot be read");
        said = note
            .Text.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => line.Split(' ', 2))
            .Where(parts => parts.Length == 2)
            .ToDictionary(parts => parts[0], parts => parts[1], StringComparer.Ordinal);
        CaseId = Guid.Parse(Said("case"));
        Entries = Lines(CaseBundle.Entries);
    }

    public Guid CaseId { get; }

    /// <summary>The bytes under the leaves.</summary>
    public IReadOnlyList<byte[]> Entries { get; }

    /// <summary>What the signed seal says.</summary>
    public string Said(string what) =>
        said.GetValueOrDefault(what)
        ?? throw new InvalidDataException($"the seal does not say its {what}");

    public IEnumerable<string> Signatures()
    {
        var (seal, log) = (Key(CaseBundle.SealKey), Key(CaseBundle.LogKey));
        if (seal is null || log is null)
            yield return "a verifier key cannot be read";
        else if (!seal.Key.Equals(log.Key))
            yield return "the seal and the log are not signed by the same key";
        else if (!seal.Signed(note))
            yield return "the seal is not signed by the key in the bundle";
    }

    public IEnumerable<string> Sealed()
    {
        var own = Entries
            .Where(entry => LeafRow.Read(entry).SubjectId == CaseId)
            .Select(entry => MerkleTree.LeafHash(entry))
            .ToList();
        var count = int.Parse(
            Said("audit-leaves"),
            System.Globalization.CultureInfo.InvariantCulture
        );
        if (own.Count < count)
            yield return $"{count} audit entries were sealed, and the bundle has {own.Count}";
        else if (Convert.ToBase64String(MerkleTree.Root(own.Take(count))) != Said("audit-root"))
            yield return "the audit entries are not the sealed ones";
    }

    public IEnumerable<string> Documents()
    {
        const string ending = "-sha256";
        foreach (
            var (what, hash) in said.Where(line =>
                line.Key.EndsWith(ending, StringComparison.Ordinal)
            )
        )
        {
            var name = CaseBundle.Document(what[..^ending.Length]);
            if (!bag.Files.TryGetValue(name, out var content))
                yield return $"{name} is missing";
            else if (CaseBundle.Sha256(content) != hash)
                yield return $"{name} is not what was sealed";
        }
    }

    public IEnumerable<string> Evidence()
    {
        using var manifest = JsonDocument.Parse(File(CaseBundle.Document("evidence")));
        foreach (var item in manifest.RootElement.EnumerateArray())
        {
            var hash = item.GetProperty("sha256").GetString()!;
            if (!bag.Files.TryGetValue(CaseBundle.Evidence + hash, out var content))
                yield return $"evidence {item.GetProperty("id")} is missing";
            else if (CaseBundle.Sha256(content) != hash)
                yield return $"evidence {item.GetProperty("id")} is not what was sealed";
        }
    }

    public IEnumerable<string> InTheLog()
    {
        var proofs = Lines(CaseBundle.Proofs);
        if (proofs.Count != Entries.Count)
            yield return $"{Entries.Count} audit entries have {proofs.Count} proofs";
        if (Key(CaseBundle.LogKey) is not { } key)
            yield break;
        var checkpoint = Text(CaseBundle.Checkpoint);
        foreach (var (entry, line) in Entries.Zip(proofs))
        {
            using var proof = JsonDocument.Parse(line);
            var place = new InclusionNote(
                proof.RootElement.GetProperty("index").GetInt64(),
                [
                    .. proof
                        .RootElement.GetProperty("hashes")
                        .EnumerateArray()
                        .Select(hash => hash.GetBytesFromBase64()),
                ],
                checkpoint
            );
            if (!place.Proves(entry, key))
                yield return $"audit entry {LeafRow.Read(entry).Position} is not in the signed log";
        }
    }

    /// <summary>Every word follows from the entries.</summary>
    public IEnumerable<string> Story()
    {
        foreach (var (name, content) in CaseBundle.Story(CaseId, Entries))
            if (!bag.Files.TryGetValue(name, out var told))
                yield return $"{name} is missing";
            else if (!told.AsSpan().SequenceEqual(content))
                yield return $"{name} is not what the audit entries tell";
    }

    public IEnumerable<string> Head(string head)
    {
        var (here, there) = (Parsed(Text(CaseBundle.Checkpoint)), Parsed(head));
        if (here is null || there is null)
            yield return "a head cannot be read or is not signed by the key of the bundle";
        else if (there.Size != here.Size)
            yield return $"the head from elsewhere has {there.Size} entries and the bundle's {here.Size}: "
                + "have the case exported with that head: sentinel case export CASE --head FILE";
        else if (!there.SameHead(here))
            yield return "the head from elsewhere is another history than the bundle's";
    }

    Checkpoint? Parsed(string head) =>
        SignedNote.Parse(head) is { } signed
        && Key(CaseBundle.LogKey) is { } key
        && key.Signed(signed)
            ? Postgres.Ledger.Checkpoint.Parse(signed.Text)
            : null;

    VerifierKey? Key(string name) => VerifierKey.Parse(Text(name));

    byte[] File(string name) =>
        bag.Files.GetValueOrDefault(name) ?? throw new InvalidDataException($"{name} is missing");

    string Text(string name) => Encoding.UTF8.GetString(File(name));

    List<byte[]> Lines(string name) =>
        [
            .. Text(name)
                .Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Select(Encoding.UTF8.GetBytes),
        ];
}
