using Sentinel.Postgres;
using Sentinel.Postgres.Access;
using Sentinel.Psa.Audit;

namespace Sentinel.Psa.Tasks;

/// <param name="Actions">Every step that was taken, in order.</param>
public sealed record TaskStory(CaseTask Task, IReadOnlyList<TaskAction> Actions);

/// <summary>One task and exactly what was done in it.</summary>
public sealed class ShowTask(SentinelDatabase database)
{
    public Task<Outcome<TaskStory>> RunAsync(
        Secret secret,
        Guid taskId,
        CancellationToken cancellation
    ) =>
        AttemptStore.ReadAsync(
            database.Psa,
            secret,
            new Deed("task.read", "task", taskId, null),
            "task.read",
            work => InAsync(work, taskId, cancellation),
            cancellation
        );

    static async Task<Outcome<TaskStory>> InAsync(
        PresentedTransaction work,
        Guid taskId,
        CancellationToken cancellation
    )
    {
        if (await CaseTaskStore.FindAsync(work, taskId, cancellation) is not { } task)
            return new Outcome<TaskStory>.NotFound($"task {taskId}");
        var actions = await TaskActionStore.OfCaseAsync(work, task.CaseId, cancellation);
        return new Outcome<TaskStory>.Done(
            new TaskStory(task, [.. actions.Where(action => action.TaskId == taskId)])
        );
    }
}
