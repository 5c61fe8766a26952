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
        const string sql = """
            SELECT id, organisation_id, actor_id, actor_kind, on_behalf_of, credential_id, action,
                entity_type, entity_id, subject_id, timestamp, position, metadata::text, leaf_hash
            FROM psa.audit_log
            WHERE organisation_id = $1 AND subject_id = $2 AND position <= $3
            ORDER BY position
            """;
        await using var command = work.Command(sql)
            .With(work.Actor.OrganisationId, subjectId, position);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        List<AuditRow> rows = [];
        while (await reader.ReadAsync(cancellation))
        {
            var entry = new AuditEntry(
                reader.GetGuid(0),
                reader.GetGuid(1),
                reader.GetGuid(2),
                reader.GetString(3),
                reader.GuidOrNull(4),
                reader.GuidOrNull(5),
                reader.GetString(6),
                reader.GetString(7),
                reader.GuidOrNull(8),
                reader.GuidOrNull(9),
                reader.GetFieldValue<DateTimeOffset>(10),
                reader.GetInt64(11),
                reader.GetString(12)
            );
            rows.Add(
                new AuditRow(
                    entry.Id,
                    entry.Action,
                    reader.GetFieldValue<byte[]>(13),
                    MerkleTree.LeafHash(entry.LeafContent())
                )
            );
        }
        return rows;
    }
}
