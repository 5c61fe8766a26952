using Sentinel.Postgres.Access;
using Sentinel.Psa.Audit;

namespace Sentinel.Psa.Notes;

/// <summary>Comments, tags and watchers, as they stand and as they were.</summary>
static class NoteStore
{
    public static async Task<CaseComment> CommentAsync(
        PresentedTransaction work,
        Guid caseId,
        CommentKind kind,
        string body,
        Guid? corrects,
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        const string sql = """
            INSERT INTO psa.case_comments
                (id, organisation_id, case_id, kind, body, corrects, written_by, written_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
            """;
        var comment = new CaseComment(
            Guid.CreateVersion7(now),
            caseId,
            kind,
            body,
            corrects,
            work.Actor.Id,
            now
        );
        await using var command = work.Command(sql)
            .With(
                comment.Id,
                work.Actor.OrganisationId,
                caseId,
                kind.Word(),
                body,
                corrects,
                work.Actor.Id,
                now
            );
        await command.ExecuteNonQueryAsync(cancellation);
        return comment;
    }

    public static async Task<bool> HasCommentAsync(
        PresentedTransaction work,
        Guid caseId,
        Guid commentId,
        CancellationToken cancellation
    )
    {
        const string sql = """
            SELECT EXISTS (SELECT FROM psa.case_comments WHERE case_id = $1 AND id = $2)
            """;
        await using var command = work.Command(sql).With(caseId, commentId);
        return await command.ExecuteScalarAsync(cancellation) is true;
    }

    public static async Task<IReadOnlyList<CaseComment>> CommentsAsync(
        PresentedTransaction work,
        Guid caseId,
        CancellationToken cancellation
    )
    {
        const string sql = """
            SELECT id, case_id, kind, body, corrects, written_by, written_at
            FROM psa.case_comments WHERE organisation_id = $1 AND case_id = $2
            ORDER BY written_at, id
            """;
        await using var command = work.Command(sql).With(work.Actor.OrganisationId, caseId);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        List<CaseComment> comments = [];
        while (await reader.ReadAsync(cancellation))
            comments.Add(
                new CaseComment(
                    reader.GetGuid(0),
                    reader.GetGuid(1),
                    RowStore.State<CommentKind>(reader.GetString(2)),
                    reader.GetString(3),
                    reader.GuidOrNull(4),
                    reader.GetGuid(5),
                    reader.GetFieldValue<DateTimeOffset>(6)
                )
            );
        return comments;
    }

    public static async Task AddTagAsync(
        PresentedTransaction work,
        Guid caseId,
        string tag,
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        const string sql = """
            INSERT INTO psa.case_tags (id, organisation_id, case_id, tag, added_by, added_at)
            VALUES ($1, $2, $3, $4, $5, $6)
            """;
        await using var command = work.Command(sql)
            .With(
                Guid.CreateVersion7(now),
                work.Actor.OrganisationId,
                caseId,
                tag,
                work.Actor.Id,
                now
            );
        await command.ExecuteNonQueryAsync(cancellation);
    }

    public static Task<Guid?> TagIdAsync(
        PresentedTransaction work,
        Guid caseId,
        string tag,
        CancellationToken cancellation
    ) =>
        IdAsync(
            work,
            """
            SELECT t.id FROM psa.case_tags t
            WHERE t.organisation_id = $1 AND t.case_id = $2 AND t.tag = $3
              AND NOT psa.is_gone(t.organisation_id, 'case_tag', t.id)
            """,
            caseId,
            tag,
            cancellation
        );

    public static async Task<IReadOnlyList<string>> TagsAsync(
        PresentedTransaction work,
        Guid caseId,
        CancellationToken cancellation
    )
    {
        const string sql = """
            SELECT t.tag FROM psa.case_tags t WHERE t.organisation_id = $1 AND t.case_id = $2
              AND NOT psa.is_gone(t.organisation_id, 'case_tag', t.id)
            ORDER BY t.tag COLLATE "C"
            """;
        await using var command = work.Command(sql).With(work.Actor.OrganisationId, caseId);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        List<string> tags = [];
        while (await reader.ReadAsync(cancellation))
            tags.Add(reader.GetString(0));
        return tags;
    }

    public static async Task AddWatcherAsync(
        PresentedTransaction work,
        Guid caseId,
        Guid userId,
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        const string sql = """
            INSERT INTO psa.case_watchers (id, organisation_id, case_id, user_id, added_by, added_at)
            VALUES ($1, $2, $3, $4, $5, $6)
            """;
        await using var command = work.Command(sql)
            .With(
                Guid.CreateVersion7(now),
                work.Actor.OrganisationId,
                caseId,
                userId,
                work.Actor.Id,
                now
            );
        await command.ExecuteNonQueryAsync(cancellation);
    }

    public static Task<Guid?> WatcherIdAsync(
        PresentedTransaction work,
        Guid caseId,
        Guid userId,
        CancellationToken cancellation
    ) =>
        IdAsync(
            work,
            """
            SELECT w.id FROM psa.case_watchers w
            WHERE w.organisation_id = $1 AND w.case_id = $2 AND w.user_id = $3
              AND NOT psa.is_gone(w.organisation_id, 'case_watcher', w.id)
            """,
            caseId,
            userId,
            cancellation
        );

    public static async Task<IReadOnlyList<Guid>> WatchersAsync(
        PresentedTransaction work,
        Guid caseId,
        CancellationToken cancellation
    )
    {
        const string sql = """
            SELECT w.user_id FROM psa.case_watchers w
            WHERE w.organisation_id = $1 AND w.case_id = $2
              AND NOT psa.is_gone(w.organisation_id, 'case_watcher', w.id)
            ORDER BY w.added_at, w.id
            """;
        await using var command = work.Command(sql).With(work.Actor.OrganisationId, caseId);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        List<Guid> watchers = [];
        while (await reader.ReadAsync(cancellation))
            watchers.Add(reader.GetGuid(0));
        return watchers;
    }

    static async Task<Guid?> IdAsync(
        PresentedTransaction work,
        string sql,
        Guid caseId,
        object what,
        CancellationToken cancellation
    )
    {
        await using var command = work.Command(sql).With(work.Actor.OrganisationId, caseId, what);
        return await command.ExecuteScalarAsync(cancellation) as Guid?;
    }
}
