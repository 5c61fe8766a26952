using Sentinel.Postgres;
using Sentinel.Postgres.Access;
using Sentinel.Psa.Audit;

namespace Sentinel.Psa.Tasks;

/// <summary>Gives a task to a person. Refused where nobody would be left to attest.</summary>
public sealed class AssignTask(SentinelDatabase database)
{
    public Task<Outcome<CaseTask>> RunAsync(
        Secret secret,
        Guid taskId,
        Guid userId,
        CancellationToken cancellation
    ) =>
        AttemptStore.RunAsync(
            database.Psa,
            secret,
            new Deed("task.assign", "task", taskId, null),
            work => InAsync(work, taskId, userId, cancellation),
            cancellation
        );

    static async Task<Outcome<CaseTask>> InAsync(
        PresentedTransaction work,
        Guid taskId,
        Guid userId,
        CancellationToken cancellation
    )
    {
        if (await CaseTaskStore.LockAsync(work, taskId, cancellation) is null)
            return new Outcome<CaseTask>.NotFound($"task {taskId}");
        if (!await PersonStore.ExistsAsync(work, userId, cancellation))
            return new Outcome<CaseTask>.NotFound($"user {userId}");
        if (await PermissionStore.LackingAsync(work, "task.assign", cancellation) is { } refusal)
            return new Outcome<CaseTask>.Declined(refusal);
        await CaseTaskStore.AssignAsync(work, taskId, userId, cancellation);
        var assigned = await CaseTaskStore.FindAsync(work, taskId, cancellation);
        return new Outcome<CaseTask>.Done(assigned!);
    }
}
