using Sentinel.Postgres;
using Sentinel.Postgres.Access;
using Sentinel.Psa.Audit;

namespace Sentinel.Psa.Tasks;

/// <param name="Actions">Every step that was taken, in order.</param>
public sealed record TaskStory(CaseTask Task, IReadOnlyList<TaskAction> Actions);

/// <summary>One task and exactly what was done in it.</summary>
public sealed class ShowTask(SentinelDatabase database)
{
    public async Task<Outcome<TaskStory>> RunAsync(
        Secret secret,
        Guid taskId,
        CancellationToken cancellation
    )
    {
        await using var work = await PresentedTransaction.BeginAsync(
            database.Psa,
            secret,
            cancellation
        );
        if (await PermissionStore.LackingAsync(work, "task.read", cancellation) is { } refusal)
            return new Outcome<TaskStory>.Declined(refusal);
        if (await CaseTaskStore.FindAsync(work, taskId, cancellation) is not { } task)
            return new Outcome<TaskStory>.NotFound($"task {taskId}");
        var actions = await TaskActionStore.OfCaseAsync(work, task.CaseId, cancellation);
        return new Outcome<TaskStory>.Done(
            new TaskStory(task, [.. actions.Where(action => action.TaskId == taskId)])
        );
    }
}
