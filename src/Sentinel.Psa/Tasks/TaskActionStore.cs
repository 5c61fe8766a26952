using Sentinel.Postgres.Access;
using Sentinel.Psa.Audit;

namespace Sentinel.Psa.Tasks;

static class TaskActionStore
{
    public static async Task InsertAsync(
        PresentedTransaction work,
        CaseTask task,
        Guid actionId,
        string actionType,
        string description,
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        const string sql = """
            INSERT INTO psa.task_actions (id, organisation_id, case_id, task_id, action_type,
                description, performed_by, performed_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
            """;
        await using var command = work.Command(sql)
            .With(
                actionId,
                work.Actor.OrganisationId,
                task.CaseId,
                task.Id,
                actionType,
                description,
                work.Actor.Id,
                now
            );
        await command.ExecuteNonQueryAsync(cancellation);
    }

    public static async Task<IReadOnlyList<TaskAction>> OfCaseAsync(
        PresentedTransaction work,
        Guid caseId,
        CancellationToken cancellation
    )
    {
        const string sql = """
            SELECT id, task_id, action_type, description, performed_by, performed_at
            FROM psa.task_actions WHERE organisation_id = $1 AND case_id = $2
            ORDER BY performed_at, id
            """;
        await using var command = work.Command(sql).With(work.Actor.OrganisationId, caseId);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        List<TaskAction> actions = [];
        while (await reader.ReadAsync(cancellation))
            actions.Add(
                new TaskAction(
                    reader.GetGuid(0),
                    reader.GetGuid(1),
                    reader.GetString(2),
                    reader.GetString(3),
                    reader.GetGuid(4),
                    reader.GetFieldValue<DateTimeOffset>(5)
                )
            );
        return actions;
    }
}
