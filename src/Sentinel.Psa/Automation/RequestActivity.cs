using Sentinel.Psa.Approvals;
using Sentinel.Workflows.Definitions;
using Sentinel.Workflows.Execution;

namespace Sentinel.Psa.Automation;

/// <summary>
/// Asks people to decide and waits for what they say. All that a workflow can do about a decision or a
/// closure is to ask: no activity approves, attests or closes.
/// </summary>
sealed class RequestActivity : IWorkflowActivity
{
    const string Asked = "approvalId";
    const string Withdrawn = "The workflow no longer waits for this decision.";

    readonly TimeProvider clock;
    readonly string usualRequest;

    RequestActivity(
        string typeName,
        string help,
        string usualRequest,
        TimeProvider clock,
        params IReadOnlyList<ActivityInput> besides
    )
    {
        this.clock = clock;
        this.usualRequest = usualRequest;
        Description = new(
            typeName,
            "Case",
            help,
            [
                new("request", WorkflowType.Text, Help: "What is asked, in a sentence."),
                new("assignee", WorkflowType.Text, Help: "Of whom it is asked, in words."),
                new("severity", WorkflowType.Text, Help: "How severe the matter is, in words."),
                .. besides,
                new(
                    "expiresAfter",
                    WorkflowType.Duration,
                    Help: "How long, as in 00:30:00; empty: for ever."
                ),
            ],
            ["Decision"],
            ["Approved", "Rejected", "Expired"],
            Waits: true,
            Deadline: new("expiresAfter", "Expired"),
            Decider: "assignee"
        );
    }

    public ActivityDescription Description { get; }

    public static RequestActivity ForDecision(TimeProvider clock) =>
        new(
            ApprovalSignal.AwaitApproval,
            "Asks somebody who did none of the work to approve or reject.",
            "The workflow asks for a decision.",
            clock,
            new ActivityInput(
                Asked,
                WorkflowType.Text,
                Help: "What RequestApproval gave out as ApprovalId; empty: it asks now."
            )
        );

    public static RequestActivity ForClosure(TimeProvider clock) =>
        new(
            ApprovalSignal.RequestClosure,
            "Asks a person whether the case can be closed. Closing it stays with that person.",
            "The workflow has done its part: can this case be closed?",
            clock
        );

    public Task<ActivityAnswer> RunAsync(ActivityCall call, CancellationToken cancellation)
    {
        var now = clock.GetUtcNow();
        if (call.Text(Asked) is { } asked)
            return WaitForAsync(call, asked, now, cancellation);
        return call.InCaseAsync(
            caseId =>
                AskApproval.InAsync(call.Work, caseId, null, Request(call), now, cancellation),
            approval => new ActivityAnswer.Waiting(
                approval.Id.ToString(),
                call.DueIn("expiresAfter", now),
                "Expired"
            )
        );
    }

    async Task<ActivityAnswer> WaitForAsync(
        ActivityCall call,
        string asked,
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        // Locked: whoever decides meanwhile waits, and then finds that we wait for it.
        var approval = Guid.TryParse(asked, out var id)
            ? await ApprovalStore.LockAsync(call.Work, id, cancellation)
            : null;
        if (approval is null || approval.CaseId != call.Case())
            return new ActivityAnswer.Failed($"The case has no request for approval {asked}.");
        if (approval.Status == ApprovalState.Withdrawn)
            return new ActivityAnswer.Failed("The request was withdrawn: nobody will decide it.");
        return ApprovalSignal.OutcomeOf(approval.Status) is { } outcome
            ? new ActivityAnswer.Completed(outcome, ApprovalSignal.Outputs(outcome))
            : new ActivityAnswer.Waiting(
                approval.Id.ToString(),
                call.DueIn("expiresAfter", now),
                "Expired"
            );
    }

    /// <summary>A request that nobody waits for would stand in the way of closing the case.</summary>
    public async Task StopWaitingAsync(
        ActivityCall call,
        string key,
        CancellationToken cancellation
    )
    {
        var approval = await ApprovalStore.LockAsync(call.Work, Guid.Parse(key), cancellation);
        if (approval?.Status == ApprovalState.Asked)
            await ApprovalStore.DecideAsync(
                call.Work,
                approval.Id,
                ApprovalState.Withdrawn,
                Withdrawn,
                clock.GetUtcNow(),
                cancellation
            );
    }

    string Request(ActivityCall call) => RequestOf(call, usualRequest);

    /// <summary>What is asked, of whom, and how severe it is, in one text.</summary>
    internal static string RequestOf(ActivityCall call, string usual)
    {
        var request = call.Text("request") ?? usual;
        if (call.Text("assignee") is { } assignee)
            request += $" Asked of: {assignee}.";
        if (call.Text("severity") is { } severity)
            request += $" Severity: {severity}.";
        return request;
    }
}
