using Sentinel.Policies;
using Sentinel.Psa.Cases;
using Sentinel.Workflows.Definitions;
using Sentinel.Workflows.Execution;

namespace Sentinel.Psa.Automation;

/// <summary>Waits until a condition in the words of policies holds for the case; where it does already, it goes on.</summary>
sealed class AwaitConditionActivity(TimeProvider clock) : IWorkflowActivity
{
    public ActivityDescription Description { get; } =
        new(
            CaseCondition.ActivityType,
            "Case",
            "Waits until something holds for the case, or until that long has passed.",
            [
                new(
                    "condition",
                    WorkflowType.Text,
                    true,
                    "In the words of policies, as in: case.severity >= high and tasks.open == 0",
                    Problem: CaseCondition.Problem
                ),
                new(
                    "overdueAfter",
                    WorkflowType.Duration,
                    Help: "How long, as in 04:00:00; empty: for ever."
                ),
            ],
            [],
            [CaseCondition.Met, "Overdue"],
            Waits: true,
            Deadline: new("overdueAfter", "Overdue")
        );

    public async Task<ActivityAnswer> RunAsync(ActivityCall call, CancellationToken cancellation)
    {
        // Locked: what changes meanwhile waits, and is looked at afterwards.
        if (
            call.Case() is not { } caseId
            || await CaseStore.LockAsync(call.Work, caseId, cancellation) is not { } found
        )
            return new ActivityAnswer.Failed("There is no case of which it could hold.");
        var text = call.Text("condition") ?? "";
        if (CaseCondition.Problem(text) is { } problem)
            return new ActivityAnswer.Failed(problem);
        var values = await CaseConditionStore.ValuesAsync(call.Work, found, cancellation);
        return CaseCondition.Read(text) is QueryLoad.Loaded condition && condition.Holds(values)
            ? new ActivityAnswer.Completed(CaseCondition.Met)
            : new ActivityAnswer.Waiting(
                CaseCondition.Key(caseId, text),
                call.DueIn("overdueAfter", clock.GetUtcNow()),
                "Overdue"
            );
    }
}
