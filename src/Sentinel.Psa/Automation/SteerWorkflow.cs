using Sentinel.Postgres;
using Sentinel.Postgres.Access;
using Sentinel.Psa.Audit;
using Sentinel.Workflows;

namespace Sentinel.Psa.Automation;

/// <summary>
/// A person cancels a workflow, has it try again where it failed, or has it go on in the newest version. What was
/// asked, by whom and why is in the case's story; a worker does it within a second, and its journal says where it
/// could not.
/// </summary>
public sealed class SteerWorkflow(
    SentinelDatabase database,
    WorkflowRequests requests,
    TimeProvider clock
)
{
    /// <summary>What waits is taken back and the workflow ends; the case stays as it is.</summary>
    public Task<Outcome<WorkflowOfCase>> CancelAsync(
        Secret secret,
        Guid instanceId,
        string reason,
        CancellationToken cancellation
    ) => AskAsync(secret, instanceId, "cancel", reason, cancellation);

    /// <summary>The activities that failed begin again, each as an execution of its own.</summary>
    public Task<Outcome<WorkflowOfCase>> RetryAsync(
        Secret secret,
        Guid instanceId,
        string reason,
        CancellationToken cancellation
    ) => AskAsync(secret, instanceId, "retry", reason, cancellation);

    /// <summary>
    /// It follows the version that new workflows start with, from where it stands. Refused with every reason where
    /// what it has begun or passed is drawn otherwise there.
    /// </summary>
    public Task<Outcome<WorkflowOfCase>> MigrateAsync(
        Secret secret,
        Guid instanceId,
        string reason,
        CancellationToken cancellation
    ) => AskAsync(secret, instanceId, "migrate", reason, cancellation);

    Task<Outcome<WorkflowOfCase>> AskAsync(
        Secret secret,
        Guid instanceId,
        string kind,
        string reason,
        CancellationToken cancellation
    ) =>
        AttemptStore.RunAsync(
            database.Psa,
            secret,
            new Deed($"workflow.{kind}", "workflow", instanceId, null),
            work => InAsync(work, kind, instanceId, reason, cancellation),
            cancellation
        );

    async Task<Outcome<WorkflowOfCase>> InAsync(
        PresentedTransaction work,
        string kind,
        Guid instanceId,
        string reason,
        CancellationToken cancellation
    )
    {
        var action = $"workflow.{kind}";
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
        var now = clock.GetUtcNow();
        if (await RequestAsync(work, found, kind, reason, now, cancellation) is { } why)
            return new Outcome<WorkflowOfCase>.Declined(
                new RuleRefusal(action, why, "see workflow show")
            );
        await WorkflowOfCaseStore.NoteRequestAsync(work, found, kind, reason, now, cancellation);
        return new Outcome<WorkflowOfCase>.Done(found);
    }

    /// <summary>Null where it is asked of the workflow; else why it would come to nothing.</summary>
    async Task<string?> RequestAsync(
        PresentedTransaction work,
        WorkflowOfCase found,
        string kind,
        string reason,
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        var isRetry = kind == "retry";
        if (
            isRetry
            && !await WorkflowOfCaseStore.HasFailedAsync(work, found.InstanceId, cancellation)
        )
            return "nothing of it has failed";
        if (!isRetry && found.EndedAt is not null && !(kind == "migrate" && found.HasFailed))
            return $"it has ended as {found.Status}";
        if (kind == "migrate")
            return await requests.MigrateAsync(
                work,
                found.InstanceId,
                reason,
                now,
                cancellation
            ) switch
            {
                MigrationOutcome.IsThere there => $"it follows version {there.Version}, the newest",
                MigrationOutcome.Cannot cannot =>
                    $"it cannot go on in version {cannot.Version}: {string.Join(' ', cannot.Obstacles)}",
                _ => null,
            };
        await WorkflowRequests.AskAsync(work, found.InstanceId, isRetry, reason, now, cancellation);
        return null;
    }
}
