using Sentinel.Postgres.Access;
using Sentinel.Postgres.Ledger;

namespace Sentinel.Psa.Audit;

/// <param name="Holds">Whether the row, hashed here and not by the database, gives its stored leaf.</param>
sealed record AuditRow(Guid Id, string Action, byte[] StoredLeaf, bool Holds);

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
            var entry = AuditEntry.Read(reader, out var holds);
            var leaf = reader.GetFieldValue<byte[]>(AuditEntry.LeafHashColumn);
            rows.Add(new AuditRow(entry.Id, entry.Action, leaf, holds));
        }
        return rows;
    }
}
