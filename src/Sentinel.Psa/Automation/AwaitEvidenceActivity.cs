using Sentinel.Psa.Cases;
using Sentinel.Psa.Evidence;
using Sentinel.Workflows.Definitions;
using Sentinel.Workflows.Execution;

namespace Sentinel.Psa.Automation;

/// <summary>Waits until somebody attached evidence to the case; what is there already counts.</summary>
sealed class AwaitEvidenceActivity(TimeProvider clock) : IWorkflowActivity
{
    public ActivityDescription Description { get; } =
        new(
            EvidenceSignal.ActivityType,
            "Case",
            "Waits until the case has evidence of that type, or until that long has passed.",
            [
                new(
                    "evidenceType",
                    WorkflowType.Text,
                    Help: "Such as report or screenshot; empty: any that a person attaches."
                ),
                new(
                    "overdueAfter",
                    WorkflowType.Duration,
                    Help: "How long, as in 04:00:00; empty: for ever."
                ),
            ],
            ["EvidenceId", "Title"],
            ["Attached", "Overdue"],
            Waits: true,
            Deadline: new("overdueAfter", "Overdue")
        );

    public async Task<ActivityAnswer> RunAsync(ActivityCall call, CancellationToken cancellation)
    {
        var type = call.Text("evidenceType");
        // Locked: whoever attaches meanwhile waits, and then finds that we wait for it.
        if (
            call.Case() is not { } caseId
            || await CaseStore.LockAsync(call.Work, caseId, cancellation) is null
        )
            return new ActivityAnswer.Failed("There is no case to wait for evidence of.");
        var all = await EvidenceStore.OfCaseAsync(call.Work, caseId, cancellation);
        if (all.LastOrDefault(item => EvidenceSignal.Meets(item, type)) is not { } item)
            return new ActivityAnswer.Waiting(
                EvidenceSignal.Key(caseId, type),
                call.DueIn("overdueAfter", clock.GetUtcNow()),
                "Overdue"
            );
        var (outcome, outputs) = EvidenceSignal.Of(item);
        return new ActivityAnswer.Completed(outcome, outputs);
    }
}
