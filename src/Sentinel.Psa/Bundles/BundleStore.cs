using Sentinel.Postgres.Access;
using Sentinel.Postgres.Ledger;
using Sentinel.Psa.Audit;

namespace Sentinel.Psa.Bundles;

/// <param name="Index">Its place in the tree.</param>
sealed record ProvedEntry(AuditEntry Entry, bool Holds, long? Index);

/// <summary>The signed head that was the first to hold all entries of a bundle.</summary>
sealed record CoveringHead(long TreeSize, string Note);

/// <summary>Audit rows with their places in the tree, for verifiers who have no database.</summary>
static class BundleStore
{
    public static async Task<IReadOnlyList<ProvedEntry>> EntriesAsync(
        PresentedTransaction work,
        IEnumerable<long> positions,
        CancellationToken cancellation
    )
    {
        const string sql =
            "SELECT "
            + AuditEntry.Columns
            + """
                , leaf.leaf_index
                FROM psa.audit_log log
                LEFT JOIN psa.audit_leaves leaf ON leaf.audit_id = log.id
                WHERE log.organisation_id = $1 AND log.position = ANY ($2)
                ORDER BY log.position
                """;
        await using var command = work.Command(sql)
            .With(work.Actor.OrganisationId, positions.ToArray());
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        List<ProvedEntry> entries = [];
        while (await reader.ReadAsync(cancellation))
        {
            var entry = AuditEntry.Read(reader, out var holds);
            var index = AuditEntry.LeafHashColumn + 1;
            entries.Add(
                new ProvedEntry(
                    entry,
                    holds,
                    await reader.IsDBNullAsync(index, cancellation) ? null : reader.GetInt64(index)
                )
            );
        }
        return entries;
    }

    public static async Task<CoveringHead?> HeadAsync(
        PresentedTransaction work,
        long lastIndex,
        CancellationToken cancellation
    )
    {
        const string sql = """
            SELECT tree_size, note FROM psa.audit_checkpoints
            WHERE tree_size > $1 ORDER BY tree_size LIMIT 1
            """;
        await using var command = work.Command(sql).With(lastIndex);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        return await reader.ReadAsync(cancellation)
            ? new CoveringHead(reader.GetInt64(0), reader.GetString(1))
            : null;
    }

    /// <summary>The leaves under a head, in their order.</summary>
    public static async Task<IReadOnlyList<byte[]>> LeavesAsync(
        PresentedTransaction work,
        long treeSize,
        CancellationToken cancellation
    )
    {
        const string sql = """
            SELECT leaf_hash FROM psa.audit_leaves WHERE leaf_index < $1 ORDER BY leaf_index
            """;
        await using var command = work.Command(sql).With(treeSize);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        List<byte[]> leaves = [];
        while (await reader.ReadAsync(cancellation))
            leaves.Add(reader.GetFieldValue<byte[]>(0));
        return leaves;
    }
}
