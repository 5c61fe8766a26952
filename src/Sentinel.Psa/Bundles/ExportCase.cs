using System.Text;
using System.Text.Json;
using Sentinel.Postgres;
using Sentinel.Postgres.Access;
using Sentinel.Postgres.Bags;
using Sentinel.Postgres.Ledger;
using Sentinel.Psa.Audit;
using Sentinel.Psa.Cases;
using Sentinel.Psa.Evidence;
using Sentinel.Psa.Stories;

namespace Sentinel.Psa.Bundles;

/// <param name="Name">For the file: <c>INC-7.zip</c>.</param>
public sealed record PackedCase(string Name, string Sha256, byte[] Zip);

/// <summary>
/// Packs a sealed case for a court or an auditor: its story, the audit entries that it is made from with
/// the proof that they are in the signed log, the seal, and every piece of evidence. The same case gives
/// the same bytes. Reading the evidence is noted in its custody, as ever.
/// </summary>
public sealed class ExportCase(SentinelDatabase database, DataDirectory data, ReadEvidence evidence)
{
    const long BundleBytesMax = 1L << 30;

    /// <param name="head">
    /// A signed head that was kept elsewhere, against which the proofs are to be made; else the first one
    /// that covered the case.
    /// </param>
    public async Task<Outcome<PackedCase>> RunAsync(
        Secret secret,
        Guid caseId,
        string? head,
        CancellationToken cancellation
    )
    {
        var gathered = await AttemptStore.ReadAsync(
            database.Psa,
            secret,
            new Deed("case.export", "case", caseId, caseId),
            "case.export",
            work => GatherAsync(work, caseId, head, cancellation),
            cancellation
        );
        if (gathered is not Outcome<Gathered>.Done(var what))
            return gathered.Match<Outcome<PackedCase>>(
                _ => throw new System.Diagnostics.UnreachableException(),
                missing => new Outcome<PackedCase>.NotFound(missing),
                refusal => new Outcome<PackedCase>.Declined(refusal)
            );
        foreach (var id in what.EvidenceIds)
        {
            var read = await evidence.RunAsync(secret, id, cancellation);
            if (read is not Outcome<EvidenceContent>.Done(var content))
                return read.Match<Outcome<PackedCase>>(
                    _ => throw new System.Diagnostics.UnreachableException(),
                    missing => new Outcome<PackedCase>.NotFound(missing),
                    refusal => new Outcome<PackedCase>.Declined(refusal)
                );
            await using var stream = content.Content;
            if (
                what.Files.Values.Sum(file => (long)file.Length) + content.Item.SizeBytes
                > BundleBytesMax
            )
                return new Outcome<PackedCase>.Declined(TooLarge());
            using var copy = new MemoryStream();
            await stream.CopyToAsync(copy, cancellation);
            what.Files[CaseBundle.Evidence + content.Item.Hash] = copy.ToArray();
        }
        var zip = Bag.Pack(
            what.Files,
            new BagLabel(what.OrganisationId.ToString(), what.Number, what.ClosedAt),
            new Dictionary<string, byte[]>
            {
                [CaseBundle.Verify] = Encoding.UTF8.GetBytes(CaseBundle.Instructions(what.Number)),
            }
        );
        return new Outcome<PackedCase>.Done(
            new PackedCase(what.Number + ".zip", CaseBundle.Sha256(zip), zip)
        );
    }

    async Task<Outcome<Gathered>> GatherAsync(
        PresentedTransaction work,
        Guid caseId,
        string? given,
        CancellationToken cancellation
    )
    {
        if (await CaseStore.FindAsync(work, caseId, cancellation) is not { } found)
            return new Outcome<Gathered>.NotFound($"case {caseId}");
        if (await SealStore.FindAsync(work, caseId, cancellation) is not { } seal)
            return new Outcome<Gathered>.Declined(Unsealed(found));
        var entries = await EntriesAsync(work, caseId, cancellation);
        if (entries.FirstOrDefault(entry => !entry.Holds) is { } changed)
            return new Outcome<Gathered>.Declined(Changed(changed));
        var last = entries.Max(entry => entry.Index ?? long.MaxValue);
        using var key = LedgerKey.Open(data);
        var head = given is null
            ? await BundleStore.HeadAsync(work, last, cancellation)
            : Given(given, key, last);
        if (head is null)
            return new Outcome<Gathered>.Declined(Uncovered(given is not null));
        var leaves = await BundleStore.LeavesAsync(work, head.TreeSize, cancellation);
        if (given is not null && !SameHistory(head, leaves))
            return new Outcome<Gathered>.Declined(AnotherHistory());
        var files = new SortedDictionary<string, byte[]>(StringComparer.Ordinal)
        {
            [CaseBundle.Entries] = Lines(entries.Select(entry => entry.Entry.LeafContent())),
            [CaseBundle.Proofs] = Proofs(entries, new MerkleLevels(leaves)),
            [CaseBundle.Checkpoint] = Encoding.UTF8.GetBytes(head.Note),
            [CaseBundle.LogKey] = Encoding.UTF8.GetBytes(key.VerifierKeyFor("psa") + "\n"),
            [CaseBundle.SealKey] = Encoding.UTF8.GetBytes(
                key.VerifierKeyFor(CaseSeal.SignedAs) + "\n"
            ),
            [CaseBundle.SealNote] = Encoding.UTF8.GetBytes(seal.Note),
        };
        foreach (var (what, json) in Documents(seal))
            files[CaseBundle.Document(what)] = Encoding.UTF8.GetBytes(json);
        foreach (
            var (name, content) in CaseBundle.Story(
                caseId,
                entries.Select(entry => entry.Entry.LeafContent())
            )
        )
            files[name] = content;
        return new Outcome<Gathered>.Done(
            new Gathered(
                work.Actor.OrganisationId,
                found.Number,
                found.ClosedAt!.Value,
                files,
                EvidenceIds(seal)
            )
        );
    }

