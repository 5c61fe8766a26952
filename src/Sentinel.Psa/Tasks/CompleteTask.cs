using Sentinel.Postgres;
using Sentinel.Postgres.Access;
using Sentinel.Psa.Audit;

namespace Sentinel.Psa.Tasks;

/// <summary>Declares a task done, with what came of it. Only its assignee may.</summary>
public sealed class CompleteTask(SentinelDatabase database, TimeProvider clock)
{
    public Task<Outcome<CaseTask>> RunAsync(
        Secret secret,
        Guid taskId,
        string? result,
        CancellationToken cancellation
    ) =>
        AttemptStore.RunAsync(
            database.Psa,
            secret,
            new Deed("task.complete", "task", taskId, null),
            work => InAsync(work, taskId, result, clock.GetUtcNow(), cancellation),
            cancellation
        );

    internal static async Task<Outcome<CaseTask>> InAsync(
        PresentedTransaction work,
        Guid taskId,
        string? result,
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        if (await CaseTaskStore.LockAsync(work, taskId, cancellation) is not { } task)
            return new Outcome<CaseTask>.NotFound($"task {taskId}");
        var refusal =
            await PermissionStore.LackingAsync(work, "task.complete", cancellation)
            ?? TaskRules.Step(task, CaseTaskTrigger.Complete, work.Actor)
            ?? TaskRules.Assignee(task, work.Actor)
            ?? (
                result is null
                    ? null
                    : TextGiven.Unfit(
                        "task.result",
                        "result of a task",
                        result,
                        CreateTask.DescriptionCharsMax
                    )
            );
        if (refusal is not null)
            return new Outcome<CaseTask>.Declined(refusal);
        await CaseTaskStore.CompleteAsync(work, taskId, result, now, cancellation);
        var done = await CaseTaskStore.FindAsync(work, taskId, cancellation);
        await TaskSignal.SendAsync(work, done!, now, cancellation);
        return new Outcome<CaseTask>.Done(done!);
    }
}
