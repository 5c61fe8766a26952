using Sentinel.Postgres;
using Sentinel.Postgres.Access;
using Sentinel.Psa.Audit;

namespace Sentinel.Psa.Tasks;

/// <summary>Begins a task. A person who begins an unassigned task is its assignee from then on.</summary>
public sealed class StartTask(SentinelDatabase database, TimeProvider clock)
{
    public Task<Outcome<CaseTask>> RunAsync(
        Secret secret,
        Guid taskId,
        CancellationToken cancellation
    ) =>
        AttemptStore.RunAsync(
            database.Psa,
            secret,
            new Deed("task.start", "task", taskId, null),
            work => InAsync(work, taskId, clock.GetUtcNow(), cancellation),
            cancellation
        );

    internal static async Task<Outcome<CaseTask>> InAsync(
        PresentedTransaction work,
        Guid taskId,
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        if (await CaseTaskStore.LockAsync(work, taskId, cancellation) is not { } task)
            return new Outcome<CaseTask>.NotFound($"task {taskId}");
        var refusal =
            await PermissionStore.LackingAsync(work, "task.start", cancellation)
            ?? TaskRules.Step(task, CaseTaskTrigger.Start, work.Actor)
            ?? TaskRules.Assignee(task, work.Actor);
        if (refusal is not null)
            return new Outcome<CaseTask>.Declined(refusal);
        await CaseTaskStore.StartAsync(work, taskId, now, cancellation);
        var started = await CaseTaskStore.FindAsync(work, taskId, cancellation);
        return new Outcome<CaseTask>.Done(started!);
    }
}
