using Sentinel.Postgres;
using Sentinel.Postgres.Access;
using Sentinel.Psa.Audit;

namespace Sentinel.Psa.Automation;

/// <summary>Where one workflow stands, and every step that it took.</summary>
public sealed class ShowWorkflow(SentinelDatabase database)
{
    public async Task<Outcome<WorkflowStory>> RunAsync(
        Secret secret,
        Guid instanceId,
        CancellationToken cancellation
    )
    {
        await using var work = await PresentedTransaction.BeginAsync(
            database.Psa,
            secret,
            cancellation
        );
        if (await PermissionStore.LackingAsync(work, "case.read", cancellation) is { } refusal)
            return new Outcome<WorkflowStory>.Declined(refusal);
        if (await WorkflowOfCaseStore.FindAsync(work, instanceId, cancellation) is not { } found)
            return new Outcome<WorkflowStory>.NotFound($"workflow {instanceId}");
        return new Outcome<WorkflowStory>.Done(
            new WorkflowStory(
                found,
                await WorkflowOfCaseStore.JournalAsync(work, instanceId, cancellation),
                await WorkflowOfCaseStore.VariablesAsync(work, instanceId, cancellation)
            )
        );
    }
}
