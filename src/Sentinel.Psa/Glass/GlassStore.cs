using Npgsql;
using Sentinel.Postgres.Access;
using Sentinel.Psa.Audit;

namespace Sentinel.Psa.Glass;

static class GlassStore
{
    const string Columns = """
        SELECT id, broken_by, permission, reason, minutes, broken_at, mended_at, reviewed_by, verdict,
            review
        FROM psa.glass_breaks
        """;

    public static async Task<GlassBreak?> FindAsync(
        PresentedTransaction work,
        Guid id,
        CancellationToken cancellation
    )
    {
        await using var command = work.Command(Columns + " WHERE id = $1").With(id);
        return (await command.AllAsync(Read, cancellation)).FirstOrDefault();
    }

    /// <summary>All of the organisation, the newest first.</summary>
    public static async Task<IReadOnlyList<GlassBreak>> ListAsync(
        PresentedTransaction work,
        CancellationToken cancellation
    )
    {
        await using var command = work.Command(Columns + " ORDER BY broken_at DESC, id");
        return await command.AllAsync(Read, cancellation);
    }

    static GlassBreak Read(NpgsqlDataReader row) =>
        new(
            row.GetGuid(0),
            row.GetGuid(1),
            row.GetString(2),
            row.GetString(3),
            row.GetInt32(4),
            row.GetFieldValue<DateTimeOffset>(5),
            row.TimeOrNull(6),
            row.GuidOrNull(7),
            row.TextOrNull(8),
            row.TextOrNull(9)
        );

    /// <summary>A case in which somebody acted under broken glass waits for the review.</summary>
    public static async Task<RuleRefusal?> UnreviewedAsync(
        PresentedTransaction work,
        Guid caseId,
        CancellationToken cancellation
    )
    {
        const string sql = """
            SELECT string_agg(u.display_name, ', ' ORDER BY u.display_name)
            FROM psa.unreviewed_in($1, $2) AS breaker JOIN psa.users u ON u.id = breaker
            """;
        await using var command = work.Command(sql).With(work.Actor.OrganisationId, caseId);
        return await command.ExecuteScalarAsync(cancellation) is string names
            ? new RuleRefusal(
                "case.close.glass",
                $"{names} acted in it under broken glass, and nobody has reviewed that yet",
                "somebody else with glass.review reviews it"
            )
            : null;
    }
}
