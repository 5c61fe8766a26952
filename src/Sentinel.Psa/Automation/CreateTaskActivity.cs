using System.Text.Json;
using Sentinel.Psa.Tasks;
using Sentinel.Workflows.Definitions;
using Sentinel.Workflows.Execution;

namespace Sentinel.Psa.Automation;

/// <summary>Adds a task to the case that the workflow runs for.</summary>
sealed class CreateTaskActivity(TimeProvider clock) : IWorkflowActivity
{
    public ActivityDescription Description { get; } =
        new(
            "Sentinel.CreateTask",
            "Case",
            "Adds a task to the case, for a person or for whoever takes it.",
            [
                new("taskType", WorkflowType.Text, true, "One word, such as containment."),
                new("description", WorkflowType.Text, true, "What is to be done, in a sentence."),
                new(
                    "assignee",
                    WorkflowType.Text,
                    Help: "The id of a person; empty: whoever takes it."
                ),
            ],
            ["TaskId"],
            ["Done"],
            Worker: "assignee"
        );

    public async Task<ActivityAnswer> RunAsync(ActivityCall call, CancellationToken cancellation)
    {
        Guid? assignee = null;
        if (call.Text("assignee") is { } named)
        {
            if (!Guid.TryParse(named, out var user))
                return new ActivityAnswer.Failed($"'{named}' is not the id of a person.");
            assignee = user;
        }
        return await call.InCaseAsync(
            caseId =>
                CreateTask.InAsync(
                    call.Work,
                    caseId,
                    call.Text("taskType") ?? "",
                    call.Text("description") ?? "",
                    assignee,
                    clock.GetUtcNow(),
                    cancellation
                ),
            task => new ActivityAnswer.Completed(
                "Done",
                new Dictionary<string, JsonElement>
                {
                    ["TaskId"] = JsonSerializer.SerializeToElement(task.Id),
                }
            )
        );
    }
}