    /// <summary>Up to the seal, with the rows that name whom and what they speak of.</summary>
    static async Task<IReadOnlyList<ProvedEntry>> EntriesAsync(
        PresentedTransaction work,
        Guid caseId,
        CancellationToken cancellation
    )
    {
        var all = await LogStore.OfCaseAsync(work, caseId, DateTimeOffset.MaxValue, cancellation);
        var end = all.First(row => row.EntityType == "case_seal");
        var rows = all.Where(row => row.Position <= end.Position).ToList();
        var others = await LogStore.OfOthersAsync(work, TellCase.Named(rows), end.At, cancellation);
        var named = others.Where(row => row.EntityType != "case" || row.Verb == "created");
        return await BundleStore.EntriesAsync(
            work,
            rows.Concat(named).Select(row => row.Position).Distinct(),
            cancellation
        );
    }

    /// <summary>The head from elsewhere, if this key signed it and it covers the case.</summary>
    static CoveringHead? Given(string head, LedgerKey key, long lastIndex) =>
        SignedNote.Parse(head) is { } note
        && key.VerifierKeyFor("psa").Signed(note)
        && Checkpoint.Parse(note.Text) is { } checkpoint
        && checkpoint.Size > lastIndex
            ? new CoveringHead(checkpoint.Size, head)
            : null;

    static bool SameHistory(CoveringHead head, IReadOnlyList<byte[]> leaves) =>
        leaves.Count == head.TreeSize
        && Checkpoint
            .Parse(SignedNote.Parse(head.Note)!.Text)!
            .Root.AsSpan()
            .SequenceEqual(MerkleTree.Root(leaves));

    static byte[] Proofs(IReadOnlyList<ProvedEntry> entries, MerkleLevels tree) =>
        Lines(
            entries.Select(entry =>
                JsonSerializer.SerializeToUtf8Bytes(
                    new
                    {
                        index = entry.Index!.Value,
                        hashes = tree.InclusionProof((int)entry.Index.Value)
                            .Select(Convert.ToBase64String),
                    }
                )
            )
        );

    static IEnumerable<(string What, string Json)> Documents(CaseSeal seal)
    {
        yield return ("evidence", seal.EvidenceManifest);
        yield return ("policies", seal.PolicyHashes);
        if (seal.WorkflowHashes is { } workflows)
            yield return ("workflows", workflows);
        if (seal.Attestations is { } attestations)
            yield return ("attestations", attestations);
    }

    static IReadOnlyList<Guid> EvidenceIds(CaseSeal seal)
    {
        using var manifest = JsonDocument.Parse(seal.EvidenceManifest);
        return
        [
            .. manifest
                .RootElement.EnumerateArray()
                .Select(item => item.GetProperty("id").GetGuid()),
        ];
    }

    static byte[] Lines(IEnumerable<byte[]> lines)
    {
        using var text = new MemoryStream();
        foreach (var line in lines)
        {
            text.Write(line);
            text.WriteByte((byte)'\n');
        }
        return text.ToArray();
    }

    static RuleRefusal Unsealed(Case found) =>
        new(
            "case.export.unsealed",
            $"{found.Number} is {found.Status.Word()} and has no seal yet",
            "whoever closes it seals it; until then its story is told by 'case timeline'"
        );

    static RuleRefusal Changed(ProvedEntry entry) =>
        new(
            "case.export.changed",
            $"audit row {entry.Entry.Id} is not what its leaf was made of",
            "whoever keeps the copies of the database; 'verify audit' says more"
        );

    static RuleRefusal Uncovered(bool given) =>
        given
            ? new(
                "case.export.uncovered",
                "the head is not signed by this Sentinel's key, or is older than the case",
                "the same person, with a later head or with none"
            )
            : new(
                "case.export.uncovered",
                "no signed head covers all of its entries yet",
                "the same person, in a few seconds"
            );

    static RuleRefusal AnotherHistory() =>
        new(
            "case.export.history",
            "the head from elsewhere is of another history than the database's",
            "whoever keeps the copies of the database; 'verify audit --head' says where they part"
        );

    static RuleRefusal TooLarge() =>
        new(
            "case.export.limit",
            $"the bundle would have more than {BundleBytesMax} bytes",
            "somebody who takes the evidence objects from the store, by the hashes in the seal"
        );

    sealed record Gathered(
        Guid OrganisationId,
        string Number,
        DateTimeOffset ClosedAt,
        SortedDictionary<string, byte[]> Files,
        IReadOnlyList<Guid> EvidenceIds
    );
}
