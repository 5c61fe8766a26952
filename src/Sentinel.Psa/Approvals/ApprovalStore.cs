using Npgsql;
using Sentinel.Postgres.Access;
using Sentinel.Psa.Audit;

namespace Sentinel.Psa.Approvals;

static class ApprovalStore
{
    const string Selected = """
        SELECT id, case_id, task_id, request, status, asked_by, asked_at, decided_by, decided_at, reason
        FROM psa.approvals

        """;

    public static async Task<Approval?> FindAsync(
        PresentedTransaction work,
        Guid approvalId,
        CancellationToken cancellation
    )
    {
        await using var command = work.Command(Selected + "WHERE id = $1").With(approvalId);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        return await reader.ReadAsync(cancellation) ? Read(reader) : null;
    }

    /// <summary>Locks the case and then the approval, in the order in which everybody locks.</summary>
    public static async Task<Approval?> LockAsync(
        PresentedTransaction work,
        Guid approvalId,
        CancellationToken cancellation
    )
    {
        const string sql = """
            SELECT FROM psa.cases WHERE id = (SELECT case_id FROM psa.approvals WHERE id = $1) FOR UPDATE
            """;
        await using (var lockCase = work.Command(sql).With(approvalId))
            await lockCase.ExecuteNonQueryAsync(cancellation);
        await using var command = work.Command(Selected + "WHERE id = $1 FOR UPDATE")
            .With(approvalId);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        return await reader.ReadAsync(cancellation) ? Read(reader) : null;
    }

    public static async Task<IReadOnlyList<Approval>> OfCaseAsync(
        PresentedTransaction work,
        Guid caseId,
        CancellationToken cancellation
    )
    {
        await using var command = work.Command(
                Selected + "WHERE case_id = $1 ORDER BY asked_at, id"
            )
            .With(caseId);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        List<Approval> approvals = [];
        while (await reader.ReadAsync(cancellation))
            approvals.Add(Read(reader));
        return approvals;
    }

    public static async Task InsertAsync(
        PresentedTransaction work,
        Guid approvalId,
        Guid caseId,
        Guid? taskId,
        string request,
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        const string sql = """
            INSERT INTO psa.approvals
                (id, organisation_id, case_id, task_id, request, asked_by, asked_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7)
            """;
        await using var command = work.Command(sql)
            .With(
                approvalId,
                work.Actor.OrganisationId,
                caseId,
                taskId,
                request,
                work.Actor.Id,
                now
            );
        await command.ExecuteNonQueryAsync(cancellation);
    }

    public static async Task DecideAsync(
        PresentedTransaction work,
        Guid approvalId,
        ApprovalState next,
        string reason,
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        const string sql = """
            UPDATE psa.approvals SET status = $2, decided_by = $3, decided_at = $4, reason = $5
            WHERE id = $1
            """;
        await using var command = work.Command(sql)
            .With(approvalId, next.Word(), work.Actor.Id, now, reason);
        await command.ExecuteNonQueryAsync(cancellation);
    }

    /// <summary>Did any identity of the presented person ask for it, or work in its case?</summary>
    public static async Task<bool> IsOwnAsync(
        PresentedTransaction work,
        Approval approval,
        CancellationToken cancellation
    )
    {
        const string sql = "SELECT psa.my_identities() && ($1::uuid || psa.workers($2, $3))";
        await using var command = work.Command(sql)
            .With(approval.AskedBy, work.Actor.OrganisationId, approval.CaseId);
        return await command.ExecuteScalarAsync(cancellation) is true;
    }

    static Approval Read(NpgsqlDataReader row) =>
        new(
            row.GetGuid(0),
            row.GetGuid(1),
            row.GuidOrNull(2),
            row.GetString(3),
            RowStore.State<ApprovalState>(row.GetString(4)),
            row.GetGuid(5),
            row.GetFieldValue<DateTimeOffset>(6),
            row.GuidOrNull(7),
            row.TimeOrNull(8),
            row.TextOrNull(9)
        );
}
