using Sentinel.Postgres.Access;
using Sentinel.Psa.Audit;
using Sentinel.Psa.Cases;

namespace Sentinel.Psa.Relations;

/// <summary>Another case, as one case sees it.</summary>
/// <param name="Relation">
/// parent, child, related, follows_on, followed_by, merged_into or merged_from.
/// </param>
public sealed record RelatedCase(
    string Relation,
    Guid CaseId,
    string Number,
    string Summary,
    CaseState Status
);

static class RelationStore
{
    public static async Task InsertAsync(
        PresentedTransaction work,
        CaseLink link,
        CancellationToken cancellation
    )
    {
        const string sql = """
            INSERT INTO psa.case_relationships (id, organisation_id, parent_case_id, child_case_id,
                relationship_type, reason, created_by, created_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
            """;
        await using var command = work.Command(sql)
            .With(
                link.Id,
                work.Actor.OrganisationId,
                link.ParentCaseId,
                link.ChildCaseId,
                link.Relationship.Word(),
                link.Reason,
                link.CreatedBy,
                link.CreatedAt
            );
        await command.ExecuteNonQueryAsync(cancellation);
    }

    /// <summary>The link in force between the two, whichever of them is above.</summary>
    public static async Task<CaseLink?> FindAsync(
        PresentedTransaction work,
        Guid caseId,
        Guid otherCaseId,
        Relationship relationship,
        CancellationToken cancellation
    )
    {
        const string sql = """
            SELECT r.id, r.parent_case_id, r.child_case_id, r.reason, r.created_by, r.created_at
            FROM psa.case_relationships r
            WHERE r.organisation_id = $1 AND r.relationship_type = $4
              AND (r.parent_case_id, r.child_case_id) IN (($2, $3), ($3, $2))
              AND NOT psa.is_gone(r.organisation_id, 'case_relationship', r.id)
            """;
        await using var command = work.Command(sql)
            .With(work.Actor.OrganisationId, caseId, otherCaseId, relationship.Word());
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        return await reader.ReadAsync(cancellation)
            ? new CaseLink(
                reader.GetGuid(0),
                relationship,
                reader.GetGuid(1),
                reader.GetGuid(2),
                reader.TextOrNull(3),
                reader.GetGuid(4),
                reader.GetFieldValue<DateTimeOffset>(5)
            )
            : null;
    }

    public static async Task<IReadOnlyList<RelatedCase>> OfCaseAsync(
        PresentedTransaction work,
        Guid caseId,
        CancellationToken cancellation
    )
    {
        const string sql = """
            SELECT CASE r.relationship_type WHEN 'parent' THEN 'parent' WHEN 'related' THEN 'related'
                    WHEN 'follow_on' THEN 'follows_on' ELSE 'merged_into' END,
                r.parent_case_id, r.created_at, r.id
            FROM psa.case_relationships r WHERE r.organisation_id = $1 AND r.child_case_id = $2
              AND NOT psa.is_gone(r.organisation_id, 'case_relationship', r.id)
            UNION ALL
            SELECT CASE r.relationship_type WHEN 'parent' THEN 'child' WHEN 'related' THEN 'related'
                    WHEN 'follow_on' THEN 'followed_by' ELSE 'merged_from' END,
                r.child_case_id, r.created_at, r.id
            FROM psa.case_relationships r WHERE r.organisation_id = $1 AND r.parent_case_id = $2
              AND NOT psa.is_gone(r.organisation_id, 'case_relationship', r.id)
            ORDER BY 3, 4
            """;
        List<(string Relation, Guid CaseId)> links = [];
        await using (var command = work.Command(sql).With(work.Actor.OrganisationId, caseId))
        await using (var reader = await command.ExecuteReaderAsync(cancellation))
            while (await reader.ReadAsync(cancellation))
                links.Add((reader.GetString(0), reader.GetGuid(1)));
        List<RelatedCase> related = [];
        foreach (var (relation, otherId) in links)
        {
            var other = (await CaseStore.FindAsync(work, otherId, cancellation))!;
            related.Add(new(relation, otherId, other.Number, other.Summary, other.Status));
        }
        return related;
    }
}
