namespace Sentinel.Postgres.Ledger;

/// <summary>
/// Recomputes every audit row's leaf from its content and holds the tree against every signed head:
/// those in the database, the one in the data directory, and any that is handed in. It names the row
/// where its leaf is intact, else the range of the tree between two heads.
/// </summary>
/// <param name="database">Read as the signer, who sees every organisation.</param>
/// <param name="data">The key's public half and the heads outside the database.</param>
/// <param name="check">
/// Follows a row to what it vouches for elsewhere (a batch's root over its raw events), and says what
/// differs; null where nothing does.
/// </param>
public sealed class VerifyAudit(
    SentinelDatabase database,
    DataDirectory data,
    Func<AuditEntry, CancellationToken, Task<string?>>? check = null
)
{
    const int ProblemsMax = 1000;

    /// <param name="headFiles">Heads that were kept elsewhere.</param>
    /// <param name="cancellation">Stops reading.</param>
    /// <exception cref="OperationFailedException">A file cannot be read.</exception>
    public async Task<IReadOnlyList<AuditVerdict>> RunAsync(
        IReadOnlyList<string> headFiles,
        CancellationToken cancellation
    )
    {
        using var key = LedgerKey.Open(data);
        var schemas = await LedgerStore.SchemasAsync(database.Signer, cancellation);
        var handedIn = await ReadAsync(headFiles, cancellation);
        List<AuditVerdict> verdicts = [];
        foreach (var schema in schemas)
        {
            var mine = handedIn.Where(head => IsOf(head.Text, key.NameOf(schema))).ToList();
            handedIn = [.. handedIn.Except(mine)];
            if (File.Exists(data.HeadFile(schema)))
                mine.AddRange(await ReadAsync([data.HeadFile(schema)], cancellation));
            verdicts.Add(await RunAsync(schema, key.VerifierKeyFor(schema), mine, cancellation));
        }
        var strangers = handedIn.Select(head => new AuditProblem.HeadRefused(
            head.Name,
            "is not a head of any audit log here"
        ));
        return verdicts.Count == 0
            ? verdicts
            :
            [
                verdicts[0] with
                {
                    Problems = [.. verdicts[0].Problems, .. strangers],
                },
                .. verdicts[1..],
            ];
    }

    async Task<AuditVerdict> RunAsync(
        string schema,
        VerifierKey key,
        IReadOnlyList<(string Name, string Text)> outside,
        CancellationToken cancellation
    )
    {
        var store = new LedgerStore(schema);
        await using var connection = await database.Signer.OpenConnectionAsync(cancellation);
        // One view of log, tree and heads, while others go on writing.
        await using var snapshot = await connection.BeginTransactionAsync(
            System.Data.IsolationLevel.RepeatableRead,
            cancellation
        );
        var walk = new AuditWalk();
        foreach (var (name, text) in outside)
            walk.Trust(key, name, text);
        foreach (var stored in await store.HeadsAsync(connection, cancellation))
            walk.Trust(key, stored);
        foreach (var stamp in await store.StampsAsync(connection, cancellation))
            if (StampHeads.TimeOf(stamp.Signed, stamp.Note) is null)
                walk.Problems.Add(new AuditProblem.StampRefused(stamp.Size));
        await foreach (var row in store.RowsAsync(connection, cancellation))
        {
            if (walk.Problems.Count >= ProblemsMax)
                break;
            walk.Visit(row);
            if (
                check is not null
                && row.Entry is { } entry
                && await check(entry, cancellation) is { } difference
            )
                walk.Problems.Add(new AuditProblem.ContentChanged(entry.Id, difference));
        }
        walk.Finish();
        return new AuditVerdict(
            schema,
            walk.Entries,
            walk.Pending,
            Convert.ToHexStringLower(walk.Root()),
            walk.HeadCount,
            walk.Problems
        );
    }

    static bool IsOf(string note, string origin) =>
        note.StartsWith(origin + "\n", StringComparison.Ordinal);

    static async Task<IReadOnlyList<(string Name, string Text)>> ReadAsync(
        IReadOnlyList<string> files,
        CancellationToken cancellation
    )
    {
        List<(string, string)> heads = [];
        foreach (var file in files)
            try
            {
                heads.Add((file, await File.ReadAllTextAsync(file, cancellation)));
            }
            catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
            {
                throw new OperationFailedException(
                    $"The head {file} cannot be read: {failure.Message}",
                    failure
                );
            }
        return heads;
    }
}
