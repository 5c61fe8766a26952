using Npgsql;

namespace Sentinel.Postgres.Ledger;

/// <summary>The latest signed head of one audit log.</summary>
/// <param name="Schema">Whose log.</param>
/// <param name="Head">Null while the log is empty.</param>
/// <param name="Note">The checkpoint with its signature, as the file holds it.</param>
/// <param name="File">Where it lies, outside the database.</param>
/// <param name="Added">How many rows this signing took into the tree.</param>
/// <param name="Covered">
/// False where rows that were asked for had to stay outside, because a transaction older than theirs
/// is still running.
/// </param>
public sealed record SignedHead(
    string Schema,
    Checkpoint? Head,
    string? Note,
    string File,
    int Added,
    bool Covered = true
);

/// <summary>
/// Takes finished audit rows into the tree beside the log, signs its head, and writes that head to a
/// file outside the database. It never signs a head that contradicts the one outside.
/// </summary>
public sealed class SignHead(SentinelDatabase database, DataDirectory data, TimeProvider clock)
{
    const int HeadRowsMax = 1000;
    const int CoverAttemptsMax = 600;
    static readonly TimeSpan CoverPause = TimeSpan.FromMilliseconds(50);

    /// <summary>Every audit log of the database.</summary>
    public async Task<IReadOnlyList<SignedHead>> RunAllAsync(CancellationToken cancellation)
    {
        List<SignedHead> heads = [];
        foreach (var schema in await LedgerStore.SchemasAsync(database.Signer, cancellation))
            heads.Add(await RunAsync(schema, cancellation));
        return heads;
    }

    /// <summary>
    /// One audit log. Rows of transactions that are not finished, or younger than one that is not,
    /// wait for the next time: the order of rows is not the order of commits.
    /// </summary>
    public async Task<SignedHead> RunAsync(string schema, CancellationToken cancellation)
    {
        var store = new LedgerStore(schema);
        await using var connection = await database.Signer.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await store.LockAsync(connection, cancellation);
        var last = await store.LastAsync(connection, cancellation);
        CheckAgainstOutside(schema, await OutsideAsync(store, connection, schema, cancellation));
        var horizon = await store.HorizonAsync(connection, cancellation);
        var leaves = await store.NewLeavesAsync(connection, last?.Horizon, horizon, cancellation);
        if (leaves.Count == 0)
        {
            if (last is not null)
                DataDirectory.WriteAtomically(data.HeadFile(schema), last.Note);
            return Signed(schema, last?.Note, added: 0);
        }
        var tree = last?.Frontier ?? new MerkleFrontier();
        var first = tree.Size;
        var heads = Grow(schema, tree, leaves);
        await store.AddAsync(connection, first, leaves, cancellation);
        await store.AddAsync(connection, heads, horizon, cancellation);
        CrashPoint.Reach(HeadStations.HeadSigned);
        await transaction.CommitAsync(cancellation);
        CrashPoint.Reach(HeadStations.HeadCommitted);
        DataDirectory.WriteAtomically(data.HeadFile(schema), heads[^1].Note);
        return Signed(schema, heads[^1].Note, leaves.Count);
    }

    // A head for each thousand rows and for the last: so far is a rewritten range narrowed down.
    List<LedgerStore.NewHead> Grow(
        string schema,
        MerkleFrontier tree,
        IReadOnlyList<LedgerStore.NewLeaf> leaves
    )
    {
        using var key = LedgerKey.Open(data);
        List<LedgerStore.NewHead> heads = [];
        for (var index = 0; index < leaves.Count; index++)
        {
            tree.Append(leaves[index].Hash);
            if ((index + 1) % HeadRowsMax != 0 && index + 1 != leaves.Count)
                continue;
            var head = new Checkpoint(key.NameOf(schema), tree.Size, tree.Root());
            var note = key.Sign(schema, head.ToString()).ToString();
            heads.Add(new LedgerStore.NewHead(head.Size, head.Root, note, tree.ToBytes()));
        }
        return heads;
    }

    /// <summary>
    /// Signs until every row of one story (a case, a batch) is in the tree, which takes as long as
    /// transactions that were running when it was written.
    /// </summary>
    public async Task<SignedHead> CoverAsync(
        string schema,
        Guid organisationId,
        Guid subjectId,
        CancellationToken cancellation
    )
    {
        var store = new LedgerStore(schema);
        var added = 0;
        for (var attempt = 1; ; attempt++)
        {
            var head = await RunAsync(schema, cancellation);
            added += head.Added;
            var covered = await store.CoversAsync(
                database.Signer,
                organisationId,
                subjectId,
                cancellation
            );
            if (covered || attempt == CoverAttemptsMax)
                return head with { Added = added, Covered = covered };
            await Task.Delay(CoverPause, clock, cancellation);
        }
    }

    /// <summary>Where a test may kill the signer.</summary>
    public static class HeadStations
    {
        public const string HeadSigned = "audit.head_signed";
        public const string HeadCommitted = "audit.head_committed";

        public static readonly IReadOnlyList<string> All = [HeadSigned, HeadCommitted];
    }

    SignedHead Signed(string schema, string? note, int added) =>
        new(
            schema,
            note is null ? null : Checkpoint.Parse(note),
            note,
            data.HeadFile(schema),
            added
        );

    // The head outside, beside what the database says the tree was at that size.
    async Task<(Checkpoint Outside, byte[]? Inside)?> OutsideAsync(
        LedgerStore store,
        NpgsqlConnection connection,
        string schema,
        CancellationToken cancellation
    )
    {
        if (!File.Exists(data.HeadFile(schema)))
            return null;
        var text = await File.ReadAllTextAsync(data.HeadFile(schema), cancellation);
        using var key = LedgerKey.Open(data);
        if (
            SignedNote.Parse(text) is not { } note
            || Checkpoint.Parse(note.Text) is not { } head
            || !key.VerifierKeyFor(schema).Signed(note)
        )
            throw new OperationFailedException(
                $"{data.HeadFile(schema)} is not a head that this key signed: nothing is signed "
                    + "over it; run ./sentinel verify audit, then move the file away."
            );
        return (head, await store.RootAtAsync(connection, head.Size, cancellation));
    }

    void CheckAgainstOutside(string schema, (Checkpoint Outside, byte[]? Inside)? compared)
    {
        if (compared is not { } heads || heads.Outside.Root.AsSpan().SequenceEqual(heads.Inside))
            return;
        throw new OperationFailedException(
            $"The audit log of {schema} does not contain the head in {data.HeadFile(schema)} "
                + $"({heads.Outside.Size} entries): it was changed or restored from an older copy; "
                + "nothing is signed over it; run ./sentinel verify audit."
        );
    }
}
