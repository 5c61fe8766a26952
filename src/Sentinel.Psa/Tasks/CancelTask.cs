using Sentinel.Postgres;
using Sentinel.Postgres.Access;
using Sentinel.Psa.Audit;

namespace Sentinel.Psa.Tasks;

/// <summary>Sets a task aside for good. Takes a person and a reason.</summary>
public sealed class CancelTask(SentinelDatabase database, TimeProvider clock)
{
    public Task<Outcome<CaseTask>> RunAsync(
        Secret secret,
        Guid taskId,
        string reason,
        CancellationToken cancellation
    ) =>
        AttemptStore.RunAsync(
            database.Psa,
            secret,
            new Deed("task.cancel", "task", taskId, null),
            work => InAsync(work, taskId, reason, cancellation),
            cancellation
        );

    async Task<Outcome<CaseTask>> InAsync(
        PresentedTransaction work,
        Guid taskId,
        string reason,
        CancellationToken cancellation
    )
    {
        if (await CaseTaskStore.LockAsync(work, taskId, cancellation) is not { } task)
            return new Outcome<CaseTask>.NotFound($"task {taskId}");
        var refusal =
            await PermissionStore.UnlessPersonMayAsync(
                work,
                "task.cancel",
                "task.cancel",
                cancellation
            )
            ?? TaskRules.Step(task, CaseTaskTrigger.Cancel, work.Actor)
            ?? ReasonGiven.Missing("task.cancel", reason);
        if (refusal is not null)
            return new Outcome<CaseTask>.Declined(refusal);
        await CaseTaskStore.CancelAsync(work, taskId, reason, clock.GetUtcNow(), cancellation);
        var cancelled = await CaseTaskStore.FindAsync(work, taskId, cancellation);
        await TaskSignal.SendAsync(work, cancelled!, clock.GetUtcNow(), cancellation);
        return new Outcome<CaseTask>.Done(cancelled!);
    }
}
