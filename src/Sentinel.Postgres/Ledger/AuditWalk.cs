namespace Sentinel.Postgres.Ledger;

/// <summary>
/// One pass over a log and its tree: compares each row with its leaf, grows the tree again, and holds
/// it against each trusted head as it reaches that head's size.
/// </summary>
sealed class AuditWalk
{
    readonly MerkleFrontier tree = new();
    readonly List<(string Name, Checkpoint Head)> trusted = [];
    readonly HashSet<long> agreed = [];
    int next;
    long signed;
    long follows;

    public List<AuditProblem> Problems { get; } = [];

    public long Entries { get; private set; }

    public long Pending { get; private set; }

    public int HeadCount => trusted.Count;

    public byte[] Root() => tree.Root();

    /// <summary>A head handed in; one that the log's key did not sign is itself a problem.</summary>
    public void Trust(VerifierKey key, string name, string text)
    {
        if (SignedNote.Parse(text) is not { } note || Checkpoint.Parse(note.Text) is not { } head)
            Problems.Add(new AuditProblem.HeadRefused(name, "is not a signed checkpoint"));
        else if (head.Origin != key.Name || !key.Signed(note))
            Problems.Add(
                new AuditProblem.HeadRefused(name, $"is not signed by the key of {key.Name}")
            );
        else
            trusted.Add((name, head));
    }

    /// <summary>A head of the database: believed for its signature, never for its place.</summary>
    public void Trust(VerifierKey key, LedgerStore.StoredHead stored)
    {
        var name = $"the stored head of {stored.Size} entries";
        signed = Math.Max(signed, stored.Size);
        var before = trusted.Count;
        Trust(key, name, stored.Note);
        var frontier = MerkleFrontier.Read(stored.Size, stored.Frontier);
        if (
            trusted.Count > before
            && (
                !trusted[^1].Head.SameHead(new Checkpoint(key.Name, stored.Size, stored.Root))
                || frontier is null
                || !frontier.Root().AsSpan().SequenceEqual(stored.Root)
            )
        )
        {
            trusted.RemoveAt(before);
            Problems.Add(new AuditProblem.HeadRefused(name, "is not what its note says"));
        }
    }

    public void Visit(LedgerRow row)
    {
        if (next == 0 && tree.Size == 0 && Entries == 0)
            trusted.Sort((a, b) => a.Head.Size.CompareTo(b.Head.Size));
        if (row.Entry is not null)
            Entries++;
        if (row.LeafIndex is { } index)
            VisitLeaf(row, index);
        else
            VisitPending(row);
    }

    /// <summary>After the last row: heads of trees that were larger than this one.</summary>
    public void Finish()
    {
        trusted.Sort((a, b) => a.Head.Size.CompareTo(b.Head.Size));
        foreach (var (name, head) in trusted.Where(head => head.Head.Size > tree.Size).Take(1))
            AddRange(tree.Size, head.Size, name);
        if (tree.Size > signed)
            Problems.Add(new AuditProblem.LeavesUnsigned(signed, tree.Size));
    }

    void VisitLeaf(LedgerRow row, long index)
    {
        if (row.Entry is not { } entry)
            Problems.Add(new AuditProblem.RowMissing(row.LeafOf!.Value, index));
        else
        {
            if (!row.Holds || !row.LogHash.AsSpan().SequenceEqual(row.TreeHash))
                Problems.Add(new AuditProblem.RowChanged(entry.Id, index));
        }
        // A leaf whose number was changed may still stand in its order.
        if (index != follows)
            AddRange(Math.Min(index, follows), Math.Max(index, follows) + 1, "its own numbers");
        follows = index + 1;
        tree.Append(row.TreeHash!);
        for (; next < trusted.Count && trusted[next].Head.Size <= tree.Size; next++)
        {
            var (name, head) = trusted[next];
            if (head.Size == tree.Size && head.Root.AsSpan().SequenceEqual(tree.Root()))
                agreed.Add(head.Size);
            else if (head.Size == tree.Size)
                AddRange(agreed.Count == 0 ? 0 : agreed.Max(), head.Size, name);
        }
    }

    void VisitPending(LedgerRow row)
    {
        Pending++;
        var entry = row.Entry!;
        if (!row.Holds)
            Problems.Add(new AuditProblem.RowChanged(entry.Id, null));
        else if (row.IsBehind)
            Problems.Add(new AuditProblem.RowAppeared(entry.Id));
    }

    // After the first disagreement every later root differs too: only the first says where.
    void AddRange(long from, long to, string head)
    {
        if (!Problems.OfType<AuditProblem.RangeRewritten>().Any())
            Problems.Add(new AuditProblem.RangeRewritten(from, to, head));
    }
}
