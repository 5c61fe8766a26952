using System.Text.Json;
using Sentinel.Psa.Approvals;
using Sentinel.Workflows.Definitions;
using Sentinel.Workflows.Execution;

namespace Sentinel.Psa.Automation;

/// <summary>Asks people to decide and goes on; AwaitApproval waits for what they say, where it matters.</summary>
sealed class RequestApprovalActivity(TimeProvider clock) : IWorkflowActivity
{
    public ActivityDescription Description { get; } =
        new(
            ApprovalSignal.RequestApproval,
            "Case",
            "Asks somebody who did none of the work to decide, and goes on with other things.",
            [
                new("request", WorkflowType.Text, true, "What is asked, in a sentence."),
                new("assignee", WorkflowType.Text, Help: "Of whom it is asked, in words."),
                new("severity", WorkflowType.Text, Help: "How severe the matter is, in words."),
            ],
            ["ApprovalId"],
            ["Done"],
            Decider: "assignee"
        );

    public Task<ActivityAnswer> RunAsync(ActivityCall call, CancellationToken cancellation) =>
        call.InCaseAsync(
            caseId =>
                AskApproval.InAsync(
                    call.Work,
                    caseId,
                    null,
                    RequestActivity.RequestOf(call, ""),
                    clock.GetUtcNow(),
                    cancellation
                ),
            approval => new ActivityAnswer.Completed(
                "Done",
                new Dictionary<string, JsonElement>
                {
                    ["ApprovalId"] = JsonSerializer.SerializeToElement(approval.Id),
                }
            )
        );
}
