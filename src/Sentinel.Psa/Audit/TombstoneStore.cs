using Sentinel.Postgres.Access;

namespace Sentinel.Psa.Audit;

/// <summary>What is taken back stays where it was; a tombstone says by whom and why.</summary>
static class TombstoneStore
{
    public static async Task InsertAsync(
        PresentedTransaction work,
        Guid caseId,
        string entityType,
        Guid entityId,
        string reason,
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        const string sql = """
            INSERT INTO psa.tombstones
                (id, organisation_id, case_id, entity_type, entity_id, reason, created_by, created_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
            """;
        await using var command = work.Command(sql)
            .With(
                Guid.CreateVersion7(now),
                work.Actor.OrganisationId,
                caseId,
                entityType,
                entityId,
                reason,
                work.Actor.Id,
                now
            );
        await command.ExecuteNonQueryAsync(cancellation);
    }
}
