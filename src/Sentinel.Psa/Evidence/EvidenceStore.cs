using Npgsql;
using Sentinel.Postgres.Access;
using Sentinel.Psa.Audit;

namespace Sentinel.Psa.Evidence;

/// <summary>What a touch of evidence was, for its chain of custody.</summary>
enum CustodyAct
{
    Stored,
    Read,
    Verified,
    FoundChanged,
}

static class EvidenceStore
{
    const string Selected = """
        SELECT e.id, e.case_id, e.evidence_type, e.source_system, e.title, e.hash, e.stored_uri,
            o.size_bytes, e.attached_by, e.created_at, e.derived_from, e.derivation
        FROM psa.evidence_items e
        JOIN psa.evidence_objects o ON o.organisation_id = e.organisation_id AND o.hash = e.hash

        """;

    /// <summary>The object, the item and the first entry of its custody.</summary>
    public static async Task InsertAsync(
        PresentedTransaction work,
        EvidenceItem item,
        CancellationToken cancellation
    )
    {
        const string stored = """
            INSERT INTO psa.evidence_objects (organisation_id, hash, size_bytes, stored_uri, stored_at)
            VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING
            """;
        await using (
            var command = work.Command(stored)
                .With(
                    work.Actor.OrganisationId,
                    item.Hash,
                    item.SizeBytes,
                    item.StoredUri,
                    item.CreatedAt
                )
        )
            await command.ExecuteNonQueryAsync(cancellation);
        const string attached = """
            INSERT INTO psa.evidence_items (id, organisation_id, case_id, evidence_type, source_system,
                title, hash, stored_uri, attached_by, created_at, derived_from, derivation)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
            """;
        await using (
            var command = work.Command(attached)
                .With(
                    item.Id,
                    work.Actor.OrganisationId,
                    item.CaseId,
                    item.EvidenceType,
                    item.SourceSystem,
                    item.Title,
                    item.Hash,
                    item.StoredUri,
                    item.AttachedBy,
                    item.CreatedAt,
                    item.DerivedFrom,
                    item.Derivation
                )
        )
            await command.ExecuteNonQueryAsync(cancellation);
        await CustodyAsync(work, item, CustodyAct.Stored, item.Hash, item.CreatedAt, cancellation);
    }

    public static async Task CustodyAsync(
        PresentedTransaction work,
        EvidenceItem item,
        CustodyAct act,
        string? hashSeen,
        DateTimeOffset at,
        CancellationToken cancellation
    )
    {
        const string sql = """
            INSERT INTO psa.evidence_custody (id, organisation_id, case_id, evidence_id, act, hash_seen,
                acted_by, acted_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
            """;
        await using var command = work.Command(sql)
            .With(
                Guid.CreateVersion7(at),
                work.Actor.OrganisationId,
                item.CaseId,
                item.Id,
                act.Word(),
                hashSeen,
                work.Actor.Id,
                at
            );
        await command.ExecuteNonQueryAsync(cancellation);
    }

    public static async Task<EvidenceItem?> FindAsync(
        PresentedTransaction work,
        Guid evidenceId,
        CancellationToken cancellation
    )
    {
        await using var command = work.Command(Selected + "WHERE e.id = $1").With(evidenceId);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        return await reader.ReadAsync(cancellation) ? Read(reader) : null;
    }

    /// <summary>Attached to the case, or linked to it from another.</summary>
    public static async Task<IReadOnlyList<EvidenceItem>> OfCaseAsync(
        PresentedTransaction work,
        Guid caseId,
        CancellationToken cancellation
    )
    {
        const string where = """
            WHERE e.case_id = $1 OR EXISTS (SELECT FROM psa.evidence_links l
                WHERE l.evidence_id = e.id AND l.case_id = $1)
            ORDER BY e.created_at, e.id
            """;
        await using var command = work.Command(Selected + where).With(caseId);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        List<EvidenceItem> items = [];
        while (await reader.ReadAsync(cancellation))
            items.Add(Read(reader));
        return items;
    }

    static EvidenceItem Read(NpgsqlDataReader row) =>
        new(
            row.GetGuid(0),
            row.GetGuid(1),
            row.GetString(2),
            row.GetString(3),
            row.GetString(4),
            row.GetString(5),
            row.GetString(6),
            row.GetInt64(7),
            row.GetGuid(8),
            row.GetFieldValue<DateTimeOffset>(9),
            row.GuidOrNull(10),
            row.TextOrNull(11)
        );
}
