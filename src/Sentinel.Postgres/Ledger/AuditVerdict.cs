namespace Sentinel.Postgres.Ledger;

/// <summary>What <see cref="VerifyAudit"/> found in one audit log.</summary>
/// <param name="Schema">Whose log.</param>
/// <param name="Entries">Rows in the log.</param>
/// <param name="Pending">Rows that no signed head covers yet.</param>
/// <param name="Root">The root over the tree's leaves as they are now, in hexadecimal.</param>
/// <param name="Heads">How many signed heads the tree was held against.</param>
/// <param name="Problems">None where the log is as it was signed.</param>
public sealed record AuditVerdict(
    string Schema,
    long Entries,
    long Pending,
    string Root,
    int Heads,
    IReadOnlyList<AuditProblem> Problems
)
{
    public bool Holds => Problems.Count == 0;
}

/// <summary>Something that is not as it was signed; <see cref="Sentence"/> is for people.</summary>
public abstract record AuditProblem(string Sentence)
{
    /// <summary>The row's content is not what its leaf was made of.</summary>
    public sealed record RowChanged(Guid Id, long? LeafIndex)
        : AuditProblem($"audit row {Id}{Place(LeafIndex)} was changed");

    /// <summary>The tree has a leaf whose row the log has lost.</summary>
    public sealed record RowMissing(Guid Id, long LeafIndex)
        : AuditProblem($"audit row {Id}{Place(LeafIndex)} is missing");

    /// <summary>A row that claims a time which the tree had covered without it.</summary>
    public sealed record RowAppeared(Guid Id)
        : AuditProblem($"audit row {Id} appeared behind the signed head");

    /// <summary>The leaves from one index up to another are not those that were signed.</summary>
    public sealed record RangeRewritten(long From, long To, string Head)
        : AuditProblem(
            $"the tree disagrees with {Head}: entries {From} to {To - 1} were rewritten, "
                + "added or removed together with their leaves"
        );

    /// <summary>Leaves that no stored head covers: the signer never leaves one without.</summary>
    public sealed record LeavesUnsigned(long From, long To)
        : AuditProblem($"entries {From} to {To - 1} of the tree are under no signed head");

    /// <summary>A head that the key did not sign, or that is not of this log.</summary>
    public sealed record HeadRefused(string Head, string Why) : AuditProblem($"{Head} {Why}");

    /// <summary>A time-stamp authority's token that is not over the head it stands beside.</summary>
    public sealed record StampRefused(long Size)
        : AuditProblem(
            $"the time stamp of the stored head of {Size} entries is not over that head"
        );

    /// <summary>What a row vouches for elsewhere is not as the row says.</summary>
    public sealed record ContentChanged(Guid Id, string What)
        : AuditProblem($"audit row {Id} vouches for other content: {What}");

    static string Place(long? leafIndex) =>
        leafIndex is { } index ? $" (entry {index} of the tree)" : " (not in the tree yet)";
}
