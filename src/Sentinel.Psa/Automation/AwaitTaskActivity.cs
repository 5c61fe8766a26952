using Sentinel.Psa.Tasks;
using Sentinel.Workflows.Definitions;
using Sentinel.Workflows.Execution;

namespace Sentinel.Psa.Automation;

/// <summary>Waits until a task has ended, however it ended.</summary>
sealed class AwaitTaskActivity(TimeProvider clock) : IWorkflowActivity
{
    public ActivityDescription Description { get; } =
        new(
            TaskSignal.ActivityType,
            "Case",
            "Waits until the task is done or cancelled, or until that long has passed.",
            [
                new("taskId", WorkflowType.Text, true, "What CreateTask gave out as TaskId."),
                new(
                    "overdueAfter",
                    WorkflowType.Duration,
                    Help: "How long, as in 04:00:00; empty: for ever."
                ),
            ],
            ["Result"],
            ["Done", "Cancelled", "Overdue"],
            Waits: true,
            Deadline: new("overdueAfter", "Overdue")
        );

    public async Task<ActivityAnswer> RunAsync(ActivityCall call, CancellationToken cancellation)
    {
        if (!Guid.TryParse(call.Text("taskId"), out var taskId))
            return new ActivityAnswer.Failed("Its input 'taskId' is not the id of a task.");
        // Locked: whoever completes the task meanwhile waits, and then finds that we wait for it.
        var task = await CaseTaskStore.LockAsync(call.Work, taskId, cancellation);
        if (task is null || task.CaseId != call.Case())
            return new ActivityAnswer.Failed($"The case has no task {taskId}.");
        return TaskSignal.Of(task) is { } end
            ? new ActivityAnswer.Completed(end.Outcome, end.Outputs)
            : new ActivityAnswer.Waiting(
                taskId.ToString(),
                call.DueIn("overdueAfter", clock.GetUtcNow()),
                "Overdue"
            );
    }
}
