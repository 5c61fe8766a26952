using Sentinel.Postgres.Access;
using Sentinel.Psa.Audit;

namespace Sentinel.Psa.Sla;

/// <summary>Whom a policy wants told of a case, and who was.</summary>
static class NoticeStore
{
    public static async Task WantAsync(
        PresentedTransaction work,
        Guid caseId,
        IEnumerable<Policies.Model.Notification> wanted,
        CancellationToken cancellation
    )
    {
        const string sql = """
            INSERT INTO psa.case_notify (organisation_id, case_id, moment, who)
            VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING
            """;
        foreach (var (who, moment) in wanted)
        {
            await using var command = work.Command(sql)
                .With(work.Actor.OrganisationId, caseId, moment, who);
            await command.ExecuteNonQueryAsync(cancellation);
        }
    }

    /// <summary>Tells those whom the case's policy named for this moment.</summary>
    public static async Task TellAsync(
        PresentedTransaction work,
        Guid caseId,
        string moment,
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        const string sql = """
            SELECT who FROM psa.case_notify WHERE case_id = $1 AND moment = $2 ORDER BY who
            """;
        List<string> wanted = [];
        await using (var command = work.Command(sql).With(caseId, moment))
        await using (var reader = await command.ExecuteReaderAsync(cancellation))
            while (await reader.ReadAsync(cancellation))
                wanted.Add(reader.GetString(0));
        await TellAsync(work, caseId, moment, wanted, now, cancellation);
    }

    public static async Task TellAsync(
        PresentedTransaction work,
        Guid caseId,
        string moment,
        IEnumerable<string> told,
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        const string sql = """
            INSERT INTO psa.case_notices
                (id, organisation_id, case_id, moment, who, created_by, created_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7)
            """;
        foreach (var who in told)
        {
            var id = Guid.CreateVersion7(now);
            await using var command = work.Command(sql)
                .With(id, work.Actor.OrganisationId, caseId, moment, who, work.Actor.Id, now);
            await command.ExecuteNonQueryAsync(cancellation);
        }
    }

    /// <summary>Newest first: addressed to any of these names.</summary>
    public static async Task<IReadOnlyList<CaseNotice>> ListAsync(
        PresentedTransaction work,
        Guid? before,
        int noticesMax,
        CancellationToken cancellation
    )
    {
        const string sql = """
            SELECT n.id, n.case_id, n.moment, n.who, n.created_at FROM psa.case_notices n
            WHERE n.organisation_id = $1 AND n.who IN (
                SELECT email FROM psa.users WHERE id = $2
                UNION ALL
                SELECT r.name FROM psa.user_roles u JOIN psa.roles r ON r.id = u.role_id
                WHERE u.user_id = $2)
              AND ($3::uuid IS NULL OR n.id < $3)
            ORDER BY n.id DESC LIMIT $4
            """;
        var (organisation, person) = (work.Actor.OrganisationId, work.Actor.Id);
        await using var command = work.Command(sql).With(organisation, person, before, noticesMax);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        List<CaseNotice> notices = [];
        while (await reader.ReadAsync(cancellation))
            notices.Add(
                new CaseNotice(
                    reader.GetGuid(0),
                    reader.GetGuid(1),
                    reader.GetString(2),
                    reader.GetString(3),
                    reader.GetFieldValue<DateTimeOffset>(4)
                )
            );
        return notices;
    }
}
