using Sentinel.Postgres;
using Sentinel.Postgres.Access;
using Sentinel.Psa.Audit;
using Sentinel.Workflows;

namespace Sentinel.Psa.Automation;

/// <summary>
/// A person cancels a workflow, or has it try again where it failed. What was asked, by whom and why is in
/// the case's story; a worker does it within a second, and says where it could not.
/// </summary>
public sealed class SteerWorkflow(SentinelDatabase database, TimeProvider clock)
{
    /// <summary>What waits is taken back and the workflow ends; the case stays as it is.</summary>
    public Task<Outcome<WorkflowOfCase>> CancelAsync(
        Secret secret,
        Guid instanceId,
        string reason,
        CancellationToken cancellation
    ) => AskAsync(secret, instanceId, isRetry: false, reason, cancellation);

    /// <summary>The activities that failed begin again, each as an execution of its own.</summary>
    public Task<Outcome<WorkflowOfCase>> RetryAsync(
        Secret secret,
        Guid instanceId,
        string reason,
        CancellationToken cancellation
    ) => AskAsync(secret, instanceId, isRetry: true, reason, cancellation);

    Task<Outcome<WorkflowOfCase>> AskAsync(
        Secret secret,
        Guid instanceId,
        bool isRetry,
        string reason,
        CancellationToken cancellation
    )
    {
        var action = isRetry ? "workflow.retry" : "workflow.cancel";
        return AttemptStore.RunAsync(
            database.Psa,
            secret,
            new Deed(action, "workflow", instanceId, null),
            work => InAsync(work, action, instanceId, isRetry, reason, cancellation),
            cancellation
        );
    }

    async Task<Outcome<WorkflowOfCase>> InAsync(
        PresentedTransaction work,
        string action,
        Guid instanceId,
        bool isRetry,
        string reason,
        CancellationToken cancellation
    )
    {
        var refusal = await PermissionStore.UnlessPersonMayAsync(
            work,
            action,
            "case.open",
            cancellation
        );
        refusal ??= ReasonGiven.Missing(action, reason);
        if (refusal is not null)
            return new Outcome<WorkflowOfCase>.Declined(refusal);
        if (await WorkflowOfCaseStore.FindAsync(work, instanceId, cancellation) is not { } found)
            return new Outcome<WorkflowOfCase>.NotFound($"workflow {instanceId}");
        var hasFailed = await WorkflowOfCaseStore.HasFailedAsync(work, instanceId, cancellation);
        if (isRetry ? !hasFailed : found.EndedAt is not null)
            return Declined(
                action,
                isRetry ? "nothing of it has failed" : $"it has ended as {found.Status}"
            );
        var now = clock.GetUtcNow();
        await WorkflowOfCaseStore.NoteRequestAsync(
            work,
            found,
            isRetry ? "retry" : "cancel",
            reason,
            now,
            cancellation
        );
        await WorkflowRequests.AskAsync(work, instanceId, isRetry, reason, now, cancellation);
        return new Outcome<WorkflowOfCase>.Done(found);
    }

    static Outcome<WorkflowOfCase>.Declined Declined(string action, string reason) =>
        new(new RuleRefusal(action, reason, "see workflow show"));
}
