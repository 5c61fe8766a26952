using System.Text.Json;

namespace Sentinel.Postgres.Ledger;

/// <summary>What was exported of one audit log.</summary>
public sealed record AuditExport(string Schema, string Folder, long Leaves, int Proofs);

/// <summary>
/// Writes an audit log for verifiers that are not ours: <c>checkpoint</c>, <c>vkey</c>,
/// <c>leaves.jsonl</c> (the bytes under each leaf, in order) and a <c>.tlog-proof</c> for each case or
/// finding, which shows that its last row is in the tree; and the latest head that an authority stamped.
/// </summary>
public sealed class ExportAudit(SentinelDatabase database, DataDirectory data)
{
    internal const string CheckpointFile = "checkpoint";
    internal const string KeyFile = "vkey";
    internal const string LeavesFile = "leaves.jsonl";
    internal const string ProofExtension = ".tlog-proof";
    internal const string StampedFile = "stamped-checkpoint";
    internal const string StampExtension = ".tst";

    // What people ask about: a case, or a finding.
    static readonly string[] Stories = ["case", "finding"];

    /// <summary>The log of one schema, up to its latest signed head.</summary>
    /// <exception cref="OperationFailedException">Nothing is signed, or the disk refuses.</exception>
    public async Task<AuditExport> RunAsync(
        string schema,
        string folder,
        CancellationToken cancellation
    )
    {
        try
        {
            return await WriteAsync(schema, folder, cancellation);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new OperationFailedException(
                $"The audit log cannot be exported to {folder}: {failure.Message}",
                failure
            );
        }
    }

    async Task<AuditExport> WriteAsync(string schema, string folder, CancellationToken cancellation)
    {
        var store = new LedgerStore(schema);
        await using var connection = await database.Signer.OpenConnectionAsync(cancellation);
        await using var snapshot = await connection.BeginTransactionAsync(
            System.Data.IsolationLevel.RepeatableRead,
            cancellation
        );
        var last =
            await store.LastAsync(connection, cancellation)
            ?? throw new OperationFailedException(
                $"The audit log of {schema} has no signed head yet, so there is nothing to export."
            );
        Directory.CreateDirectory(folder);
        using var key = LedgerKey.Open(data);
        var vkey = key.VerifierKeyFor(schema) + "\n";
        await File.WriteAllTextAsync(Path.Combine(folder, CheckpointFile), last.Note, cancellation);
        await File.WriteAllTextAsync(Path.Combine(folder, KeyFile), vkey, cancellation);
        if ((await store.StampsAsync(connection, cancellation)).LastOrDefault() is { } stamp)
        {
            var stamped = Path.Combine(folder, StampedFile);
            await File.WriteAllTextAsync(stamped, stamp.Note, cancellation);
            await File.WriteAllBytesAsync(stamped + StampExtension, stamp.Signed, cancellation);
        }
        List<byte[]> hashes = [];
        Dictionary<Guid, int> lastOfStory = [];
        HashSet<Guid> stories = [];
        await using (var leaves = new StreamWriter(Path.Combine(folder, LeavesFile)))
            await foreach (var row in store.RowsAsync(connection, cancellation))
            {
                if (row.LeafIndex is null || hashes.Count == last.Frontier.Size)
                    break;
                if (row.Entry is not { } entry)
                    throw new OperationFailedException(
                        $"The audit log of {schema} has lost row {row.LeafOf}: run ./sentinel "
                            + "verify audit."
                    );
                if (entry.SubjectId is { } story && Stories.Contains(entry.EntityType))
                    stories.Add(story);
                if (entry.SubjectId is { } subject)
                    lastOfStory[subject] = hashes.Count;
                hashes.Add(row.TreeHash!);
                await leaves.WriteAsync(Line(hashes.Count - 1, entry.LeafContent()));
            }
        var tree = new MerkleLevels(hashes);
        foreach (var story in stories)
        {
            var index = lastOfStory[story];
            var proof = new InclusionNote(index, tree.InclusionProof(index), last.Note);
            await File.WriteAllTextAsync(
                Path.Combine(folder, story + ProofExtension),
                proof.ToString(),
                cancellation
            );
        }
        return new AuditExport(schema, folder, hashes.Count, stories.Count);
    }

    static string Line(int index, byte[] content) =>
        JsonSerializer.Serialize(new { index, leaf = Convert.ToBase64String(content) }) + "\n";
}
