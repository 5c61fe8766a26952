using Sentinel.Psa.Audit;
using Sentinel.Psa.Cases;
using Sentinel.Workflows.Definitions;
using Sentinel.Workflows.Execution;

namespace Sentinel.Psa.Automation;

/// <summary>Proposes a severity and waits for the person who decides it: the case keeps its own until then.</summary>
sealed class SetSeverityActivity(TimeProvider clock) : IWorkflowActivity
{
    public ActivityDescription Description { get; } =
        new(
            ProposalStore.ActivityType,
            "Case",
            "Proposes a severity; a person accepts it or decides another.",
            [
                new("severity", WorkflowType.Integer, true, "0 to 10."),
                new("reason", WorkflowType.Text, true, "Why, for whoever decides."),
                new(
                    "expiresAfter",
                    WorkflowType.Duration,
                    Help: "How long, as in 00:30:00; empty: for ever."
                ),
            ],
            ["Severity", "Reason"],
            ["Accepted", "Changed", "Expired"],
            Waits: true,
            Deadline: new("expiresAfter", "Expired")
        );

    public Task<ActivityAnswer> RunAsync(ActivityCall call, CancellationToken cancellation)
    {
        var now = clock.GetUtcNow();
        var severity = call.Inputs["severity"].GetDouble();
        return call.InCaseAsync(
            caseId => ProposeAsync(call, caseId, severity, now, cancellation),
            proposal => new ActivityAnswer.Waiting(
                proposal.Id.ToString(),
                call.DueIn("expiresAfter", now),
                "Expired"
            )
        );
    }

    /// <summary>What nobody waits for is no question any more.</summary>
    public Task StopWaitingAsync(ActivityCall call, string key, CancellationToken cancellation) =>
        ProposalStore.WithdrawAsync(call.Work, Guid.Parse(key), clock.GetUtcNow(), cancellation);

    static async Task<Outcome<SeverityProposal>> ProposeAsync(
        ActivityCall call,
        Guid caseId,
        double severity,
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        // Locked: whoever decides meanwhile waits, and then finds the proposal.
        if (await CaseStore.LockAsync(call.Work, caseId, cancellation) is null)
            return new Outcome<SeverityProposal>.NotFound($"case {caseId}");
        var reason = call.Text("reason") ?? "";
        var refusal =
            SetSeverity.OffTheScale(
                severity is >= int.MinValue and <= int.MaxValue ? (int)severity : int.MaxValue
            ) ?? ReasonGiven.Missing("severity.proposal", reason);
        return refusal is not null
            ? new Outcome<SeverityProposal>.Declined(refusal)
            : new Outcome<SeverityProposal>.Done(
                await ProposalStore.InsertAsync(
                    call.Work,
                    caseId,
                    (int)severity,
                    reason,
                    now,
                    cancellation
                )
            );
    }
}
