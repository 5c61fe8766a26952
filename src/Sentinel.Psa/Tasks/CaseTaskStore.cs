using Npgsql;
using Sentinel.Postgres.Access;
using Sentinel.Psa.Audit;

namespace Sentinel.Psa.Tasks;

static class CaseTaskStore
{
    const string Selected = """
        SELECT id, case_id, task_type, description, status, assigned_to, result, cancel_reason,
            created_at, started_by, started_at, completed_by, completed_at
        FROM psa.tasks

        """;

    public static async Task<CaseTask?> FindAsync(
        PresentedTransaction work,
        Guid taskId,
        CancellationToken cancellation
    )
    {
        await using var command = work.Command(Selected + "WHERE id = $1").With(taskId);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        return await reader.ReadAsync(cancellation) ? Read(reader) : null;
    }

    /// <summary>Locks the case and then the task: always in this order, so that nobody waits in a ring.</summary>
    public static async Task<CaseTask?> LockAsync(
        PresentedTransaction work,
        Guid taskId,
        CancellationToken cancellation
    )
    {
        const string sql = """
            SELECT FROM psa.cases WHERE id = (SELECT case_id FROM psa.tasks WHERE id = $1) FOR UPDATE
            """;
        await using (var lockCase = work.Command(sql).With(taskId))
            await lockCase.ExecuteNonQueryAsync(cancellation);
        await using var command = work.Command(Selected + "WHERE id = $1 FOR UPDATE").With(taskId);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        return await reader.ReadAsync(cancellation) ? Read(reader) : null;
    }

    public static async Task<IReadOnlyList<CaseTask>> OfCaseAsync(
        PresentedTransaction work,
        Guid caseId,
        CancellationToken cancellation
    )
    {
        await using var command = work.Command(
                Selected + "WHERE organisation_id = $1 AND case_id = $2 ORDER BY created_at, id"
            )
            .With(work.Actor.OrganisationId, caseId);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        List<CaseTask> tasks = [];
        while (await reader.ReadAsync(cancellation))
            tasks.Add(Read(reader));
        return tasks;
    }

    /// <summary>Newest first: ids rise with time.</summary>
    public static async Task<IReadOnlyList<CaseTask>> ListAsync(
        PresentedTransaction work,
        TaskFilter filter,
        Guid? before,
        int tasksMax,
        CancellationToken cancellation
    )
    {
        const string where = """
            WHERE organisation_id = $1 AND ($2::uuid IS NULL OR id < $2)
              AND ($3::uuid IS NULL OR assigned_to = $3)
              AND (NOT $4 OR status IN ('pending', 'running'))
              AND ($5::uuid IS NULL OR case_id = $5)
            ORDER BY id DESC LIMIT $6
            """;
        await using var command = work.Command(Selected + where)
            .With(
                work.Actor.OrganisationId,
                before,
                filter.Mine ? work.Actor.Id : null,
                filter.Open,
                filter.CaseId,
                tasksMax
            );
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        List<CaseTask> tasks = [];
        while (await reader.ReadAsync(cancellation))
            tasks.Add(Read(reader));
        return tasks;
    }

    public static async Task InsertAsync(
        PresentedTransaction work,
        Guid taskId,
        Guid caseId,
        string taskType,
        string description,
        Guid? assignedTo,
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        const string sql = """
            INSERT INTO psa.tasks (id, organisation_id, case_id, assigned_to, task_type, description,
                created_by, created_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
            """;
        await using var command = work.Command(sql)
            .With(
                taskId,
                work.Actor.OrganisationId,
                caseId,
                assignedTo,
                taskType,
                description,
                work.Actor.Id,
                now
            );
        await command.ExecuteNonQueryAsync(cancellation);
    }

    public static async Task AssignAsync(
        PresentedTransaction work,
        Guid taskId,
        Guid userId,
        CancellationToken cancellation
    )
    {
        const string sql = "UPDATE psa.tasks SET assigned_to = $2 WHERE id = $1";
        await using var command = work.Command(sql).With(taskId, userId);
        await command.ExecuteNonQueryAsync(cancellation);
    }

    /// <summary>A person who starts an unassigned task has it from here on.</summary>
    public static async Task StartAsync(
        PresentedTransaction work,
        Guid taskId,
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        const string sql = """
            UPDATE psa.tasks SET status = 'running', started_by = $2, started_at = $3,
                assigned_to = CASE WHEN $4 THEN coalesce(assigned_to, $2) ELSE assigned_to END
            WHERE id = $1
            """;
        var isPerson = work.Actor.Kind == ActorKind.Person;
        await using var command = work.Command(sql).With(taskId, work.Actor.Id, now, isPerson);
        await command.ExecuteNonQueryAsync(cancellation);
    }

    public static async Task CompleteAsync(
        PresentedTransaction work,
        Guid taskId,
        string? result,
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        const string sql = """
            UPDATE psa.tasks SET status = 'done', result = $4, completed_by = $2, completed_at = $3
            WHERE id = $1
            """;
        await using var command = work.Command(sql).With(taskId, work.Actor.Id, now, result);
        await command.ExecuteNonQueryAsync(cancellation);
    }

    public static async Task CancelAsync(
        PresentedTransaction work,
        Guid taskId,
        string reason,
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        const string sql = """
            UPDATE psa.tasks SET status = 'cancelled', cancel_reason = $4, completed_by = $2,
                completed_at = $3
            WHERE id = $1
            """;
        await using var command = work.Command(sql).With(taskId, work.Actor.Id, now, reason);
        await command.ExecuteNonQueryAsync(cancellation);
    }

    static CaseTask Read(NpgsqlDataReader row) =>
        new(
            row.GetGuid(0),
            row.GetGuid(1),
            row.GetString(2),
            row.GetString(3),
            RowStore.State<CaseTaskState>(row.GetString(4)),
            row.GuidOrNull(5),
            row.TextOrNull(6),
            row.TextOrNull(7),
            row.GetFieldValue<DateTimeOffset>(8),
            row.GuidOrNull(9),
            row.TimeOrNull(10),
            row.GuidOrNull(11),
            row.TimeOrNull(12)
        );
}
