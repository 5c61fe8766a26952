using System.Text.Json;
using Sentinel.Psa.Audit;
using Sentinel.Psa.Cases;
using Sentinel.Psa.Ownership;
using Sentinel.Workflows.Definitions;
using Sentinel.Workflows.Execution;

namespace Sentinel.Psa.Automation;

/// <summary>Gives the case to somebody, or hands it on to a queue where nobody owns it until it is taken.</summary>
sealed class OwnerActivity : IWorkflowActivity
{
    readonly TimeProvider clock;

    OwnerActivity(ActivityDescription description, TimeProvider clock)
    {
        Description = description;
        this.clock = clock;
    }

    public ActivityDescription Description { get; }

    public static OwnerActivity Assign(TimeProvider clock) =>
        new(
            new(
                "Sentinel.AssignOwner",
                "Case",
                "Gives the case another owner.",
                [
                    new("user", WorkflowType.Text, true, "The id or mail address of a person."),
                    new("queue", WorkflowType.Text, Help: "Empty: it stays in its queue."),
                    new("note", WorkflowType.Text, Help: "What the next owner has to know."),
                ],
                ["OwnerId"],
                ["Done"]
            ),
            clock
        );

    public static OwnerActivity Escalate(TimeProvider clock) =>
        new(
            new(
                "Sentinel.EscalateOwner",
                "Case",
                "Hands the case on to a queue, where nobody owns it until somebody takes it.",
                [
                    new("queue", WorkflowType.Text, true, "Where it goes."),
                    new("note", WorkflowType.Text, true, "Why, for whoever takes it."),
                ],
                [],
                ["Done"]
            ),
            clock
        );

    public async Task<ActivityAnswer> RunAsync(ActivityCall call, CancellationToken cancellation)
    {
        Guid? owner = null;
        if (call.Text("user") is { } named)
        {
            owner = Guid.TryParse(named, out var id)
                ? id
                : await PersonStore.FindAsync(call.Work, named, cancellation);
            if (owner is null)
                return new ActivityAnswer.Failed($"There is no person '{named}'.");
        }
        var next = new NextOwner(owner, call.Text("queue"), call.Text("note"));
        return await call.InCaseAsync(
            caseId => AssignCase.InAsync(call.Work, caseId, next, clock.GetUtcNow(), cancellation),
            Answer
        );
    }

    static ActivityAnswer.Completed Answer(Case found) =>
        new(
            "Done",
            found.OwnerId is { } owner
                ? new Dictionary<string, JsonElement>
                {
                    ["OwnerId"] = JsonSerializer.SerializeToElement(owner),
                }
                : null
        );
}
