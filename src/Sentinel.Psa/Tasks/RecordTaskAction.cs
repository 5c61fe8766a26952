using Sentinel.Postgres;
using Sentinel.Postgres.Access;
using Sentinel.Psa.Audit;

namespace Sentinel.Psa.Tasks;

/// <summary>Records a step that was taken; the step itself happened outside.</summary>
public sealed class RecordTaskAction(SentinelDatabase database, TimeProvider clock)
{
    /// <param name="actionType">A word such as <c>called</c>, <c>isolated</c>, <c>reset_password</c>.</param>
    public Task<Outcome<TaskAction>> RunAsync(
        Secret secret,
        Guid taskId,
        string actionType,
        string description,
        CancellationToken cancellation
    ) =>
        AttemptStore.RunAsync(
            database.Psa,
            secret,
            new Deed("task_action.record", "task", taskId, null),
            work => InAsync(work, taskId, actionType, description, clock.GetUtcNow(), cancellation),
            cancellation
        );

    internal static async Task<Outcome<TaskAction>> InAsync(
        PresentedTransaction work,
        Guid taskId,
        string actionType,
        string description,
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        if (await CaseTaskStore.LockAsync(work, taskId, cancellation) is not { } task)
            return new Outcome<TaskAction>.NotFound($"task {taskId}");
        var refusal =
            await PermissionStore.LackingAsync(work, "task.act", cancellation)
            ?? TextGiven.NotAWord("task_action.type", "type of an action", actionType)
            ?? TextGiven.Unfit(
                "task_action.description",
                "description of an action",
                description,
                CreateTask.DescriptionCharsMax
            );
        if (refusal is not null)
            return new Outcome<TaskAction>.Declined(refusal);
        var action = new TaskAction(
            Guid.CreateVersion7(now),
            taskId,
            actionType,
            description,
            work.Actor.Id,
            now
        );
        await TaskActionStore.InsertAsync(
            work,
            task,
            action.Id,
            actionType,
            description,
            now,
            cancellation
        );
        return new Outcome<TaskAction>.Done(action);
    }
}
