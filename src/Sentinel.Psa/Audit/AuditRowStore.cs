using Sentinel.Postgres.Access;
using Sentinel.Postgres.Ledger;

namespace Sentinel.Psa.Audit;

/// <param name="LeafNow">Hashed here from what the row says now, not by the database.</param>
sealed record AuditRow(Guid Id, string Action, byte[] StoredLeaf, byte[] LeafNow);

/// <summary>Audit rows with their leaves, to be checked.</summary>
static class AuditRowStore
{
    public static async Task<IReadOnlyList<AuditRow>> UpToAsync(
        PresentedTransaction work,
        Guid subjectId,
        long position,
        CancellationToken cancellation
    )
    {
        const string sql =
            "SELECT "
            + AuditEntry.Columns
            + """
                , log.leaf_hash
                FROM psa.audit_log log
                WHERE organisation_id = $1 AND subject_id = $2 AND position <= $3
                ORDER BY position
                """;
        await using var command = work.Command(sql)
            .With(work.Actor.OrganisationId, subjectId, position);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        List<AuditRow> rows = [];
        while (await reader.ReadAsync(cancellation))
        {
            var entry = AuditEntry.Read(reader);
            rows.Add(
                new AuditRow(
                    entry.Id,
                    entry.Action,
                    reader.GetFieldValue<byte[]>(AuditEntry.ColumnCount),
                    MerkleTree.LeafHash(entry.LeafContent())
                )
            );
        }
        return rows;
    }
}
